#include "sandbox.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sandbox/testing.h"

namespace lar::engine {
namespace {

using sandbox::Door;
using sandbox::error_of;
using sandbox::run_locked_down;

class EngineSandbox : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-engine-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        std::ofstream(home_ / "model") << "weights";
        std::ofstream(home_ / "secret") << "text";
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    std::vector<Door> every_door() const {
        std::vector<Door> doors = sandbox::doors_closed_to_all();
        for (Door& door :
             std::vector{sandbox::door_fork(), sandbox::door_exec(), sandbox::door_kill(), sandbox::door_unlink(),
                         sandbox::door_executable_memory(), sandbox::door_send_descriptors()})
            doors.push_back(std::move(door));
        const std::string file = (home_ / "model").string();
        doors.push_back({"open for writing", [=] { return ::open(file.c_str(), O_WRONLY | O_CLOEXEC); }});
        doors.push_back({"create", [=] { return ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600); }});
        doors.push_back({"truncate", [=] { return ::truncate(file.c_str(), 0); }});
        doors.push_back({"mkdir", [=] { return ::mkdir((file + "d").c_str(), 0700); }});
        doors.push_back({"rename", [=] { return ::rename(file.c_str(), (file + "2").c_str()); }});
        doors.push_back({"code from a file", [] {
                             void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 0, 0);
                             return page == MAP_FAILED ? -1L : 0L;
                         }});
        doors.push_back({"data made code", [] {
                             void* page =
                                 ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                             return static_cast<long>(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
                         }});
        doors.push_back({"socketpair", [] {
                             int ends[2];
                             return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                         }});
        doors.push_back({"accept", [] { return ::accept(0, nullptr, nullptr); }});
        return doors;
    }

    std::filesystem::path home_;
};

TEST_F(EngineSandbox, WhileItReadsFactsEveryDoorEndsIt) {
    std::vector<Door> doors = every_door();
    const std::string file = (home_ / "model").string();
    doors.push_back({"open", [=] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }});
    doors.push_back(
        {"a thread", [] { return ::syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, nullptr); }});
    for (const Door& door : doors)
        EXPECT_EQ(run_locked_down([] { return lock_down_for_facts(); },
                                  [&] {
                                      door.open();
                                      return 0;
                                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(EngineSandbox, WhileItComputesEveryDoorEndsIt) {
    std::vector<Door> doors = every_door();
    const std::string file = (home_ / "model").string();
    doors.push_back({"open", [=] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }});
    doors.push_back({"look at a file", [=] { return ::access(file.c_str(), R_OK); }});
    doors.push_back({"a wider policy", [] { return ::prctl(PR_SET_SECCOMP, 0, nullptr); }});
    for (const Memory memory : {Memory::may_be_swapped, Memory::is_locked})
        for (const Door& door : doors)
            EXPECT_EQ(run_locked_down([=] { return lock_down_for_work(memory); },
                                      [&] {
                                          door.open();
                                          return 0;
                                      }),
                      -SIGSYS)
                << door.name;
}

TEST_F(EngineSandbox, WhileItComputesItMayHaveThreads) {
    EXPECT_EQ(run_locked_down([] { return lock_down_for_work(Memory::may_be_swapped); },
                              [] {
                                  int seen = 0;
                                  std::thread([&] { seen = 7; }).join();
                                  return seen;
                              }),
              7);
}

TEST_F(EngineSandbox, WhileItLoadsPartsItSeesThemAndNothingBeside) {
    const std::string part = (home_ / "model").string();
    const std::string secret = (home_ / "secret").string();
    const auto lock_down = [=] { return lock_down_for_parts({part}, Memory::may_be_swapped); };
    EXPECT_EQ(run_locked_down(lock_down, [=] { return error_of(::open(part.c_str(), O_RDONLY | O_CLOEXEC)); }), 0);
    EXPECT_EQ(run_locked_down(lock_down, [=] { return error_of(::open(secret.c_str(), O_RDONLY | O_CLOEXEC)); }),
              EACCES);
    EXPECT_EQ(run_locked_down(lock_down, [] { return error_of(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }), EACCES);
    for (const Door& door : every_door())
        EXPECT_EQ(run_locked_down(lock_down,
                                  [&] {
                                      door.open();
                                      return 0;
                                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(EngineSandbox, AfterThePartsAreLoadedNothingCanBeOpened) {
    const std::string part = (home_ / "model").string();
    EXPECT_EQ(run_locked_down(
                  [=]() -> Result<sandbox::Layers> {
                      TRY(lock_down_for_parts({part}, Memory::may_be_swapped));
                      return lock_down_for_work(Memory::may_be_swapped);
                  },
                  [=] { return error_of(::open(part.c_str(), O_RDONLY | O_CLOEXEC)); }),
              -SIGSYS);
}

}  // namespace
}  // namespace lar::engine
