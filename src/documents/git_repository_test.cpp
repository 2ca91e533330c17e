#include "documents/git_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace lar::documents {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Repositories made by the real git, in a folder that goes away again.
class Git : public testing::Test {
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(prepare_git()); }
    void SetUp() override {
        if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "git is not installed";
        std::string pattern = testing::TempDir() + "lar-git-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        work_ = home_ / "work";
        std::filesystem::create_directory(work_);
        run("git init -q -b main .");
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }

    // A shell line in the work tree, at a fixed time that advances by a minute with each.
    void run(const std::string& line) {
        time_ += 60;
        const std::string environment =
            "export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=Ana "
            "GIT_AUTHOR_EMAIL=ana@example.org GIT_COMMITTER_NAME=Ben GIT_COMMITTER_EMAIL=ben@example.org "
            "GIT_AUTHOR_DATE='" +
            std::to_string(time_) + " +0130' GIT_COMMITTER_DATE='" + std::to_string(time_) + " +0000'; cd '" +
            work_.string() + "' && ";
        ASSERT_EQ(std::system(("{ " + environment + line + "; } >/dev/null 2>&1").c_str()), 0) << line;
    }
    void write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((work_ / name).parent_path());
        std::ofstream(work_ / name, std::ios::binary) << text;
    }
    void commit(const std::string& subject) { run("git add -A && git commit -q --allow-empty -m '" + subject + "'"); }

    wire::OpenRepository places() const {
        return {.id = 1,
                .work_tree = work_.string(),
                .git_dir = (work_ / ".git").string(),
                .common_dir = (work_ / ".git").string()};
    }
    static GitRepository opened(const wire::OpenRepository& places) {
        Result<GitRepository> repository = GitRepository::open(places);
        EXPECT_TRUE(repository) << repository.error().message;
        return std::move(*repository);
    }
    static Result<> go_on() { return {}; }

    struct History {
        std::vector<wire::Commit> commits;
        wire::Done done;
    };
    static History history(const GitRepository& repository, wire::ReadCommits request = {}) {
        History read;
        const Result<wire::Done> done = repository.read_commits(
            request,
            [&](wire::Commits&& batch) -> Result<> {
                EXPECT_LE(batch.commits.size(), wire::limit_commits_in_batch);
                std::ranges::move(batch.commits, std::back_inserter(read.commits));
                return {};
            },
            go_on);
        EXPECT_TRUE(done) << done.error().message;
        if (done) read.done = *done;
        return read;
    }
    static std::vector<std::string> subjects(const History& history) {
        std::vector<std::string> lines;
        for (const wire::Commit& commit : history.commits)
            lines.push_back(commit.message.substr(0, commit.message.find('\n')));
        return lines;
    }
    static const wire::FileChange* change(const std::vector<wire::FileChange>& files, const std::string& path) {
        const auto found = std::ranges::find(files, path, &wire::FileChange::path);
        return found == files.end() ? nullptr : &*found;
    }

    std::filesystem::path home_;
    std::filesystem::path work_;
    long time_ = 1'700'000'000;
};

TEST_F(Git, CommitsComeNewestFirstWithAuthorTimeMessageAndHunks) {
    write("a.cpp", "int one() {\n    return 1;\n}\n");
    commit("first");
    write("a.cpp", "int one() {\n    return 2;\n}\n");
    commit("second\n\nbecause");
    const History read = history(opened(places()));
    ASSERT_EQ(read.commits.size(), 2U);
    const wire::Commit& second = read.commits[0];
    EXPECT_EQ(second.message, "second\n\nbecause\n");
    EXPECT_EQ(second.author, "Ana");
    EXPECT_EQ(second.author_email, "ana@example.org");
    EXPECT_EQ(second.time_us, time_ * 1'000'000);
    EXPECT_EQ(second.offset_min, 90);
    EXPECT_THAT(second.parents, ElementsAre(read.commits[1].commit));
    ASSERT_EQ(second.files.size(), 1U);
    const wire::FileChange& file = second.files[0];
    EXPECT_EQ(file.path, "a.cpp");
    EXPECT_EQ(file.kind, wire::ChangeKind::modified);
    EXPECT_EQ(file.added, 1U);
    EXPECT_EQ(file.deleted, 1U);
    ASSERT_EQ(file.hunks.size(), 1U);
    EXPECT_EQ(file.hunks[0].text, " int one() {\n-    return 1;\n+    return 2;\n }\n");
    EXPECT_EQ(file.hunks[0].new_line, 1U);
    EXPECT_EQ(file.hunks[0].new_count, 3U);
    EXPECT_EQ(read.commits[1].files[0].kind, wire::ChangeKind::added);
    EXPECT_FALSE(read.done.rewritten);
}

