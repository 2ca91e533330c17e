#include "ingest/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/format.h"
#include "ingest/fixture.h"

namespace lar::ingest {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
T must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
}

class IngestTest : public testing::Test {
protected:
    void start(Ingest::Options options = {.watch = false}) {
        ingest_ = must(Ingest::start(store_, repositories_, readers_, clock_, zone_, std::move(options),
                                     [this](const wire::ApiJob&) {
                                         const std::lock_guard lock(mutex_);
                                         changed_.notify_all();
                                     }));
    }
    // Looks again whenever a job changes, and now and then, because what watching does is no job.
    template <class Condition>
    bool eventually(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        std::unique_lock lock(mutex_);
        for (;;) {
            lock.unlock();
            if (condition()) return true;
            lock.lock();
            if (std::chrono::steady_clock::now() > deadline) return false;
            changed_.wait_for(lock, 20ms);
        }
    }
    bool settled() {
        return eventually([&] { return ingest_->idle(); });
    }
    void add(const fs::path& path, const std::string& name = {}) {
        const auto added = ingest_->add({.location = path.string(), .name = name});
        ASSERT_TRUE(added) << added.error().message;
        ASSERT_TRUE(settled());
    }
    void sync(const std::string& name) {
        must(ingest_->sync(name));
        ASSERT_TRUE(settled());
    }
    std::vector<std::string> paths(store::DocumentKind kind = store::DocumentKind::file,
                                   const std::string& name = "notes") {
        std::vector<std::string> paths;
        for (const store::Document& document : documents(kind, name)) paths.push_back(document.path);
        return paths;
    }
    std::vector<store::Document> documents(store::DocumentKind kind = store::DocumentKind::file,
                                           const std::string& name = "notes") {
        auto reader = must(store_.reader());
        const auto source = must(reader.source_named(name));
        if (!source) return {};
        return must(reader.documents(source->id, kind, "", 1000));
    }
    store::Source source(const std::string& name = "notes") {
        auto reader = must(store_.reader());
        return *must(reader.source_named(name));
    }
    std::string text_of(const store::Document& document) {
        auto reader = must(store_.reader());
        std::string text;
        for (const auto& placed : must(reader.passages_of(document.id, 100))) text += placed.passage.text + "\n";
        return text;
    }

    SystemClock clock_;
    FixedZone zone_{60};
    store::Store store_ = must(store::Store::open({}, clock_));
    FakeRepositories repositories_;
    FakeReaders readers_;
    Folder folder_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<Ingest> ingest_;  // last: it ends first
};

TEST_F(IngestTest, ASyncAddsChangesMovesAndRemovesWhatChangedOnDisk) {
    folder_.write("a.md", "# A\n\nfirst text\n");
    folder_.write("sub/b.c", "int b;\n");
    folder_.write("c.txt", "stays\n");
    start();
    add(folder_.path(), "notes");
    EXPECT_THAT(paths(), ElementsAre("a.md", "c.txt", "sub/b.c"));
    const auto before = documents();
    EXPECT_EQ(before[0].title, "A");
    EXPECT_EQ(before[0].time.offset_min, 60);

    folder_.write("a.md", "# A\n\nsecond and longer text\n");
    fs::rename(folder_.path() / "sub/b.c", folder_.path() / "renamed.c");
    fs::remove(folder_.path() / "c.txt");
    folder_.write("new.py", "x = 1\n");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre("a.md", "new.py", "renamed.c"));
    const auto after = documents();
    EXPECT_THAT(text_of(after[0]), HasSubstr("second"));
    EXPECT_EQ(after[0].uuid, before[0].uuid);
    EXPECT_EQ(after[2].uuid, before[2].uuid) << "a renamed file is the same document";
    EXPECT_EQ(after[2].title, "renamed.c");
}

TEST_F(IngestTest, AnEditOfTheSameSizeWithinTheSameTickIsSeen) {
    folder_.write("a.txt", "one\n");
    start();
    add(folder_.path(), "notes");
    const auto time = fs::last_write_time(folder_.path() / "a.txt");
    folder_.write("a.txt", "two\n");
    fs::last_write_time(folder_.path() / "a.txt", time);
    sync("notes");
    EXPECT_EQ(text_of(documents()[0]), "two\n");
}

