// The courier's real policies in a child. Here without the spawner's, which asks lard about each socket: see
// service_test.cpp for both together.
#include "sandbox.h"

#include <gtest/gtest.h>

#include "sandbox/landlock.h"
#include "sandbox/testing.h"
#include "testing.h"

namespace lar::courier {
namespace {

using sandbox::Door;
using sandbox::error_of;
using sandbox::run_locked_down;

long connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    return ::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to));
}

class CourierSandbox : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
    }
    int talking(const std::function<int()>& then) const {
        return run_locked_down(
            [this] {
                const auto first = lock_down_to_look_up(order_);
                return first ? lock_down_to_talk(order_) : first;
            },
            then);
    }
    int looking_up(const std::function<int()>& then) const {
        return run_locked_down([this] { return lock_down_to_look_up(order_); }, then);
    }

    LoopbackServer server_{[](const std::string&) { return std::string(); }};
    LoopbackServer other_{[](const std::string&) { return std::string(); }};
    wire::Order order_{.host = "models.example", .port = server_.port(), .target = "/"};
};

TEST_F(CourierSandbox, EveryDoorThatIsNotItsWorkEndsIt) {
    std::vector<Door> doors = sandbox::doors_closed_to_the_courier_too();
    for (Door& door :
         std::vector{sandbox::door_fork(), sandbox::door_exec(), sandbox::door_kill(), sandbox::door_unlink(),
                     sandbox::door_executable_memory(), sandbox::door_send_descriptors()})
        doors.push_back(std::move(door));
    doors.push_back({"accept", [] { return ::accept(0, nullptr, nullptr); }});
    const auto refuses = [&](const char* stage, const auto& run) {
        for (const Door& door : doors)
            EXPECT_EQ(run([&] {
                          door.open();
                          return 0;
                      }),
                      -SIGSYS)
                << stage << ": " << door.name;
    };
    refuses("looking up", [this](const std::function<int()>& then) { return looking_up(then); });
    // What only looking up needs.
    doors.push_back({"udp", [] { return ::socket(AF_INET, SOCK_DGRAM, 0); }});
    doors.push_back({"unix", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }});
    doors.push_back({"netlink", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }});
    refuses("talking", [this](const std::function<int()>& then) { return talking(then); });
}

TEST_F(CourierSandbox, ItConnectsToTheOrdersPortAndToNoOther) {
    EXPECT_EQ(talking([this] { return error_of(connect_to(server_.port())); }), 0);
    if (sandbox::landlock_abi() < 4) GTEST_SKIP() << "this kernel's Landlock knows no ports";
    EXPECT_EQ(talking([this] { return error_of(connect_to(other_.port())); }), EACCES);
    EXPECT_EQ(looking_up([this] { return error_of(connect_to(other_.port())); }), EACCES);
}

TEST_F(CourierSandbox, ItReadsWhereHostsAreAndNothingOfTheUsers) {
    const auto opens = [](const char* path) { return error_of(::open(path, O_RDONLY | O_CLOEXEC)); };
    EXPECT_EQ(looking_up([&] { return opens("/etc/resolv.conf"); }), 0);
    EXPECT_EQ(looking_up([&] { return opens("/etc/passwd"); }), EACCES);
    EXPECT_EQ(looking_up([&] { return opens("/proc/self/maps"); }), EACCES);
    EXPECT_EQ(looking_up([&] { return error_of(::open("/tmp/x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); }), -SIGSYS);
    EXPECT_EQ(talking([&] { return opens("/etc/resolv.conf"); }), EACCES);
    EXPECT_EQ(talking([&] { return opens("/etc/passwd"); }), EACCES);
}

TEST_F(CourierSandbox, ItsFileGetsNoLongerThanItsOrderSays) {
    order_.writes_file = true;
    order_.from_bytes = 10;
    order_.limit_bytes = 5;
    const Fd file(::open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    ASSERT_TRUE(file);
    EXPECT_EQ(talking([&] { return static_cast<int>(::write(file.number(), "0123456789abcdefgh", 18)); }), 15);
    EXPECT_EQ(talking([&] {
                  ::lseek(file.number(), 15, SEEK_SET);
                  return static_cast<int>(::write(file.number(), "x", 1));
              }),
              -SIGXFSZ);
}

TEST_F(CourierSandbox, ForAnAddressInDigitsNothingIsLookedUp) {
    order_.host = "127.0.0.1";
    EXPECT_EQ(looking_up([] {
                  ::socket(AF_INET, SOCK_DGRAM, 0);
                  return 0;
              }),
              -SIGSYS);
    EXPECT_EQ(looking_up([] { return error_of(::open("/etc/hosts", O_RDONLY | O_CLOEXEC)); }), EACCES);
}

}  // namespace
}  // namespace lar::courier