TEST_F(Git, AHunkNamesTheFunctionAroundIt) {
    std::string text = "int before() {\n";
    for (int i = 0; i < 20; ++i) text += "    call(" + std::to_string(i) + ");\n";
    write("a.c", text + "}\n");
    commit("first");
    text.replace(text.find("call(15)"), 8, "call(99)");
    write("a.c", text + "}\n");
    commit("second");
    EXPECT_EQ(history(opened(places())).commits[0].files[0].hunks[0].heading, "int before() {");
}

TEST_F(Git, RenamesAreSeenDeletionsAndBinariesMarked) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "line " + std::to_string(i) + "\n";
    write("old.txt", text);
    write("gone.txt", "x\n");
    write("picture", std::string("\0\1\2\3", 4));
    commit("first");
    run("git mv old.txt new.txt && git rm -q gone.txt");
    write("new.txt", text + "more\n");
    write("picture", std::string("\0\1\2\4", 4));
    commit("second");
    const History read = history(opened(places()));
    const std::vector<wire::FileChange>& files = read.commits[0].files;
    ASSERT_TRUE(change(files, "new.txt"));
    EXPECT_EQ(change(files, "new.txt")->kind, wire::ChangeKind::renamed);
    EXPECT_EQ(change(files, "new.txt")->old_path, "old.txt");
    EXPECT_EQ(change(files, "gone.txt")->kind, wire::ChangeKind::deleted);
    EXPECT_TRUE(change(files, "picture")->binary);
    EXPECT_TRUE(change(files, "picture")->hunks.empty());
}

TEST_F(Git, AMergeBringsTheNamesOfItsFirstParentsSideOnly) {
    write("base", "1\n");
    commit("base");
    run("git checkout -q -b topic");
    write("topic", "1\n");
    commit("on topic");
    run("git checkout -q main");
    write("trunk", "1\n");
    commit("on main");
    run("git merge -q --no-ff -m merged topic");
    const History read = history(opened(places()));
    const wire::Commit& merge = read.commits[0];
    EXPECT_EQ(merge.parents.size(), 2U);
    ASSERT_EQ(merge.files.size(), 1U);
    EXPECT_EQ(merge.files[0].path, "topic");
    EXPECT_TRUE(merge.files[0].hunks.empty());
    EXPECT_EQ(read.commits.size(), 4U);
}

TEST_F(Git, OnlyCommitsSinceTheKnownOnesAreReadAndARewriteIsNoticed) {
    for (const char* subject : {"1", "2", "3", "4"}) commit(subject);
    const History all = history(opened(places()));
    const std::string second = all.commits[2].commit;
    const std::string fourth = all.commits[0].commit;
    const History since = history(opened(places()), {.have = {second}});
    EXPECT_THAT(subjects(since), ElementsAre("4", "3"));
    EXPECT_FALSE(since.done.rewritten);
    EXPECT_THAT(subjects(history(opened(places()), {.limit = 1})), ElementsAre("4"));

    run("git reset -q --hard HEAD~1");
    commit("4 again");
    const History rewritten = history(opened(places()), {.have = {fourth}});
    EXPECT_TRUE(rewritten.done.rewritten);
    EXPECT_THAT(subjects(rewritten), ElementsAre("4 again"));
    EXPECT_TRUE(history(opened(places()), {.have = {std::string(40, '1')}}).done.rewritten);
}