TEST_F(IngestTest, AChangedRuleTakesFilesOutAndBringsThemBack) {
    folder_.write("a.log", "text\n");
    folder_.write("b.txt", "text too\n");
    start();
    add(folder_.path(), "notes");
    folder_.write(".larignore", "*.log\n");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre(".larignore", "b.txt"));
    const auto why = must(ingest_->why(folder_.path() / "a.log"));
    EXPECT_FALSE(why.included);
    EXPECT_EQ(why.reason, "ignored");
    EXPECT_THAT(why.detail, HasSubstr("*.log (.larignore, line 1)"));
    EXPECT_EQ(must(ingest_->sources()).sources[0].left_out[0].reason, "ignored");
    fs::remove(folder_.path() / ".larignore");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre("a.log", "b.txt"));
    EXPECT_EQ(must(ingest_->why(folder_.path() / "a.log")).reason, "indexed");
}

TEST_F(IngestTest, ASecondSyncOfAnUnchangedTreeWritesNoDocument) {
    for (int i = 0; i < 300; ++i) folder_.write(lar::format("d{}/f{}.txt", i % 7, i), lar::format("text {}\n", i));
    start();
    add(folder_.path(), "notes");
    const auto before = documents();
    sync("notes");
    const auto after = documents();
    ASSERT_EQ(before.size(), 300U);
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].id, after[i].id);
}

TEST_F(IngestTest, ASourceWhoseRootIsGoneIsPausedAndComesBack) {
    folder_.write("root/a.txt", "text\n");
    start();
    add(folder_.path() / "root", "notes");
    fs::rename(folder_.path() / "root", folder_.path() / "elsewhere");
    sync("notes");
    EXPECT_EQ(source().state, store::SourceState::paused);
    EXPECT_THAT(paths(), ElementsAre("a.txt"));
    EXPECT_THAT(ingest_->problems(), Contains(HasSubstr("is not there")));
    fs::create_directory(folder_.path() / "root");  // a mount point without its disk
    sync("notes");
    EXPECT_EQ(source().state, store::SourceState::paused);
    EXPECT_THAT(paths(), ElementsAre("a.txt"));
    fs::remove(folder_.path() / "root");
    fs::rename(folder_.path() / "elsewhere", folder_.path() / "root");
    sync("notes");
    EXPECT_EQ(source().state, store::SourceState::ready);
    EXPECT_THAT(ingest_->problems(), IsEmpty());
}

TEST_F(IngestTest, WhatOverlapsOrIsNotThereIsRefusedWithASentence) {
    folder_.write("project/src/a.c", "int a;\n");
    start({.watch = false, .private_folders = {(folder_.path() / "lar").string()}});
    add(folder_.path() / "project/src");
    EXPECT_EQ(must(ingest_->sources()).sources[0].name, "src");
    EXPECT_EQ(ingest_->add({.location = (folder_.path() / "project/src").string()}).error().code, Code::conflict);
    EXPECT_THAT(ingest_->add({.location = (folder_.path() / "project").string()}).error().message,
                HasSubstr("holds the source 'src'"));
    EXPECT_THAT(ingest_->add({.location = (folder_.path() / "project/src/a.c").string()}).error().message,
                HasSubstr("part of the source 'src'"));
    EXPECT_EQ(ingest_->add({.location = "/not/there"}).error().code, Code::not_found);
    EXPECT_EQ(ingest_->add({.location = "relative"}).error().code, Code::invalid);
    EXPECT_EQ(ingest_->add({.location = "/"}).error().code, Code::invalid);
    EXPECT_EQ(ingest_->add({.location = "/proc"}).error().code, Code::invalid);
    fs::create_directory(folder_.path() / "lar");
    EXPECT_EQ(ingest_->add({.location = (folder_.path() / "lar").string()}).error().code, Code::invalid);
    fs::create_directories(folder_.path() / "other/src");
    EXPECT_EQ(must(ingest_->add({.location = (folder_.path() / "other/src").string()})).name, "src-2");
}

