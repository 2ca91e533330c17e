#include "sandbox.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>

#include "ipc/spawner.h"
#include "sandbox/testing.h"

namespace lar::spawner {
namespace {

using sandbox::Door;
using sandbox::error_of;
using sandbox::run_locked_down;

// The test programs stand beside Lar's own.
std::filesystem::path reader() { return *ipc::programs_directory() / "lar-reader"; }

class SpawnerSandbox : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
    }
    static int run(const std::function<int()>& then) {
        return run_locked_down([] { return lock_down({reader()}); }, then);
    }
};

TEST_F(SpawnerSandbox, EveryDoorThatIsNotItsWorkEndsIt) {
    std::vector<Door> doors = sandbox::doors_closed_to_the_courier_too();
    doors.push_back(sandbox::door_unlink());
    doors.push_back({"socketpair", [] {
                         int ends[2];
                         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                     }});
    doors.push_back({"open for writing", [] { return ::open("/tmp/x", O_WRONLY | O_CLOEXEC); }});
    doors.push_back({"create", [] { return ::open("/tmp/x", O_RDONLY | O_CREAT | O_CLOEXEC, 0600); }});
    for (const Door& door : doors)
        EXPECT_EQ(run([&] {
                      door.open();
                      return 0;
                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(SpawnerSandbox, WithoutAnybodyToAskEverySocketIsRefused) {
    for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
        for (const int kind : {SOCK_STREAM, SOCK_DGRAM})
            EXPECT_EQ(run([=] { return error_of(::socket(family, kind, 0)); }), EPERM) << family << ' ' << kind;
    // Nor is one connected that was there before.
    const Fd before(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(run([&] {
                  sockaddr_in to{
                      .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
                  return error_of(::connect(before.number(), reinterpret_cast<sockaddr*>(&to), sizeof(to)));
              }),
              EPERM);
}

TEST_F(SpawnerSandbox, AProcessInANamespaceOfItsOwnCannotBeMade) {
    EXPECT_EQ(run([] {
                  ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0);
                  return 0;
              }),
              -SIGSYS);
}

TEST_F(SpawnerSandbox, ItExecutesItsWorkersAndNothingElse) {
    EXPECT_EQ(run([] { return error_of(::execl("/bin/sh", "sh", "-c", "exit 0", nullptr)); }), EACCES);
    EXPECT_EQ(run([] { return error_of(::execl("/proc/self/exe", "x", nullptr)); }), EACCES);
    // Descriptor 3 is no channel here, so the reader says so and ends by itself.
    EXPECT_EQ(run([] {
                  ::close(3);
                  return error_of(::execl(reader().c_str(), "lar-reader", nullptr));
              }),
              1);
}

TEST_F(SpawnerSandbox, AWorkerThatWasNotBuiltHoldsUpNoOther) {
    const auto run_with_missing = [](const std::function<int()>& then) {
        return run_locked_down([] { return lock_down({reader(), reader().parent_path() / "lar-missing"}); }, then);
    };
    EXPECT_EQ(run_with_missing([] { return 0; }), 0);
    EXPECT_EQ(run_with_missing([] {
                  ::close(3);
                  return error_of(::execl(reader().c_str(), "lar-reader", nullptr));
              }),
              1);
}

TEST_F(SpawnerSandbox, ItSignalsItsChildrenAndNobodyElse) {
    EXPECT_EQ(run([] { return error_of(::kill(::getppid(), 0)); }), EPERM);
    EXPECT_EQ(run([] {
                  const pid_t child = ::fork();
                  if (child == 0)
                      for (;;) ::poll(nullptr, 0, -1);
                  int status = 0;
                  if (::kill(child, SIGKILL) != 0 || ::waitpid(child, &status, 0) != child) return 1;
                  return WIFSIGNALED(status) ? 0 : 2;
              }),
              0);
}

TEST_F(SpawnerSandbox, TheLoaderOfAWorkerIsFoundInIt) {
    const Result<std::filesystem::path> loader = loader_of(reader());
    ASSERT_TRUE(loader) << loader.error().message;
    EXPECT_TRUE(std::filesystem::exists(*loader));
    EXPECT_EQ(loader_of("/etc/passwd").error().code, Code::corrupt);
    EXPECT_EQ(loader_of("/nonexistent").error().code, Code::not_found);
}

}  // namespace
}  // namespace lar::spawner