TEST_F(Git, TheGraphAloneBringsParentsWithoutMessagesOrChanges) {
    write("a", "1\n");
    commit("1");
    write("a", "2\n");
    commit("2");
    const History read = history(opened(places()), {.graph_only = true});
    ASSERT_EQ(read.commits.size(), 2U);
    EXPECT_THAT(read.commits[0].parents, ElementsAre(read.commits[1].commit));
    EXPECT_EQ(read.commits[0].time_us, time_ * 1'000'000);
    EXPECT_EQ(read.commits[0].message, "");
    EXPECT_TRUE(read.commits[0].files.empty());
    EXPECT_FALSE(read.commits[0].files_cut);
}

TEST_F(Git, ReachableNamesEveryCommitOfEveryBranch) {
    commit("1");
    run("git checkout -q -b side");
    commit("2");
    run("git checkout -q main");
    commit("3");
    std::vector<std::string> ids;
    ASSERT_TRUE(opened(places()).read_reachable(
        1,
        [&](wire::Reachable&& batch) -> Result<> {
            std::ranges::move(batch.commits, std::back_inserter(ids));
            return {};
        },
        go_on));
    EXPECT_EQ(ids.size(), 3U);
}

TEST_F(Git, AnUnbornADetachedAndABareRepositoryOpen) {
    const Result<wire::Opened> unborn = opened(places()).describe(1);
    ASSERT_TRUE(unborn) << unborn.error().message;
    EXPECT_EQ(unborn->head_commit, "");
    EXPECT_EQ(unborn->head, "");
    EXPECT_TRUE(history(opened(places())).commits.empty());
    EXPECT_TRUE(opened(places()).read_working_tree(1, go_on));

    commit("1");
    commit("2");
    const Result<wire::Opened> born = opened(places()).describe(1);
    EXPECT_EQ(born->head, "main");
    ASSERT_EQ(born->branches.size(), 1U);
    EXPECT_TRUE(born->branches[0].head);
    EXPECT_EQ(born->branches[0].time_us, time_ * 1'000'000);
    run("git checkout -q HEAD~1");
    EXPECT_EQ(opened(places()).describe(1)->head, "");
    EXPECT_NE(opened(places()).describe(1)->head_commit, "");

    run("git clone -q --bare . ../bare.git");
    const std::string bare = (home_ / "bare.git").string();
    const GitRepository repository = opened({.git_dir = bare, .common_dir = bare});
    EXPECT_EQ(history(repository).commits.size(), 2U);
    const Result<wire::WorkingTree> tree = repository.read_working_tree(1, go_on);
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_TRUE(tree->unstaged.empty());
}

TEST_F(Git, UncommittedWorkIsStagedUnstagedAndUntrackedWithoutTheIgnored) {
    write("a", "1\n");
    write("b", "1\n");
    write(".gitignore", "*.o\n");
    commit("1");
    write("a", "2\n");
    run("git add a");
    write("b", "2\n");
    write("new/deep/file", "text\n");
    write("junk.o", "x\n");
    const Result<wire::WorkingTree> tree = opened(places()).read_working_tree(7, go_on);
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_EQ(tree->id, 7U);
    ASSERT_EQ(tree->staged.size(), 1U);
    EXPECT_EQ(tree->staged[0].hunks[0].text, "-1\n+2\n");
    ASSERT_EQ(tree->unstaged.size(), 2U);
    EXPECT_EQ(change(tree->unstaged, "b")->hunks.size(), 1U);
    ASSERT_TRUE(change(tree->unstaged, "new/deep/file"));
    EXPECT_EQ(change(tree->unstaged, "new/deep/file")->kind, wire::ChangeKind::untracked);
    EXPECT_TRUE(change(tree->unstaged, "new/deep/file")->hunks.empty());
    EXPECT_FALSE(tree->cut);
}

TEST_F(Git, ManyUntrackedFilesAreCutAndSaidSo) {
    for (std::size_t i = 0; i < limit_untracked + 5; ++i) write("u" + std::to_string(i), "");
    const Result<wire::WorkingTree> tree = opened(places()).read_working_tree(1, go_on);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->unstaged.size(), limit_untracked);
    EXPECT_TRUE(tree->cut);
}