TEST_F(IngestTest, PushedDocumentsAreKeptUnderTheCallersIds) {
    start();
    must(ingest_->add({.location = "pushed:feed"}));
    const auto pushed =
        must(ingest_->push("feed", {{{.id = "1", .title = "One", .text = "first"},
                                     {.id = "2", .title = "Only a title", .time = "2026-01-02T03:04:05Z"}}}));
    EXPECT_EQ(pushed.documents, 2U);
    EXPECT_EQ(pushed.passages, 2U);
    must(ingest_->push("feed", {{{.id = "1", .title = "One", .text = "second"}}}));
    const auto stored = documents(store::DocumentKind::pushed, "feed");
    ASSERT_EQ(stored.size(), 2U);
    EXPECT_EQ(text_of(stored[0]), "second\n");
    EXPECT_EQ(to_rfc3339(stored[1].time), "2026-01-02T03:04:05+00:00");
    EXPECT_EQ(ingest_->push("none", {}).error().code, Code::not_found);
    EXPECT_EQ(ingest_->sync("feed").error().code, Code::invalid);
}

TEST_F(IngestTest, ForgettingRemovesEverythingOfTheSource) {
    folder_.write("a.txt", "a text that is long enough to be looked for afterwards\n");
    start();
    add(folder_.path(), "notes");
    const auto forgotten = must(ingest_->forget("notes", true));
    EXPECT_EQ(forgotten.documents, 1U);
    EXPECT_TRUE(forgotten.proved);
    EXPECT_THAT(must(ingest_->sources()).sources, IsEmpty());
    EXPECT_EQ(ingest_->forget("notes", false).error().code, Code::not_found);
}

// Keeps what it was told, and finds what it is told to find.
class FakeDerived final : public Derived {
public:
    Result<Erased> retain(std::span<const store::PassageRange> passages) override {
        live.assign(passages.begin(), passages.end());
        return Erased{.looked_at = {"looked"}, .remains = remains, .pieces = {"the bytes of a vector"}};
    }
    Result<std::vector<std::string>> find_remains(std::span<const std::string> pieces) override {
        looked_for.assign(pieces.begin(), pieces.end());
        return found;
    }
    std::vector<store::PassageRange> live;
    std::vector<std::string> remains, found, looked_for;
};

TEST_F(IngestTest, ForgettingTakesAlongWhatWasMadeFromPassagesAndLooksForItsBytes) {
    folder_.write("a/a.txt", "a text that is long enough to be looked for afterwards\n");
    folder_.write("b/b.txt", "this one stays\n");
    FakeDerived derived;
    start({.watch = false, .derived = &derived});
    add(folder_.path() / "a", "notes");
    add(folder_.path() / "b", "others");
    const auto forgotten = must(ingest_->forget("notes", true));
    EXPECT_TRUE(forgotten.proved);
    EXPECT_THAT(forgotten.proof, Contains("looked"));
    EXPECT_THAT(derived.looked_for, ElementsAre(HasSubstr("long enough to be looked for"), "the bytes of a vector"));
    EXPECT_THAT(derived.live, ElementsAre(store::PassageRange{2, 3}));
}

TEST_F(IngestTest, AVectorThatIsLeftIsNoProof) {
    folder_.write("a.txt", "a text that is long enough to be looked for afterwards\n");
    FakeDerived derived;
    derived.remains = {"1 vector of what is gone is still there"};
    derived.found = {"vectors/1.vectors, byte 4: 48 bytes of what is gone"};
    start({.watch = false, .derived = &derived});
    add(folder_.path(), "notes");
    const auto forgotten = must(ingest_->forget("notes", true));
    EXPECT_FALSE(forgotten.proved);
    EXPECT_THAT(forgotten.proof, ElementsAre(HasSubstr("still there"), HasSubstr("1.vectors")));
}

// ---- history ----

