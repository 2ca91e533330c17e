// What the reader answers to what it is asked, in which state: over a real channel, without the lock-down.
#include "service.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "base/build.h"

namespace lar::reader {
namespace {

class ReaderService : public testing::Test {
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(documents::prepare_git()); }
    void SetUp() override {
        if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "git is not installed";
        std::string pattern = testing::TempDir() + "lar-service-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        const std::string script =
            "cd '" + home_.string() +
            "' && export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null "
            "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a && git init -q -b main . "
            "&& "
            "{ for i in $(seq 70); do echo \"commit refs/heads/main\ncommitter a <a> $((1700000000 + i)) +0000\ndata "
            "1\nx\n\"; done; } "
            "| git fast-import --quiet";
        ASSERT_EQ(std::system(("{ " + script + "; } >/dev/null 2>&1").c_str()), 0);
        auto [channel, theirs] = *ipc::Channel::make_pair();
        channel_.emplace(std::move(channel));
        thread_ = std::thread([this, channel = ipc::Channel(std::move(theirs))]() mutable {
            const auto free = [] { return sandbox::Layers{.seccomp = true}; };
            Service service(std::move(channel), {.for_repository = [=](const wire::OpenRepository&) { return free(); },
                                                 .for_documents = free});
            ended_ = service.run();
        });
        EXPECT_TRUE(std::holds_alternative<wire::ReaderReady>(hear()));
    }
    void TearDown() override {
        if (channel_) channel_->close();
        if (thread_.joinable()) thread_.join();
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    void ask(const wire::ReaderRequest& request) { ASSERT_TRUE(ipc::send(*channel_, request)); }
    wire::ReaderEvent hear() {
        Result<wire::ReaderEvent> event = ipc::receive<wire::ReaderEvent>(*channel_, {.timeout_ms = 20'000});
        EXPECT_TRUE(event) << event.error().message;
        return event ? std::move(*event) : wire::ReaderEvent(wire::Failed{.message = event.error().message});
    }
    void open() {
        ask(wire::OpenRepository{.id = 1,
                                 .work_tree = home_.string(),
                                 .git_dir = (home_ / ".git").string(),
                                 .common_dir = (home_ / ".git").string()});
        const wire::ReaderEvent event = hear();
        ASSERT_TRUE(std::holds_alternative<wire::Opened>(event)) << std::get<wire::Failed>(event).message;
        EXPECT_EQ(std::get<wire::Opened>(event).layers, "seccomp");
    }
    // What the service returned once it ended.
    Result<> ended() {
        thread_.join();
        return ended_;
    }

    std::filesystem::path home_;
    std::optional<ipc::Channel> channel_;
    std::thread thread_;
    Result<> ended_;
};

TEST_F(ReaderService, AnswersRequestsInOrderEachWithItsIdAndDone) {
    open();
    ask(wire::ReadCommits{.id = 2});
    ask(wire::ReadReachable{.id = 3});
    ask(wire::ReadWorkingTree{.id = 4});
    std::size_t commits = 0;
    for (;;) {
        const wire::ReaderEvent event = hear();
        if (const auto* batch = std::get_if<wire::Commits>(&event)) {
            EXPECT_EQ(batch->id, 2U);
            commits += batch->commits.size();
            continue;
        }
        EXPECT_EQ(std::get<wire::Done>(event).id, 2U);
        break;
    }
    EXPECT_EQ(commits, 70U);
    EXPECT_EQ(std::get<wire::Reachable>(hear()).commits.size(), 70U);
    EXPECT_EQ(std::get<wire::Done>(hear()).id, 3U);
    EXPECT_EQ(std::get<wire::WorkingTree>(hear()).id, 4U);
    EXPECT_EQ(std::get<wire::Done>(hear()).id, 4U);
}

TEST_F(ReaderService, EndsWhenTheChannelCloses) {
    open();
    channel_->close();
    EXPECT_TRUE(ended());
}

TEST_F(ReaderService, ARequestBeforeAnyRepositoryEndsIt) {
    ask(wire::ReadReachable{.id = 1});
    const Result<> how = ended();
    ASSERT_FALSE(how);
    EXPECT_EQ(how.error().code, Code::corrupt);
}

TEST_F(ReaderService, ASecondRepositoryEndsIt) {
    open();
    ask(wire::OpenRepository{.id = 2, .git_dir = "/", .common_dir = "/"});
    EXPECT_EQ(ended().error().code, Code::corrupt);
}

TEST_F(ReaderService, AFolderThatIsNoRepositoryIsAnAnswerAndTheEnd) {
    ask(wire::OpenRepository{.id = 9, .work_tree = "/", .git_dir = "/", .common_dir = "/"});
    const wire::ReaderEvent event = hear();
    EXPECT_EQ(std::get<wire::Failed>(event).id, 9U);
    EXPECT_TRUE(ended());
}

TEST_F(ReaderService, WaitingRequestsThatAreCancelledAreNotAnswered) {
    open();
    ask(wire::ReadCommits{.id = 2});
    ask(wire::ReadReachable{.id = 3});
    ask(wire::Cancel{.id = 3});
    ask(wire::ReadWorkingTree{.id = 4});
    bool reachable = false;
    for (;;) {
        const wire::ReaderEvent event = hear();
        reachable = reachable || std::holds_alternative<wire::Reachable>(event);
        if (const auto* done = std::get_if<wire::Done>(&event); done && done->id == 4) break;
    }
    // All four were there before the first commit was read, or the third was answered before its cancel came: both are
    // right.
    SUCCEED() << reachable;
}

TEST_F(ReaderService, ARequestWithPathsOrIdsThatCannotBeIsCorrupt) {
    EXPECT_FALSE(validate(wire::OpenRepository{.git_dir = "relative", .common_dir = "/"}));
    EXPECT_FALSE(validate(wire::OpenRepository{.git_dir = "/a/../../etc", .common_dir = "/"}));
    EXPECT_FALSE(validate(wire::OpenRepository{.git_dir = "/a", .common_dir = ""}));
    EXPECT_FALSE(validate(wire::OpenRepository{.git_dir = std::string("/a\0b", 4), .common_dir = "/"}));
    EXPECT_FALSE(validate(wire::ReadCommits{.have = {"HEAD"}}));
    EXPECT_FALSE(validate(wire::ReadCommits{.have = std::vector<std::string>(limit_have + 1, std::string(40, 'a'))}));
    EXPECT_TRUE(validate(wire::ReadCommits{.have = {std::string(40, 'a')}}));
    EXPECT_TRUE(validate(wire::OpenRepository{.git_dir = "/a/..b", .common_dir = "/a"}));
}

}  // namespace
}  // namespace lar::reader
