#include "sandbox/policy.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "sandbox/testing.h"

namespace lar::sandbox {
namespace {

int run(const Policy& policy, const std::function<int()>& then) {
    return run_locked_down([&policy] { return policy.apply(); }, then);
}

class Sandbox : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-sandbox-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        std::filesystem::create_directory(home_ / "own");
        std::filesystem::create_directory(home_ / "own" / "below");
        std::filesystem::create_directory(home_ / "foreign");
        ::close(::open((home_ / "foreign" / "file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }

    Policy minimal() const {
        Policy policy;
        policy.allow_common_runtime();
        return policy;
    }
    // As lard's.
    Policy daemon() const {
        Policy policy;
        policy.allow_common_runtime().allow_threads().allow_lower_priority();
        policy.allow_event_loop().allow_accept().allow_ipc_with_descriptors().allow_inotify().allow_own_facts();
        policy.allow_sqlite_files().read_beneath("/").write_beneath(home_ / "own");
        return policy;
    }

    std::filesystem::path home_;
};

TEST_F(Sandbox, APolicyWithoutVerbsAllowsNotEvenToEnd) {
    EXPECT_EQ(run(Policy(), [] { return 0; }), -SIGSYS);
}

TEST_F(Sandbox, AWorkerComputesAndTalksOverItsDescriptors) {
    EXPECT_EQ(run(minimal(),
                  [] {
                      std::string text;
                      for (int i = 0; i < 100'000; ++i) text += std::to_string(i);  // grows through mremap
                      return text.size() == 488'890 ? 0 : 1;
                  }),
              0);
}

TEST_F(Sandbox, AbortIsStillAnAbort) {
    EXPECT_EQ(run(minimal(), []() -> int { std::abort(); }), -SIGABRT);
}

TEST_F(Sandbox, WithoutAVerbEveryDoorEndsTheProcess) {
    std::vector<Door> doors = doors_closed_to_all();
    for (Door& door : std::vector{door_fork(), door_exec(), door_kill(), door_unlink(), door_executable_memory(),
                                  door_send_descriptors()})
        doors.push_back(std::move(door));
    doors.push_back({"open for reading", [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC); }});
    doors.push_back({"socketpair", [] {
                         int ends[2];
                         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                     }});
    doors.push_back({"vfork", [] { return ::syscall(SYS_vfork); }});
    doors.push_back({"clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); }});
    doors.push_back(
        {"a thread",
         [] { return ::syscall(SYS_clone, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND, nullptr, nullptr, nullptr, 0); }});
    for (const Door& door : doors)
        EXPECT_EQ(run(minimal(),
                      [&] {
                          door.open();
                          return 0;
                      }),
                  -SIGSYS)
            << door.name;
}

TEST_F(Sandbox, MemoryCannotBecomeExecutable) {
    EXPECT_EQ(run(minimal(),
                  [] {
                      void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                      ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
                      return 0;
                  }),
              -SIGSYS);
}

TEST_F(Sandbox, TheDaemonDoesItsOrdinaryJob) {
    EXPECT_EQ(
        run(daemon(),
            [this] {
                const int own = ::open((home_ / "own" / "a").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
                if (own < 0 || ::pwrite(own, "x", 1, 0) != 1 || ::fsync(own) != 0 || ::ftruncate(own, 10) != 0)
                    return 1;
                struct flock lock{.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1, .l_pid = 0};
                if (::fcntl(own, F_SETLK, &lock) != 0) return 2;
                if (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0) == MAP_FAILED) return 3;
                if (::rename((home_ / "own" / "a").c_str(), (home_ / "own" / "below" / "b").c_str()) != 0) return 4;
                if (::unlink((home_ / "own" / "below" / "b").c_str()) != 0) return 5;
                const int passwd = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
                char byte = 0;
                if (passwd < 0 || ::read(passwd, &byte, 1) != 1) return 6;
                std::error_code error;
                if (std::filesystem::directory_iterator("/", error) == std::filesystem::directory_iterator() || error)
                    return 7;
                const int watch = ::inotify_init1(IN_CLOEXEC);
                if (watch < 0 || ::inotify_add_watch(watch, "/", IN_CREATE) < 0) return 8;
                int ends[2];
                if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return 9;
                bool ran = false;
                std::thread([&ran] { ran = true; }).join();
                return ran && ::eventfd(0, EFD_CLOEXEC) >= 0 ? 0 : 10;
            }),
        0);
}

TEST_F(Sandbox, TheDaemonWritesNowhereElse) {
    const auto foreign = [this](const char* name) { return (home_ / "foreign" / name).string(); };
    const std::string own = (home_ / "own" / "a").string();
    ::close(::open(own.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    EXPECT_EQ(run(daemon(), [&] { return error_of(::open(foreign("file").c_str(), O_WRONLY | O_CLOEXEC)); }), EACCES);
    EXPECT_EQ(run(daemon(), [&] { return error_of(::open(foreign("file").c_str(), O_RDONLY | O_TRUNC | O_CLOEXEC)); }),
              EACCES);
    EXPECT_EQ(
        run(daemon(), [&] { return error_of(::open(foreign("new").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)); }),
        EACCES);
    EXPECT_EQ(run(daemon(), [&] { return error_of(::unlink(foreign("file").c_str())); }), EACCES);
    EXPECT_EQ(run(daemon(), [&] { return error_of(::mkdir(foreign("new").c_str(), 0700)); }), EACCES);
    EXPECT_NE(run(daemon(), [&] { return error_of(::rename(foreign("file").c_str(), own.c_str())); }), 0);
    EXPECT_NE(run(daemon(), [&] { return error_of(::rename(own.c_str(), foreign("new").c_str())); }), 0);
    EXPECT_EQ(run(daemon(), [&] { return error_of(::open(foreign("file").c_str(), O_RDONLY | O_CLOEXEC)); }), 0);
    // What Landlock does not cover, the filter does.
    EXPECT_EQ(
        run(daemon(), [&] { return error_of(::fchmod(::open(foreign("file").c_str(), O_RDONLY | O_CLOEXEC), 0777)); }),
        EPERM);
    EXPECT_EQ(
        run(daemon(), [&] { return error_of(::fchown(::open(foreign("file").c_str(), O_RDONLY | O_CLOEXEC), 1, 1)); }),
        EPERM);
    EXPECT_EQ(run(daemon(),
                  [&] {
                      ::chmod(foreign("file").c_str(), 0777);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [&] {
                      ::utimensat(AT_FDCWD, foreign("file").c_str(), nullptr, 0);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [&] {
                      ::syscall(SYS_setxattr, foreign("file").c_str(), "user.x", "", 0, 0);
                      return 0;
                  }),
              -SIGSYS);
}

TEST_F(Sandbox, TheDaemonNeverConnectsExecutesOrSignals) {
    EXPECT_EQ(run(daemon(),
                  [] {
                      ::socket(AF_INET, SOCK_STREAM, 0);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [] {
                      ::socket(AF_UNIX, SOCK_STREAM, 0);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [] {
                      int ends[2];
                      ::socketpair(AF_INET, SOCK_STREAM, 0, ends);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [] {
                      ::execl("/bin/true", "true", nullptr);
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [] {
                      ::fork();
                      return 0;
                  }),
              -SIGSYS);
    EXPECT_EQ(run(daemon(),
                  [] {
                      ::kill(::getppid(), SIGTERM);
                      return 0;
                  }),
              -SIGSYS);
    const sockaddr_in nobody{};
    EXPECT_EQ(run(daemon(),
                  [&] {
                      ::sendto(0, "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody));
                      return 0;
                  }),
              -SIGSYS);
}

TEST_F(Sandbox, AReaderOpensForReadingOnlyAndOnlyWhereItMay) {
    Policy reader = minimal();
    reader.allow_read_only_open().read_beneath(home_ / "own");
    ::close(::open((home_ / "own" / "a").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    const std::string own = (home_ / "own" / "a").string();
    EXPECT_EQ(run(reader, [&] { return error_of(::open(own.c_str(), O_RDONLY | O_CLOEXEC)); }), 0);
    EXPECT_EQ(run(reader, [&] { return error_of(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }), EACCES);
    for (const int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC, O_TMPFILE | O_RDWR})
        EXPECT_EQ(run(reader,
                      [&] {
                          ::open(own.c_str(), flags | O_CLOEXEC, 0600);
                          return 0;
                      }),
                  -SIGSYS)
            << flags;
}

TEST_F(Sandbox, AProgramThatMayBeStartedRunsUnderTheSamePolicyAndNoOtherDoes) {
    const std::filesystem::path worker = std::filesystem::canonical("/proc/self/exe");
    Policy spawner = minimal();
    spawner.allow_process_creation().allow_dynamic_loader().read_beneath("/").execute_file("/bin/true");
    EXPECT_EQ(run(spawner, [&] { return error_of(::execl(worker.c_str(), "worker", "--gtest_list_tests", nullptr)); }),
              EACCES);
}

TEST_F(Sandbox, MemoryBeyondTheLimitIsRefusedToThisProcessAlone) {
    Policy policy = minimal();
    policy.limit({.memory_bytes = 64 << 20});
    EXPECT_EQ(run(policy,
                  [] {
                      return ::mmap(nullptr, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                                     MAP_FAILED
                                 ? 5
                                 : 0;
                  }),
              5);
}

TEST_F(Sandbox, APlaceThatIsNotThereIsAnErrorAndNotIgnored) {
    const pid_t child = ::fork();
    if (child == 0) {
        Policy policy;
        policy.allow_common_runtime().read_beneath("/nonexistent");
        const Result<Layers> layers = policy.apply();
        ::_exit(layers ? 0 : static_cast<int>(layers.error().code));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Code::not_found));
}

TEST_F(Sandbox, TheLayersThatHoldAreNamed) {
    EXPECT_EQ(to_string(Layers{.seccomp = true, .landlock_abi = 7}), "seccomp, landlock 7");
    EXPECT_EQ(to_string(Layers{.seccomp = true, .missing = {"no landlock in this kernel"}}),
              "seccomp, no landlock in this kernel");
}

TEST_F(Sandbox, AProcessWithThreadsIsNotLockedDownByHalf) {
    std::atomic<bool> stop = false;
    std::thread other([&stop] { stop.wait(false); });
    const Result<Layers> layers = minimal().apply();
    stop = true;
    stop.notify_all();
    other.join();
    ASSERT_FALSE(layers);
    EXPECT_EQ(layers.error().code, Code::internal);
}

}  // namespace
}  // namespace lar::sandbox