class HistoryTest : public IngestTest {
protected:
    void SetUp() override {
        folder_.make_repository(".");
        folder_.write("a.c", "int a;\n");
        recorded_.opened = {.head = "main",
                            .head_commit = commit_id('b'),
                            .branches = {{.name = "main", .commit = commit_id('b'), .head = true, .time_us = 5}}};
        recorded_.commits = {commit('b', {'a'}, "Second\n"), commit('a', {}, "First\n")};
        keep();
    }
    void keep() { repositories_.record(folder_.path(), recorded_); }
    Recorded recorded_;
};

TEST_F(HistoryTest, ARepositoryBringsItsCommitsBranchesStashesAndUncommittedDiff) {
    recorded_.tree.unstaged = {{.path = "a.c", .hunks = {{.new_line = 1, .new_count = 1, .text = "+int a;\n"}}}};
    recorded_.tree.stashes = {{.index = 0, .commit = commit_id('5'), .message = "half done"}};
    keep();
    start();
    add(folder_.path(), "notes");
    EXPECT_THAT(paths(store::DocumentKind::commit), ElementsAre(commit_id('a'), commit_id('b')));
    EXPECT_THAT(paths(store::DocumentKind::working_tree), ElementsAre("unstaged"));
    EXPECT_THAT(paths(store::DocumentKind::stash), ElementsAre("stash/" + commit_id('5')));
    EXPECT_THAT(text_of(documents(store::DocumentKind::branch)[0]),
                HasSubstr("* main at bbbbbbbbbb of 1970-01-01: Second"));
    EXPECT_EQ(source().detail, "git, branch main");
    EXPECT_EQ(must(ingest_->sources()).sources[0].commits, 2U);
    recorded_.tree = {};
    keep();
    sync("notes");
    EXPECT_THAT(paths(store::DocumentKind::working_tree), IsEmpty());
    EXPECT_THAT(paths(store::DocumentKind::stash), IsEmpty());
}

TEST_F(HistoryTest, OnlyNewCommitsAreReadAndThoseLeftBehindByARewriteAreRemoved) {
    start();
    add(folder_.path(), "notes");
    EXPECT_EQ(repositories_.commits_read(), 2);
    sync("notes");
    EXPECT_EQ(repositories_.commits_read(), 2);
    recorded_.commits.insert(recorded_.commits.begin(), commit('c', {'b'}, "Third\n"));
    recorded_.opened.branches[0].commit = recorded_.opened.head_commit = commit_id('c');
    keep();
    sync("notes");
    EXPECT_EQ(repositories_.commits_read(), 3);
    recorded_.commits = {commit('d', {'a'}, "Second, amended\n"), commit('a', {}, "First\n")};
    recorded_.opened.branches[0].commit = recorded_.opened.head_commit = commit_id('d');
    keep();
    sync("notes");
    EXPECT_THAT(paths(store::DocumentKind::commit), ElementsAre(commit_id('a'), commit_id('d')));
}

TEST_F(HistoryTest, ABranchHoldsWhatTheMainOneHasNot) {
    recorded_.commits.insert(recorded_.commits.begin(), commit('c', {'a'}, "Check tokens\n"));
    recorded_.opened.branches.push_back({.name = "auth", .commit = commit_id('c'), .time_us = 9});
    keep();
    start();
    add(folder_.path(), "notes");
    auto reader = must(store_.reader());
    EXPECT_THAT(must(reader.branches(source().id)), ElementsAre("auth"));
    const auto latest = must(reader.latest_documents({.kinds = {store::DocumentKind::commit}, .branch = "auth"}, 10));
    ASSERT_EQ(latest.size(), 1U);
    EXPECT_EQ(latest[0].title, "Check tokens");
}

