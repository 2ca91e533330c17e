// The real spawner and real readers; and, for what lard must not believe, a reader that lies.
#include "repositories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace lar::lard {
namespace {

using testing::HasSubstr;

class Repositories : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-repositories-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        spawner_.reset();
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    SpawnedRepositories& start(const std::filesystem::path& programs) {
        auto spawner = ipc::Spawner::start(programs);
        EXPECT_TRUE(spawner) << spawner.error().message;
        spawner_ = std::move(*spawner);
        repositories_.emplace(*spawner_);
        return *repositories_;
    }
    SpawnedRepositories& start() { return start(*ipc::programs_directory()); }
    // Beside a copy of the spawner, which starts nothing but what stands beside it.
    SpawnedRepositories& start_lying() {
        const std::filesystem::path ours = *ipc::programs_directory();
        for (const char* program : {"lar-spawner", "lar-engine"})
            std::filesystem::copy_file(ours / program, home_ / program);
        std::filesystem::copy_file(ours / "lying_reader", home_ / "lar-reader");
        return start(home_);
    }
    Result<std::unique_ptr<ingest::Repository>> open_lying(SpawnedRepositories& repositories, const std::string& how) {
        return repositories.open({.git_dir = "/" + how, .common_dir = "/" + how}, cancelled_);
    }

    // A repository of so many commits, made by the real git.
    wire::OpenRepository make_repository(int commits) {
        const std::string work = (home_ / "work").string();
        const std::string script =
            "export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a "
            "GIT_AUTHOR_EMAIL=a "
            "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a; mkdir '" +
            work + "' && cd '" + work +
            "' && git init -q -b main . && echo 1 > file && git add . && "
            "{ for i in $(seq " +
            std::to_string(commits) +
            "); do echo \"commit refs/heads/main"
            "\ncommitter a <a> $((1700000000 + i)) +0000\ndata 1\nx\nM 644 inline file\ndata 6\n$((100000 + i))\n\"; "
            "done; } | git fast-import --quiet";
        EXPECT_EQ(std::system(("{ " + script + "; } >/dev/null 2>&1").c_str()), 0);
        return {.work_tree = work, .git_dir = work + "/.git", .common_dir = work + "/.git"};
    }
    bool git_is_missing() const { return std::system("git --version >/dev/null 2>&1") != 0; }

    std::filesystem::path home_;
    std::unique_ptr<ipc::Spawner> spawner_;
    std::optional<SpawnedRepositories> repositories_;
    std::atomic<bool> cancelled_ = false;
};

