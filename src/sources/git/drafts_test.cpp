#include "sources/git/drafts.h"

#include <gtest/gtest.h>

#include <string>

#include "store/languages.h"
#include "store/reindexing.h"

namespace lar::sources {
namespace {

const RepositoryContext repository{.source = {1}, .prefix = "vendor/x", .branch = "main"};

wire::Hunk hunk(std::uint32_t line, std::size_t bytes) {
    return {.old_line = line,
            .old_count = 1,
            .new_line = line,
            .new_count = 2,
            .heading = "int main()",
            .text = " same\n-old\n+" + std::string(bytes, 'x') + "\n"};
}

TEST(CommitDraft, TheMessageComesFirstAndEveryHunkKnowsItsFileAndLines) {
    wire::Commit commit{
        .commit = std::string(40, 'a'),
        .author = "Ana",
        .author_email = "ana@example.org",
        .time_us = 5,
        .offset_min = 60,
        .message = "Fix the pool\n\nIt leaked.\n",
        .files = {{.path = "src/pool.c", .added = 2, .deleted = 1, .hunks = {hunk(7, 10), hunk(40, 10)}},
                  {.kind = wire::ChangeKind::renamed, .path = "b.c", .old_path = "a.c"}}};
    const Draft draft = commit_draft(repository, commit);
    EXPECT_EQ(draft.document.path, commit.commit);
    EXPECT_EQ(draft.document.title, "Fix the pool");
    ASSERT_EQ(draft.passages.size(), 2U);
    EXPECT_TRUE(draft.passages[0].passage.text.starts_with(
        "Fix the pool\n\nIt leaked.\n\nmodified vendor/x/src/pool.c (+2 -1)\n"));
    EXPECT_TRUE(draft.passages[0].passage.text.contains("renamed vendor/x/b.c from vendor/x/a.c"));
    EXPECT_EQ(draft.passages[1].passage.path, "vendor/x/src/pool.c");
    EXPECT_EQ(draft.passages[1].passage.line_first, 7U);
    EXPECT_EQ(draft.passages[1].passage.line_last, 41U);
    EXPECT_EQ(draft.passages[1].passage.context, "Fix the pool · int main()");
    EXPECT_EQ(draft.passages[1].passage.ordinal, 1U);
}

// The store indexes again what it lost; searches must not notice.
void expect_indexed_alike(const Draft& draft) {
    for (const store::NewPassage& each : draft.passages) {
        const store::IndexedText again =
            store::indexed_again(draft.document, each.passage, store::language_of(draft.document, each.passage));
        EXPECT_EQ(again.title, each.indexed.title);
        EXPECT_EQ(again.path, each.indexed.path);
        EXPECT_EQ(again.context, each.indexed.context);
        EXPECT_EQ(again.body, each.indexed.body);
    }
}

TEST(CommitDraft, AMessageInAnotherLanguageIsStemmedAsThat) {
    const wire::Commit commit{
        .commit = std::string(40, 'a'),
        .author = "Ana",
        .message = "Die Häuser werden nicht mehr doppelt gezählt\n\nWir haben sie zweimal gelesen.",
        .files = {{.kind = wire::ChangeKind::modified, .path = "src/haus.cpp"}}};
    const Draft draft = commit_draft({}, commit);
    EXPECT_TRUE(draft.passages[0].indexed.title.contains("haus~de"));
    EXPECT_TRUE(draft.passages[0].indexed.body.ends_with(" ~ ~de")) << draft.passages[0].indexed.body;
    expect_indexed_alike(draft);
}

TEST(CommitDraft, ItsWordsAreTheSameWhenTheStoreMakesThemAgain) {
    wire::Commit commit{
        .commit = std::string(40, 'a'),
        .author = "Ana",
        .message = "Fix the pool\n\nIt leaked.\n\nmodified nothing else, she said",
        .files = {{.path = "src/pool.c", .added = 2, .deleted = 1, .hunks = {hunk(7, 10), hunk(40, 10)}},
                  {.kind = wire::ChangeKind::renamed, .path = "b.c", .old_path = "a.c"}}};
    expect_indexed_alike(commit_draft(repository, commit));
    for (std::uint32_t i = 0; i < limit_files_listed + 5; ++i)
        commit.files.push_back({.path = "many/" + std::to_string(i)});
    expect_indexed_alike(commit_draft(repository, commit));
    commit.files.clear();
    commit.message = "Say more\n\nand no less\n";
    expect_indexed_alike(commit_draft(repository, commit));
    expect_indexed_alike(
        stash_draft(repository, {.index = 1, .commit = std::string(40, 'e'), .message = "On main: half done"}));
    const wire::WorkingTree tree{.staged = {{.path = "x.c", .hunks = {hunk(1, 10)}}}, .unstaged = {{.path = "y.c"}}};
    for (const Draft& draft : working_tree_drafts(repository, tree, {9})) expect_indexed_alike(draft);
}

TEST(CommitDraft, LargeHunksGetPassagesOfTheirOwnUpToALimit) {
    wire::Commit commit{.commit = std::string(40, 'b'), .message = "m"};
    commit.files.resize(1);
    for (std::uint32_t i = 0; i < limit_hunk_passages + 10; ++i)
        commit.files[0].hunks.push_back(hunk(i * 10 + 1, hunk_passage_bytes));
    EXPECT_EQ(commit_draft(repository, commit).passages.size(), limit_hunk_passages);
}

TEST(CommitDraft, WhatLarignoreNamesIsNamedButNotQuoted) {
    RepositoryContext context{.source = {1}, .left_out = IgnoreRules::parse("/private/\n!keep.c\n*.c\n", ".larignore")};
    wire::Commit commit{.commit = std::string(40, 'd'), .message = "m"};
    for (const char* path : {"private/a.txt", "x.c", "x.h"})
        commit.files.push_back({.path = path, .hunks = {hunk(1, 10)}});
    const Draft draft = commit_draft(context, commit);
    ASSERT_EQ(draft.passages.size(), 2U);
    EXPECT_EQ(draft.passages[1].passage.path, "x.h");
    EXPECT_TRUE(draft.passages[0].passage.text.contains("private/a.txt"));
}

TEST(CommitDraft, ADeletionStillNamesALine) {
    wire::Commit commit{.commit = std::string(40, 'c'), .message = "m"};
    commit.files.push_back({.kind = wire::ChangeKind::deleted,
                            .path = "gone.c",
                            .hunks = {{.old_line = 1, .old_count = 3, .text = "-a\n-b\n-c\n"}}});
    const Draft draft = commit_draft(repository, commit);
    ASSERT_EQ(draft.passages.size(), 2U);
    EXPECT_EQ(draft.passages[1].passage.line_first, 1U);
    EXPECT_EQ(draft.passages[1].passage.line_last, 1U);
}

TEST(CommitDraft, AHunkLongerThanAPassageIsCutBetweenLinesAndEachPieceKnowsItsOwn) {
    wire::Commit commit{.commit = std::string(40, 'd'), .message = "m"};
    std::string text;
    for (int i = 0; i < 200; ++i) text += "+" + std::string(39, 'y') + "\n";
    commit.files.push_back(
        {.kind = wire::ChangeKind::added, .path = "new.c", .hunks = {{.new_line = 1, .new_count = 200, .text = text}}});
    const Draft draft = commit_draft(repository, commit);
    ASSERT_GE(draft.passages.size(), 5U);
    std::uint32_t next = 1;
    for (std::size_t i = 1; i < draft.passages.size(); ++i) {
        EXPECT_EQ(draft.passages[i].passage.line_first, next);
        EXPECT_TRUE(draft.passages[i].passage.text.starts_with("@@ -0,0 +" + std::to_string(next) + ","));
        next = draft.passages[i].passage.line_last + 1;
    }
    EXPECT_EQ(next, 201U);
}

TEST(CommitDraft, WhatIsASecretInTheTreeIsOneInHistory) {
    wire::Commit commit{.commit = std::string(40, 'e'), .message = "m"};
    commit.files.push_back({.path = "app/.env", .hunks = {hunk(1, 10)}});
    EXPECT_EQ(commit_draft(repository, commit).passages.size(), 1U);
}

TEST(WorkingTreeDrafts, WhatIsCleanMakesNoDocument) {
    wire::WorkingTree tree;
    EXPECT_TRUE(working_tree_drafts(repository, tree, {9}).empty());
    tree.unstaged.push_back({.path = "a.c", .hunks = {hunk(1, 3)}});
    const auto drafts = working_tree_drafts(repository, tree, {9});
    ASSERT_EQ(drafts.size(), 1U);
    EXPECT_EQ(drafts[0].document.path, "vendor/x/unstaged");
    EXPECT_EQ(drafts[0].document.time.us, 9);
}

TEST(BranchesDraft, NamesEveryBranchAndTheNewestTime) {
    wire::Opened opened{.head = "main",
                        .branches = {{.name = "main", .commit = std::string(40, 'a'), .head = true, .time_us = 10},
                                     {.name = "auth", .commit = std::string(40, 'b'), .time_us = 20}}};
    const auto subject_of = [](const std::string& commit) {
        return commit[0] == 'b' ? std::string("Check tokens") : std::string();
    };
    const auto draft = branches_draft(repository, opened, FixedZone(0), subject_of);
    ASSERT_TRUE(draft);
    EXPECT_TRUE(draft->passages[0].passage.text.contains("auth at bbbbbbbbbb of 1970-01-01: Check tokens"));
    EXPECT_EQ(draft->document.time.us, 20);
    EXPECT_TRUE(draft->passages[0].passage.text.contains("* main at aaaaaaaaaa of 1970-01-01"));
    EXPECT_FALSE(branches_draft(repository, {}, FixedZone(0), subject_of));
}

}  // namespace
}  // namespace lar::sources