TEST_F(HistoryTest, ANestedRepositoryPutsItsPathBeforeItsFiles) {
    folder_.make_repository("vendor/x");
    folder_.write("vendor/x/b.c", "int b;\n");
    Recorded nested{.opened = {.head = "main",
                               .head_commit = commit_id('e'),
                               .branches = {{.name = "main", .commit = commit_id('e'), .head = true}}},
                    .commits = {commit('e', {}, "Nested\n")}};
    repositories_.record(folder_.path() / "vendor/x", nested);
    start();
    add(folder_.path(), "notes");
    EXPECT_THAT(paths(store::DocumentKind::branch), ElementsAre("branches", "vendor/x/branches"));
    auto reader = must(store_.reader());
    const auto document = must(reader.document_at(source().id, store::DocumentKind::commit, commit_id('e')));
    EXPECT_EQ(must(reader.passages_of(document->id, 10))[1].passage.path, "vendor/x/a.c");
    fs::remove_all(folder_.path() / "vendor");
    sync("notes");
    EXPECT_THAT(paths(store::DocumentKind::branch), ElementsAre("branches"));
    EXPECT_THAT(paths(store::DocumentKind::commit), ElementsAre(commit_id('a'), commit_id('b')));
}

TEST_F(HistoryTest, ARepositoryThatCannotBeReadIsSaidAndKeepsWhatIsKnownOfIt) {
    start();
    add(folder_.path(), "notes");
    recorded_.broken = true;
    keep();
    sync("notes");
    EXPECT_THAT(ingest_->problems(), Contains(HasSubstr("its objects are damaged")));
    EXPECT_EQ(paths(store::DocumentKind::commit).size(), 2U);
    EXPECT_THAT(paths(), ElementsAre("a.c"));
    EXPECT_EQ(must(ingest_->jobs()).jobs[0].state, "done");
}

// ---- watching ----