TEST_F(Git, StashesComeWithTheirChanges) {
    write("a", "1\n");
    commit("1");
    write("a", "2\n");
    run("git stash push -q -m 'half done'");
    const Result<wire::WorkingTree> tree = opened(places()).read_working_tree(1, go_on);
    ASSERT_TRUE(tree) << tree.error().message;
    ASSERT_EQ(tree->stashes.size(), 1U);
    EXPECT_THAT(tree->stashes[0].message, HasSubstr("half done"));
    EXPECT_EQ(tree->stashes[0].files[0].hunks[0].text, "-1\n+2\n");
    EXPECT_EQ(tree->stashes[0].time_us, time_ * 1'000'000);
}

TEST_F(Git, ALinkedWorkTreeAndASubmoduleOpenAsThemselves) {
    write("a", "1\n");
    commit("1");
    run("git worktree add -q -b linked ../linked");
    const std::string common = (work_ / ".git").string();
    const GitRepository linked = opened(
        {.work_tree = (home_ / "linked").string(), .git_dir = common + "/worktrees/linked", .common_dir = common});
    EXPECT_EQ(linked.describe(1)->head, "linked");
    std::ofstream(home_ / "linked" / "a") << "2\n";
    const Result<wire::WorkingTree> tree = linked.read_working_tree(1, go_on);
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_EQ(tree->unstaged.size(), 1U);

    run("git clone -q . ../other && git -c protocol.file.allow=always submodule add -q ../other inner && git commit -q "
        "-m submodule");
    const std::string inner = common + "/modules/inner";
    const GitRepository submodule =
        opened({.work_tree = (work_ / "inner").string(), .git_dir = inner, .common_dir = inner});
    EXPECT_THAT(subjects(history(submodule)), ElementsAre("1"));
    EXPECT_TRUE(submodule.read_working_tree(1, go_on)->unstaged.empty());
    const History outer = history(opened(places()));
    EXPECT_TRUE(change(outer.commits[0].files, "inner"));
}

TEST_F(Git, AShallowClonesLastCommitDoesNotClaimToHaveAddedEverything) {
    write("a", "1\n");
    commit("1");
    write("b", "1\n");
    commit("2");
    write("c", "1\n");
    commit("3");
    run("git clone -q --depth 2 \"file://$PWD\" ../shallow");
    const std::string shallow = (home_ / "shallow").string();
    const History read =
        history(opened({.work_tree = shallow, .git_dir = shallow + "/.git", .common_dir = shallow + "/.git"}));
    ASSERT_THAT(subjects(read), ElementsAre("3", "2"));
    EXPECT_EQ(read.commits[0].files.size(), 1U);
    EXPECT_TRUE(read.commits[1].files.empty());
    EXPECT_TRUE(read.commits[1].files_cut);
}

TEST_F(Git, APartialCloneReadsWhatItHas) {
    write("a", "1\n");
    commit("1");
    write("a", "2\n");
    commit("2");
    run("git config uploadpack.allowFilter true && git clone -q --filter=blob:none --no-checkout \"file://$PWD\" "
        "../partial");
    const std::string partial = (home_ / "partial").string();
    const History read =
        history(opened({.work_tree = partial, .git_dir = partial + "/.git", .common_dir = partial + "/.git"}));
    ASSERT_EQ(read.commits.size(), 2U);
    EXPECT_EQ(read.commits[0].files.size(), 1U);
    EXPECT_TRUE(read.commits[0].files_cut);
}

TEST_F(Git, ACorruptCommitFailsAndIsNoCrash) {
    for (const char* subject : {"1", "2", "3"}) commit(subject);
    const History read = history(opened(places()));
    const std::string id = read.commits[1].commit;
    const std::filesystem::path object = work_ / ".git/objects" / id.substr(0, 2) / id.substr(2);
    std::filesystem::permissions(object, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    std::ofstream(object, std::ios::binary) << "this is no object";
    const Result<wire::Done> done =
        opened(places()).read_commits({}, [](wire::Commits&&) -> Result<> { return {}; }, go_on);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::corrupt) << done.error().message;
}

