// lard's real policy in a child: what it may never do ends it or is refused, and its ordinary work passes.
#include "sandbox.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/fd.h"
#include "ipc/channel.h"
#include "listeners.h"
#include "sandbox/testing.h"
#include "store/store.h"

namespace lar::lard {
namespace {

using sandbox::Door;
using sandbox::error_of;

class LardSandbox : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-lard-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        paths_ = {.config = home_ / "config",
                  .data = home_ / "data",
                  .state = home_ / "state",
                  .cache = home_ / "cache",
                  .runtime = home_ / "run"};
        ASSERT_TRUE(make_directories(paths_));
        std::filesystem::create_directory(home_ / "notes");
        std::ofstream(home_ / "notes" / "a.md") << "the user's words";
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    int run(const std::function<int()>& then) const {
        return sandbox::run_locked_down([this] { return policy(paths_).apply(); }, then);
    }
    std::string note() const { return (home_ / "notes" / "a.md").string(); }

    std::filesystem::path home_;
    Paths paths_;
};

TEST_F(LardSandbox, NoDoorOutOpens) {
    std::vector<Door> doors = sandbox::doors_closed_to_all();
    for (Door& door : std::vector{sandbox::door_fork(), sandbox::door_exec(), sandbox::door_kill(),
                                  sandbox::door_executable_memory()})
        doors.push_back(std::move(door));
    doors.push_back({"a socket pair that is not local", [] {
                         int ends[2];
                         return ::socketpair(AF_INET, SOCK_STREAM, 0, ends);
                     }});
    doors.push_back({"wait", [] { return ::syscall(SYS_wait4, -1, nullptr, 0, nullptr); }});
    doors.push_back({"chmod", [this] { return ::chmod(note().c_str(), 0777); }});
    doors.push_back({"truncate", [this] { return ::truncate(note().c_str(), 0); }});
    for (const Door& door : doors)
        EXPECT_EQ(run([&] {
                      door.open();
                      return 0;
                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(LardSandbox, TheUsersFilesAreReadAndNeverWritten) {
    const auto refused = [&](const std::function<long()>& attempt) { return run([&] { return error_of(attempt()); }); };
    EXPECT_EQ(refused([&] { return ::open(note().c_str(), O_RDONLY | O_CLOEXEC); }), 0);
    EXPECT_EQ(refused([&] { return ::open(note().c_str(), O_WRONLY | O_CLOEXEC); }), EACCES);
    EXPECT_EQ(refused([&] { return ::open(note().c_str(), O_RDWR | O_CLOEXEC); }), EACCES);
    EXPECT_EQ(refused([&] { return ::open((home_ / "notes" / "new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600); }),
              EACCES);
    EXPECT_EQ(refused([&] { return ::unlink(note().c_str()); }), EACCES);
    EXPECT_EQ(refused([&] { return ::mkdir((home_ / "notes" / "d").c_str(), 0700); }), EACCES);
    EXPECT_NE(refused([&] { return ::rename(note().c_str(), (paths_.data / "stolen").c_str()); }), 0);
    // Its own settings too are only read.
    EXPECT_EQ(
        refused([&] { return ::open((paths_.config / "config.toml").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600); }),
        EACCES);
}

TEST_F(LardSandbox, ItKeepsItsStoreReadsFilesWatchesAndTalksToWorkers) {
    EXPECT_EQ(run([this] {
                  const SystemClock clock;
                  Result<store::Store> store = store::Store::open(paths_.database(), clock);
                  if (!store) return 1;
                  const Result<std::string> text = read_file(note(), 1000);
                  if (!text || *text != "the user's words") return 2;
                  if (!write_file_atomically(paths_.state / "file", "x")) return 3;
                  const Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
                  if (::inotify_add_watch(watch.number(), (home_ / "notes").c_str(), IN_CLOSE_WRITE) < 0) return 4;
                  auto pair = ipc::Channel::make_pair();
                  if (!pair) return 5;
                  ipc::Channel worker(std::move(pair->second));
                  const int descriptor = watch.number();
                  if (!pair->first.send("{}", {}, {}, std::span(&descriptor, 1))) return 6;
                  if (worker.receive({.timeout_ms = 1000})->descriptors.size() != 1) return 7;
                  bool ran = false;
                  std::thread([&ran] { ran = true; }).join();
                  return ran ? 0 : 8;
              }),
              0);
}

TEST_F(LardSandbox, ItServesWhoComesToItsSocket) {
    Result<Listeners> listeners = open_listeners(paths_.socket(), 0);
    ASSERT_TRUE(listeners) << listeners.error().message;
    const Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ASSERT_EQ(::getsockname(listeners->unix_socket.number(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    ASSERT_EQ(::connect(client.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::send(client.number(), "hello", 5, 0), 5);
    EXPECT_EQ(
        run([&] {
            const Fd events(::epoll_create1(EPOLL_CLOEXEC));
            epoll_event wanted{.events = EPOLLIN, .data = {}};
            epoll_event came{};
            if (::epoll_ctl(events.number(), EPOLL_CTL_ADD, listeners->unix_socket.number(), &wanted) != 0) return 1;
            if (::epoll_wait(events.number(), &came, 1, 1000) != 1) return 2;
            const Fd peer(::accept4(listeners->unix_socket.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            struct ucred who{};
            socklen_t length = sizeof(who);
            if (::getsockopt(peer.number(), SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 || who.uid != ::getuid())
                return 3;
            char text[5];
            if (::recv(peer.number(), text, sizeof(text), 0) != 5 ||
                ::send(peer.number(), "world", 5, MSG_NOSIGNAL) != 5)
                return 4;
            return 0;
        }),
        0);
}

}  // namespace
}  // namespace lar::lard
