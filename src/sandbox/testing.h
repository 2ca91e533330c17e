// For the tests of programs' policies: a child that locks itself down and then tries something.
//
// Not with sanitizers: their own system calls do not fit a policy, so a test skips itself where LAR_SANITIZED.
#pragma once

#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/policy.h"

namespace lar::sandbox {

inline constexpr int exit_not_locked_down = 99;

// How the child ended: its exit status, or minus the signal.
inline int run_locked_down(const std::function<Result<Layers>()>& lock_down, const std::function<int()>& then) {
    const pid_t child = ::fork();
    if (child == 0) {
        const Result<Layers> layers = lock_down();
        if (!layers) {
            static_cast<void>(!::write(2, layers.error().message.c_str(), layers.error().message.size()));
            ::_exit(exit_not_locked_down);
        }
        ::_exit(then());
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// 0, or the errno of a call that returns -1 for failure.
inline int error_of(long result) { return result < 0 ? errno : 0; }

struct Door {
    std::string name;
    std::function<long()> open;
};
// Sockets to elsewhere. They end every process but lar-spawner and the courier, who ask for leave.
inline std::vector<Door> doors_to_sockets() {
    return {
        {"socket inet", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }},
        {"socket inet6", [] { return ::socket(AF_INET6, SOCK_DGRAM, 0); }},
        {"socket unix", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
        {"socket netlink", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
        {"connect",
         [] {
             sockaddr_in to{};
             return ::connect(0, reinterpret_cast<sockaddr*>(&to), sizeof(to));
         }},
    };
}
// What not even those may ever do; each must end the process.
inline std::vector<Door> doors_closed_to_the_courier_too() {
    return {
        {"a raw socket", [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }},
        {"a packet socket", [] { return ::socket(AF_PACKET, SOCK_RAW, 0); }},
        {"bind",
         [] {
             sockaddr_in to{};
             return ::bind(0, reinterpret_cast<sockaddr*>(&to), sizeof(to));
         }},
        {"listen", [] { return ::listen(0, 1); }},
        {"send to an address",
         [] {
             sockaddr_in to{};
             return ::sendto(0, "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to));
         }},
        {"ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
        {"read another's memory",
         [] { return ::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0); }},
        {"io_uring",
         [] {
             io_uring_params how{};
             return ::syscall(SYS_io_uring_setup, 1, &how);
         }},
        {"openat2", [] { return ::syscall(SYS_openat2, AT_FDCWD, "/", nullptr, 0); }},
        {"mount", [] { return ::syscall(SYS_mount, "", "/", "", 0, nullptr); }},
        {"a namespace", [] { return ::unshare(CLONE_NEWUSER); }},
        {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
        {"a module", [] { return ::syscall(SYS_init_module, nullptr, 0, ""); }},
        {"userfaultfd", [] { return ::syscall(SYS_userfaultfd, 0); }},
        {"keys", [] { return ::syscall(SYS_keyctl, 0); }},
        {"a hard link", [] { return ::link("/a", "/b"); }},
        {"a symbolic link", [] { return ::symlink("/a", "/b"); }},
        {"a device", [] { return ::syscall(SYS_mknod, "/a", 0, 0); }},
        {"chroot", [] { return ::chroot("/"); }},
        {"another user", [] { return ::syscall(SYS_setuid, 0); }},
        {"a system call of tomorrow", [] { return ::syscall(2000); }},
    };
}
inline std::vector<Door> doors_closed_to_all() {
    std::vector<Door> doors = doors_to_sockets();
    for (Door& door : doors_closed_to_the_courier_too()) doors.push_back(std::move(door));
    return doors;
}
// Closed to all but those whose work it is.
inline Door door_fork() {
    return {"fork", [] { return ::fork(); }};
}
inline Door door_exec() {
    return {"exec", [] { return ::execl("/bin/true", "true", nullptr); }};
}
inline Door door_kill() {
    return {"kill", [] { return ::kill(::getppid(), 0); }};
}
inline Door door_unlink() {
    return {"unlink", [] { return ::unlink("/nonexistent"); }};
}
inline Door door_executable_memory() {
    return {"memory writable and executable", [] {
                void* page =
                    ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                return page == MAP_FAILED ? -1L : 0L;
            }};
}
inline Door door_send_descriptors() {
    return {"sendmsg", [] {
                msghdr message{};
                return ::sendmsg(0, &message, 0);
            }};
}

}  // namespace lar::sandbox