TEST_F(Git, ACorruptFileCostsItsCommitOnlyTheHunks) {
    write("a", "1\n");
    commit("1");
    write("a", "some other text\n");
    commit("2");
    run("git rev-parse HEAD:a | sed 's|^\\(..\\)|.git/objects/\\1/|' | xargs -I{} sh -c 'chmod u+w {} && echo broken > "
        "{}'");
    const History read = history(opened(places()));
    ASSERT_EQ(read.commits.size(), 2U);
    EXPECT_TRUE(read.commits[0].files_cut);
    EXPECT_EQ(read.commits[0].files[0].path, "a");
}

TEST_F(Git, WhatIsNoRepositoryOrOfAnotherFormatIsRefusedInASentence) {
    EXPECT_FALSE(
        GitRepository::open({.work_tree = home_.string(), .git_dir = home_.string(), .common_dir = home_.string()}));
    run("git init -q --object-format=sha256 ../sha256");
    const std::string other = (home_ / "sha256").string();
    const Result<GitRepository> sha256 =
        GitRepository::open({.work_tree = other, .git_dir = other + "/.git", .common_dir = other + "/.git"});
    ASSERT_FALSE(sha256);
    EXPECT_THAT(sha256.error().message, HasSubstr("cannot be read"));
}

TEST_F(Git, AHugeChangeIsCutToItsLimitsAndSaysSo) {
    std::string large;
    for (int i = 0; i < 30'000; ++i) large += "a line with some words in it, number " + std::to_string(i) + "\n";
    write("large", large);
    for (std::size_t i = 0; i < wire::limit_files_in_change + 10; ++i)
        write("many/" + std::to_string(i), large.substr(0, 2000));
    commit("everything");
    const History read = history(opened(places()));
    const wire::Commit& commit = read.commits[0];
    EXPECT_TRUE(commit.files_cut);
    EXPECT_LE(commit.files.size(), wire::limit_files_in_change);
    std::size_t bytes = 0;
    for (const wire::FileChange& file : commit.files)
        for (const wire::Hunk& hunk : file.hunks) {
            EXPECT_LE(hunk.text.size(), wire::limit_hunk_bytes);
            bytes += hunk.text.size();
        }
    EXPECT_LE(bytes, wire::limit_change_bytes);
    ASSERT_TRUE(change(commit.files, "large"));
    EXPECT_TRUE(change(commit.files, "large")->binary);  // over the size that is compared
}

TEST_F(Git, BytesThatAreNotTextBecomeText) {
    write("latin", "caf\xe9 cr\xe8me\n");
    run("git add -A && printf 'caf\\351\\n' | git -c i18n.commitEncoding=latin1 commit -q -F -");
    const History read = history(opened(places()));
    EXPECT_EQ(read.commits[0].files[0].hunks[0].text, "+caf\xEF\xBF\xBD cr\xEF\xBF\xBDme\n");
}

TEST_F(Git, TheRepositorysOwnConfigurationCannotLeadElsewhereOrFail) {
    write("a", "1\n");
    commit("1");
    run("git config include.path /etc/shadow; git config core.excludesFile /nonexistent/ignore; "
        "git config core.worktree /etc; git config core.fsmonitor /bin/false; git config filter.x.clean false; echo '* "
        "filter=x' > .gitattributes");
    const Result<wire::WorkingTree> tree = opened(places()).read_working_tree(1, go_on);
    ASSERT_TRUE(tree) << tree.error().message;
    ASSERT_EQ(tree->unstaged.size(), 1U);
    EXPECT_EQ(tree->unstaged[0].path, ".gitattributes");
}

TEST_F(Git, AnInterruptionBetweenCommitsEndsTheRequestWithItsReason) {
    for (int i = 0; i < 5; ++i) commit(std::to_string(i));
    int turns = 0;
    const Result<wire::Done> done = opened(places()).read_commits(
        {}, [](wire::Commits&&) -> Result<> { return {}; },
        [&]() -> Result<> { return ++turns < 3 ? Result<>() : fail(Code::unavailable, "cancelled"); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::unavailable);
    EXPECT_EQ(turns, 3);
}

}  // namespace
}  // namespace lar::documents