TEST_F(Repositories, AHistoryIsReadThroughAReaderThatSeesNothingElse) {
    if (git_is_missing()) GTEST_SKIP();
    const wire::OpenRepository places = make_repository(100);
    // Its configuration points at files that are there but not the reader's to see.
    std::ofstream(home_ / "outside") << "[core]\n";
    std::ofstream(home_ / "work/.git/config", std::ios::app)
        << "[include]\n\tpath = " << (home_ / "outside").string() << "\n[core]\n\texcludesFile = /etc/passwd\n";
    SpawnedRepositories& repositories = start();
    auto repository = repositories.open(places, cancelled_);
    ASSERT_TRUE(repository) << repository.error().message;
    EXPECT_EQ((*repository)->opened().head, "main");
    EXPECT_THAT(repositories.layers(), HasSubstr("seccomp"));
    std::size_t commits = 0;
    const auto done = (*repository)->commits({}, [&](wire::Commits&& batch) -> Result<> {
        commits += batch.commits.size();
        return {};
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(commits, 100U);
    EXPECT_EQ((*repository)->reachable()->size(), 100U);
    const auto tree = (*repository)->working_tree();
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_EQ(tree->staged.size(), 1U);
}

TEST_F(Repositories, ACancelledCallEndsWithinASecondAndTheReaderStaysUsable) {
    if (git_is_missing()) GTEST_SKIP();
    SpawnedRepositories& repositories = start();
    auto repository = repositories.open(make_repository(5000), cancelled_);
    ASSERT_TRUE(repository) << repository.error().message;
    std::size_t commits = 0;
    const auto done = (*repository)->commits({}, [&](wire::Commits&& batch) -> Result<> {
        commits += batch.commits.size();
        cancelled_ = true;
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::unavailable);
    EXPECT_LT(commits, 5000U);
    cancelled_ = false;
    EXPECT_TRUE((*repository)->working_tree());
}

TEST_F(Repositories, AnErrorOfWhoTakesABatchEndsTheRequestWithIt) {
    if (git_is_missing()) GTEST_SKIP();
    SpawnedRepositories& repositories = start();
    auto repository = repositories.open(make_repository(500), cancelled_);
    ASSERT_TRUE(repository) << repository.error().message;
    const auto done =
        (*repository)->commits({}, [&](wire::Commits&&) -> Result<> { return fail(Code::too_large, "enough"); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "enough");
    EXPECT_EQ((*repository)->reachable()->size(), 500U);
}

TEST_F(Repositories, AReaderThatDiesIsAnErrorThatSaysHow) {
    if (git_is_missing()) GTEST_SKIP();
    SpawnedRepositories& repositories = start();
    auto repository = repositories.open(make_repository(5000), cancelled_);
    ASSERT_TRUE(repository) << repository.error().message;
    const auto done = (*repository)->commits({}, [&](wire::Commits&&) -> Result<> {
        ::kill(spawner_->workers().front(), SIGSEGV);
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::unavailable);
    EXPECT_THAT(done.error().message, HasSubstr("crashed (signal 11)"));
    EXPECT_EQ((*repository)->reachable().error().code, Code::unavailable);
}

TEST_F(Repositories, WhatIsNoRepositoryIsRefusedWithGitsReason) {
    SpawnedRepositories& repositories = start();
    const std::string folder = home_.string();
    const auto repository =
        repositories.open({.work_tree = folder, .git_dir = folder, .common_dir = folder}, cancelled_);
    ASSERT_FALSE(repository);
    EXPECT_THAT(repository.error().message, HasSubstr("cannot be read"));
}

TEST_F(Repositories, AReaderThatLiesIsKilled) {
    SpawnedRepositories& repositories = start_lying();
    for (const char* how : {"garbage", "other id", "not asked", "not a commit"}) {
        const auto repository = open_lying(repositories, how);
        ASSERT_FALSE(repository) << how;
        EXPECT_EQ(repository.error().code, Code::corrupt) << how << ": " << repository.error().message;
    }
    auto repository = open_lying(repositories, "escape");
    ASSERT_TRUE(repository) << repository.error().message;
    const auto done = (*repository)->commits({}, [](wire::Commits&&) -> Result<> {
        ADD_FAILURE() << "believed";
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::corrupt);
    EXPECT_EQ((*repository)->reachable().error().code, Code::unavailable);
}

TEST_F(Repositories, AReaderThatRunsOutOfMemoryOrCrashesSaysSo) {
    SpawnedRepositories& repositories = start_lying();
    EXPECT_THAT(open_lying(repositories, "memory").error().message, HasSubstr("limit of time or memory"));
    EXPECT_THAT(open_lying(repositories, "crash").error().message, HasSubstr("crashed (signal 6)"));
    // One repository whose readers fail again and again has to wait; others are not held up.
    std::string message;
    for (int i = 0; i < ipc::RestartPolicy::limit_failures && !message.contains("keeps stopping"); ++i)
        message = open_lying(repositories, "crash").error().message;
    EXPECT_THAT(message, HasSubstr("keeps stopping"));
    EXPECT_TRUE(open_lying(repositories, "silent"));
}

TEST_F(Repositories, AReaderThatDoesNotListenToACancelIsKilled) {
    SpawnedRepositories& repositories = start_lying();
    auto repository = open_lying(repositories, "silent");
    ASSERT_TRUE(repository) << repository.error().message;
    cancelled_ = true;
    EXPECT_EQ((*repository)->reachable().error().code, Code::unavailable);
    cancelled_ = false;
    EXPECT_THAT((*repository)->reachable().error().message, HasSubstr("has stopped"));
}

TEST_F(Repositories, EventsOverTheirLimitsAreLies) {
    const std::string id(40, 'a');
    const auto with_file = [&](wire::FileChange file) {
        return wire::ReaderEvent(wire::Commits{.commits = {{.commit = id, .files = {std::move(file)}}}});
    };
    EXPECT_TRUE(validate(with_file({.path = "a/b"})));
    EXPECT_TRUE(validate(with_file({.path = "folder/"})));
    EXPECT_FALSE(validate(with_file({.path = ""})));
    EXPECT_FALSE(validate(with_file({.path = "/etc/passwd"})));
    EXPECT_FALSE(validate(with_file({.path = "a/../../b"})));
    EXPECT_FALSE(validate(with_file({.path = std::string("a\0b", 3)})));
    EXPECT_FALSE(validate(with_file({.path = "a", .old_path = "../b"})));
    EXPECT_FALSE(validate(with_file({.path = "a", .hunks = {{.text = std::string(wire::limit_hunk_bytes + 1, 'x')}}})));
    EXPECT_FALSE(validate(
        wire::Commits{.commits = std::vector<wire::Commit>(wire::limit_commits_in_batch + 1, {.commit = id})}));
    EXPECT_FALSE(validate(wire::Commits{.commits = {{.commit = "HEAD"}}}));
    EXPECT_FALSE(validate(
        wire::Commits{.commits = {{.commit = id, .message = std::string(wire::limit_message_bytes + 1, 'x')}}}));
    EXPECT_FALSE(validate(wire::Reachable{.commits = {"x"}}));
    EXPECT_FALSE(validate(wire::Opened{.branches = std::vector<wire::Branch>(wire::limit_tips + 1, {.commit = id})}));
    EXPECT_FALSE(validate(
        wire::WorkingTree{.staged = std::vector<wire::FileChange>(wire::limit_files_in_change + 1, {.path = "a"})}));
}

}  // namespace
}  // namespace lar::lard
