// The real spawner and real readers, through lard's side of the channel.
#include "service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/reader.h"

namespace lar::spawner {
namespace {

constexpr std::int64_t long_ms = 20'000;

std::unique_ptr<ipc::Spawner> start() {
    Result<std::unique_ptr<ipc::Spawner>> spawner = ipc::Spawner::start(*ipc::programs_directory());
    EXPECT_TRUE(spawner) << spawner.error().message;
    return spawner ? std::move(*spawner) : nullptr;
}

std::string status_line(pid_t pid, const std::string& key) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
    return "";
}

// What another process will do in its own time; patient, because a test machine may be busy.
bool comes_true(const std::function<bool()>& condition) {
    for (std::int64_t waited_ms = 0; waited_ms < long_ms; waited_ms += 10) {
        if (condition()) return true;
        ::usleep(10'000);
    }
    return false;
}

// Not a sanitized one: its own threads and calls do not fit the policy.
class Spawning : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
    }
};

TEST_F(Spawning, AReaderStartsUnderTheSpawnersPolicyAndSaysWhichBuildItIs) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    EXPECT_THAT(spawner->layers(), testing::HasSubstr("seccomp"));
    EXPECT_EQ(status_line(spawner->pid(), "Seccomp"), "2");
    EXPECT_EQ(status_line(spawner->pid(), "NoNewPrivs"), "1");
    Result<ipc::Worker> reader = spawner->spawn(wire::Worker::reader);
    ASSERT_TRUE(reader) << reader.error().message;
    const auto ready = ipc::receive<wire::ReaderEvent>(reader->channel(), {.timeout_ms = long_ms});
    ASSERT_TRUE(ready) << ready.error().message;
    EXPECT_EQ(std::get<wire::ReaderReady>(*ready).build, build_id());
    EXPECT_EQ(status_line(reader->pid(), "Seccomp"), "2");
    EXPECT_EQ(status_line(reader->pid(), "PPid"), std::to_string(spawner->pid()));
    EXPECT_THAT(spawner->workers(), testing::ElementsAre(reader->pid()));
    EXPECT_FALSE(reader->ended());
}

TEST_F(Spawning, HowAWorkerEndedIsAValue) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    Result<ipc::Worker> finished = spawner->spawn(wire::Worker::reader);
    ASSERT_TRUE(finished) << finished.error().message;
    finished->channel().close();
    EXPECT_EQ(finished->wait_ended(long_ms)->how, wire::Ending::finished);

    Result<ipc::Worker> killed = spawner->spawn(wire::Worker::reader);
    killed->kill();
    EXPECT_EQ(killed->wait_ended(long_ms)->how, wire::Ending::killed);

    Result<ipc::Worker> crashed = spawner->spawn(wire::Worker::reader);
    ::kill(crashed->pid(), SIGSEGV);
    EXPECT_EQ(crashed->wait_ended(long_ms)->how, wire::Ending::crashed);
    EXPECT_EQ(crashed->ended()->status, SIGSEGV);

    Result<ipc::Worker> violating = spawner->spawn(wire::Worker::reader);
    ::kill(violating->pid(), SIGSYS);
    EXPECT_EQ(violating->wait_ended(long_ms)->how, wire::Ending::violation);

    Result<ipc::Worker> starved = spawner->spawn(wire::Worker::reader);
    ::kill(starved->pid(), SIGXCPU);
    EXPECT_EQ(starved->wait_ended(long_ms)->how, wire::Ending::out_of_limit);

    Result<ipc::Worker> lying = spawner->spawn(wire::Worker::reader);
    ASSERT_TRUE(lying->channel().send("this is no message"));
    const Result<ipc::Ended> failed = lying->wait_ended(long_ms);
    EXPECT_EQ(failed->how, wire::Ending::failed);
    EXPECT_EQ(failed->status, 1);
    EXPECT_TRUE(spawner->alive());
}

TEST_F(Spawning, AWorkerOutOfScopeIsEnded) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    {
        const Result<ipc::Worker> reader = spawner->spawn(wire::Worker::reader);
    }
    EXPECT_TRUE(comes_true([&] { return spawner->workers().empty(); }));
}

TEST_F(Spawning, NoMoreThanTheLimitRunAtOnce) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    std::vector<ipc::Worker> readers;
    for (std::size_t i = 0; i < ipc::limit_workers; ++i) {
        Result<ipc::Worker> reader = spawner->spawn(wire::Worker::reader);
        ASSERT_TRUE(reader) << reader.error().message;
        readers.push_back(std::move(*reader));
    }
    EXPECT_EQ(spawner->spawn(wire::Worker::reader).error().code, Code::unavailable);
    readers[0].kill();
    ASSERT_TRUE(readers[0].wait_ended(long_ms));
    EXPECT_TRUE(spawner->spawn(wire::Worker::reader));
}

TEST_F(Spawning, SeveralThreadsMayStartAndWaitAtOnce) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    std::atomic<int> finished = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 3; ++round) {
                Result<ipc::Worker> reader = spawner->spawn(wire::Worker::reader);
                if (!reader) return;
                reader->channel().close();
                const Result<ipc::Ended> ended = reader->wait_ended(long_ms);
                if (ended && ended->how == wire::Ending::finished) ++finished;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(finished, 12);
}

// However lard ends, nothing of it stays behind.
TEST_F(Spawning, TheSpawnerAndItsWorkersEndWithTheirParent) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t lard = ::fork();
    if (lard == 0) {
        auto spawner = ipc::Spawner::start(*ipc::programs_directory());
        Result<ipc::Worker> reader = (*spawner)->spawn(wire::Worker::reader);
        const std::array<pid_t, 2> pids{(*spawner)->pid(), reader ? reader->pid() : 0};
        static_cast<void>(!::write(pipe[1], pids.data(), sizeof(pids)));
        ::raise(SIGKILL);
    }
    std::array<pid_t, 2> pids{};
    ASSERT_EQ(::read(pipe[0], pids.data(), sizeof(pids)), static_cast<ssize_t>(sizeof(pids)));
    ::waitpid(lard, nullptr, 0);
    for (const pid_t pid : pids) {
        ASSERT_GT(pid, 0);
        EXPECT_TRUE(comes_true([pid] {
            const std::string state = status_line(pid, "State");
            return state.empty() || state.starts_with("Z");
        })) << pid;
    }
}

TEST_F(Spawning, ASpawnerThatIsKilledIsReportedAndItsWorkersAreGone) {
    const auto spawner = start();
    ASSERT_TRUE(spawner);
    Result<ipc::Worker> reader = spawner->spawn(wire::Worker::reader);
    ASSERT_TRUE(reader);
    ::kill(spawner->pid(), SIGKILL);
    ASSERT_TRUE(reader->wait_ended(long_ms));
    EXPECT_FALSE(spawner->alive());
    EXPECT_EQ(spawner->spawn(wire::Worker::reader).error().code, Code::unavailable);
}

TEST_F(Spawning, AFolderWithoutTheSpawnerIsAnErrorAtTheStart) { EXPECT_FALSE(ipc::Spawner::start("/nonexistent")); }

}  // namespace
}  // namespace lar::spawner