class WatchTest : public IngestTest {
protected:
    Ingest::Options watching_{.watch = true, .debounce_us = 20'000, .poll_us = 100'000, .working_tree_us = 50'000};
};

TEST_F(WatchTest, ASavedMovedOrDeletedFileIsSyncedByItself) {
    folder_.write("a.txt", "one\n");
    start(watching_);
    add(folder_.path(), "notes");
    EXPECT_TRUE(must(ingest_->sources()).sources[0].watched);
    folder_.write("a.txt", "two, in place\n");
    EXPECT_TRUE(eventually([&] { return text_of(documents()[0]) == "two, in place\n"; }));
    folder_.write("a.txt.new", "three, renamed over\n");
    fs::rename(folder_.path() / "a.txt.new", folder_.path() / "a.txt");
    EXPECT_TRUE(eventually([&] { return paths().size() == 1 && text_of(documents()[0]) == "three, renamed over\n"; }));
    const std::string uuid = documents()[0].uuid;
    fs::rename(folder_.path() / "a.txt", folder_.path() / "b.txt");
    EXPECT_TRUE(eventually([&] { return paths() == std::vector<std::string>{"b.txt"}; }));
    EXPECT_EQ(documents()[0].uuid, uuid);
    fs::remove(folder_.path() / "b.txt");
    folder_.write("deep/er/c.txt", "in a new folder\n");
    EXPECT_TRUE(eventually([&] { return paths() == std::vector<std::string>{"deep/er/c.txt"}; }));
    folder_.write("deep/er/c.txt", "changed in the new folder\n");
    EXPECT_TRUE(eventually([&] { return text_of(documents()[0]) == "changed in the new folder\n"; }));
    fs::rename(folder_.path() / "deep", folder_.path() / "moved");
    EXPECT_TRUE(eventually([&] { return paths() == std::vector<std::string>{"moved/er/c.txt"}; }));
    folder_.write("moved/er/d.txt", "d\n");
    EXPECT_TRUE(eventually([&] { return paths().size() == 2; }));
}

TEST_F(WatchTest, ARuleThatChangesIsAppliedToItsFolder) {
    folder_.write("sub/a.log", "text\n");
    folder_.write("sub/b.txt", "text\n");
    start(watching_);
    add(folder_.path(), "notes");
    folder_.write("sub/.gitignore", "*.log\n");
    EXPECT_TRUE(eventually([&] { return paths() == std::vector<std::string>{"sub/.gitignore", "sub/b.txt"}; }));
}

TEST_F(WatchTest, ASourceThatComesBackIsFoundAgain) {
    folder_.write("root/a.txt", "text\n");
    start(watching_);
    add(folder_.path() / "root", "notes");
    fs::rename(folder_.path() / "root", folder_.path() / "elsewhere");
    EXPECT_TRUE(eventually([&] { return source().state == store::SourceState::paused; }));
    folder_.write("elsewhere/b.txt", "text too\n");
    fs::rename(folder_.path() / "elsewhere", folder_.path() / "root");
    EXPECT_TRUE(eventually([&] { return source().state == store::SourceState::ready && paths().size() == 2; }));
}

TEST_F(WatchTest, ACommitAndAnUncommittedChangeAreSeenWithoutASync) {
    folder_.make_repository(".");
    folder_.write("a.c", "int a;\n");
    Recorded recorded{.opened = {.head = "main",
                                 .head_commit = commit_id('a'),
                                 .branches = {{.name = "main", .commit = commit_id('a'), .head = true}}},
                      .commits = {commit('a', {}, "First\n")}};
    repositories_.record(folder_.path(), recorded);
    start(watching_);
    add(folder_.path(), "notes");
    recorded.tree.unstaged = {{.path = "a.c", .hunks = {{.new_line = 1, .new_count = 1, .text = "+int a2;\n"}}}};
    repositories_.record(folder_.path(), recorded);
    folder_.write("a.c", "int a2;\n");
    EXPECT_TRUE(eventually([&] { return paths(store::DocumentKind::working_tree).size() == 1; }));
    recorded.tree = {};
    recorded.commits.insert(recorded.commits.begin(), commit('b', {'a'}, "Second\n"));
    recorded.opened.branches[0].commit = recorded.opened.head_commit = commit_id('b');
    repositories_.record(folder_.path(), recorded);
    folder_.write(".git/refs/heads/main", commit_id('b') + "\n");
    EXPECT_TRUE(eventually([&] {
        return paths(store::DocumentKind::commit).size() == 2 && paths(store::DocumentKind::working_tree).empty();
    }));
}

TEST_F(WatchTest, ASingleFileIsWatchedByItsName) {
    folder_.write("one.md", "# One\n");
    folder_.write("two.md", "# Two\n");
    start(watching_);
    add(folder_.path() / "one.md", "notes");
    EXPECT_THAT(paths(), ElementsAre("one.md"));
    folder_.write("one.md", "# One, changed\n");
    EXPECT_TRUE(eventually([&] { return documents()[0].title == "One, changed"; }));
}

TEST_F(WatchTest, WhatChangedWhileLarDidNotRunIsSyncedAtTheStart) {
    folder_.write("a.txt", "text\n");
    start(watching_);
    add(folder_.path(), "notes");
    ingest_.reset();
    folder_.write("b.txt", "text too\n");
    start(watching_);
    EXPECT_TRUE(eventually([&] { return paths().size() == 2; }));
}

// ---- documents ----

TEST_F(IngestTest, ADocumentIsReadOnceAndAgainWhenItChanges) {
    folder_.write("report.pdf", "=== 1\n# Costs\nThey rose.\n=== 2\nThey fell.\n");
    start();
    add(folder_.path(), "notes");
    ASSERT_THAT(paths(), ElementsAre("report.pdf"));
    EXPECT_EQ(documents()[0].title, "Costs");
    auto reader = must(store_.reader());
    const auto passages = must(reader.passages_of(documents()[0].id, 10));
    ASSERT_EQ(passages.size(), 2U);
    EXPECT_EQ(passages[1].passage.page, 2U);
    EXPECT_EQ(passages[1].passage.context, "Costs");
    const int read = readers_.documents_read();
    fs::rename(folder_.path() / "report.pdf", folder_.path() / "moved.pdf");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre("moved.pdf"));
    sync("notes");
    EXPECT_EQ(readers_.documents_read(), read + 1) << "only the move, whose place is searched too, reads it again";
    folder_.write("moved.pdf", "# Costs, changed\n");
    sync("notes");
    EXPECT_EQ(documents()[0].title, "Costs, changed");
}

TEST_F(IngestTest, ADocumentThatCannotBeReadIsLeftOutByNameAndNotTriedAgain) {
    folder_.write("locked.pdf", "problem denied\n");
    folder_.write("half.docx", "problem too_large\nthe first half\n");
    folder_.write("empty.epub", "\n");
    for (const char* name : {"locked.pdf", "half.docx", "empty.epub"})
        fs::last_write_time(folder_.path() / name, fs::file_time_type::clock::now() - 1h);
    start();
    add(folder_.path(), "notes");
    const auto left_out = [&] {
        auto reader = must(store_.reader());
        std::vector<std::string> all;
        for (const store::LeftOut& one : must(reader.left_out(source().id, 10)))
            all.push_back(one.path + ": " + one.reason);
        return all;
    };
    const auto expected = ElementsAre("empty.epub: no text", "half.docx: read in part", "locked.pdf: encrypted");
    EXPECT_THAT(left_out(), expected);
    EXPECT_THAT(paths(), ElementsAre("half.docx"));
    EXPECT_EQ(readers_.documents_read(), 3);
    sync("notes");
    EXPECT_THAT(left_out(), expected);
    EXPECT_EQ(readers_.documents_read(), 3);
    const wire::ApiWhy locked = must(ingest_->why(folder_.path() / "locked.pdf"));
    EXPECT_FALSE(locked.included);
    EXPECT_EQ(locked.reason, "encrypted");
    const wire::ApiWhy half = must(ingest_->why(folder_.path() / "half.docx"));
    EXPECT_TRUE(half.included);
    EXPECT_THAT(half.detail, HasSubstr("read in part"));
    // It is unlocked.
    folder_.write("locked.pdf", "now readable\n");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre("half.docx", "locked.pdf"));
}

TEST_F(IngestTest, ADocumentThatBecomesUnreadableGoesAndComesBack) {
    folder_.write("a.pdf", "text\n");
    start();
    add(folder_.path(), "notes");
    folder_.write("a.pdf", "problem corrupt\n");
    sync("notes");
    EXPECT_THAT(paths(), IsEmpty());
    folder_.write("a.pdf", "text again\n");
    sync("notes");
    EXPECT_THAT(paths(), ElementsAre("a.pdf"));
}

// ---- jobs ----

TEST_F(IngestTest, AJobLeftUnfinishedIsResumedAtTheNextStart) {
    folder_.write("a.txt", "text\n");
    start();
    add(folder_.path(), "notes");
    ingest_.reset();
    folder_.write("b.txt", "text too\n");
    const store::SourceId id = source().id;
    ASSERT_TRUE(store_.write([&](store::Writer& writer) -> Result<> {
        TRY(writer.add_job({.uuid = "0198-interrupted",
                            .kind = "sync",
                            .source = id,
                            .state = store::JobState::running,
                            .created = {1}}));
        return {};
    }));
    start();
    EXPECT_TRUE(settled());
    EXPECT_EQ(paths().size(), 2U);
    for (const wire::ApiJob& job : must(ingest_->jobs()).jobs) EXPECT_EQ(job.state, "done") << job.id;
}

TEST_F(IngestTest, ACancelledJobEndsAsCancelled) {
    for (int i = 0; i < 500; ++i) folder_.write(lar::format("f{}.txt", i), std::string(2000, 'x') + std::to_string(i));
    start();
    must(ingest_->add({.location = folder_.path().string(), .name = "notes"}));
    const auto jobs = must(ingest_->jobs()).jobs;
    ASSERT_EQ(jobs.size(), 1U);
    static_cast<void>(ingest_->cancel(jobs[0].id));  // it may be over already
    EXPECT_TRUE(settled());
    EXPECT_THAT(must(ingest_->jobs()).jobs[0].state, testing::AnyOf("cancelled", "done"));
    EXPECT_EQ(ingest_->cancel("none").error().code, Code::not_found);
}

TEST_F(IngestTest, ForgettingASourceEndsItsSync) {
    for (int i = 0; i < 2000; ++i) folder_.write(lar::format("f{}.txt", i), std::string(2000, 'x') + std::to_string(i));
    start();
    must(ingest_->add({.location = folder_.path().string(), .name = "notes"}));
    must(ingest_->forget("notes", false));
    EXPECT_TRUE(settled());
    EXPECT_THAT(must(ingest_->sources()).sources, IsEmpty());
}

}  // namespace
}  // namespace lar::ingest
