// What each verb of a policy lets through, call by call. A call is added with the name of who makes it.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

#include "sandbox/policy.h"

namespace lar::sandbox {
namespace {

constexpr std::uint64_t all_bits = ~std::uint64_t{0};
// An int argument: the kernel ignores the upper half, so the filter must too.
constexpr std::uint64_t int_bits = 0xffff'ffff;
// Of socket()'s second argument, without SOCK_CLOEXEC and SOCK_NONBLOCK.
constexpr std::uint64_t kind_bits = 0xf;

}  // namespace

Policy::Policy() = default;

Policy Policy::of_a_client() {
    Policy policy;
    policy.passes_what_is_not_named_ = true;
    policy.rules_.push_back(
        {.call = "socket", .arguments = {{.index = 0, .value = AF_UNIX, .differs = true}}, .error_number = EPERM});
    policy.refuse({"bind", "listen"}, EPERM);
    policy.refuse({"io_uring_setup", "io_uring_enter", "io_uring_register"}, EPERM);
    // Another program would be under this policy, too: nobody's editor should be.
    policy.refuse({"execve", "execveat", "fork", "vfork", "memfd_create"}, EPERM);
    policy.rules_.push_back({.call = "clone", .arguments = {{0, CLONE_THREAD, 0}}, .error_number = EPERM});
    policy.refuse("clone3", ENOSYS);
    policy.refuse({"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "perf_event_open"}, EPERM);
    policy.refuse({"unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
                   "fsmount", "fsconfig", "fspick", "mount_setattr"},
                  EPERM);
    policy.refuse({"keyctl", "add_key", "request_key", "bpf", "userfaultfd", "init_module", "finit_module",
                   "delete_module", "kexec_load", "kexec_file_load", "iopl", "ioperm"},
                  EPERM);
    return policy;
}

Policy& Policy::allow_common_runtime() {
    allow({"exit", "exit_group", "restart_syscall"});
    // malloc, stacks, mapped files; never executable.
    allow({"brk", "munmap", "mremap", "madvise"});
    allow_if("mmap", {{2, PROT_EXEC, 0}});
    allow_if("mprotect", {{2, PROT_EXEC, 0}});
    allow({"futex", "rseq", "set_robust_list"});
    // The vDSO answers most of these; not under every hypervisor or clock source.
    allow({"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time"});
    allow({"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"});
    // abort() signals its own process.
    allow_if("tgkill", {{.index = 0, .mask = int_bits, .own_pid = true}});
    allow({"getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrandom"});
    // On descriptors that it already holds.
    allow({"read", "write", "readv", "writev", "close", "fstat", "lseek"});
    allow_if("fcntl", {{1, int_bits, F_GETFD}});
    allow_if("fcntl", {{1, int_bits, F_SETFD}});
    allow_if("fcntl", {{1, int_bits, F_GETFL}});
    allow_if("fcntl", {{1, int_bits, F_SETFL}});
    allow_if("fcntl", {{1, int_bits, F_DUPFD_CLOEXEC}});
    allow({"poll", "ppoll"});
    // malloc asks how many cores there are and how much memory.
    allow({"sched_getaffinity", "sched_yield", "sysinfo", "uname", "getcpu"});
    return *this;
}

Policy& Policy::allow_threads() {
    allow_if("clone", {{0, CLONE_THREAD, CLONE_THREAD}});
    // Its flags are behind a pointer, out of a filter's sight; glibc then takes clone.
    refuse("clone3", ENOSYS);
    allow_if("prctl", {{0, int_bits, PR_SET_NAME}});
    allow({"membarrier"});
    return *this;
}

Policy& Policy::allow_locking_memory() {
    allow({"mlock", "munlock"});
    // Asking how much may be locked.
    allow_if("prlimit64", {{2, all_bits, 0}});
    allow({"getrlimit"});
    return *this;
}

Policy& Policy::allow_read_ahead() {
    allow({"fadvise64", "readahead"});
    return *this;
}

Policy& Policy::allow_matrix_registers() {
    // inference asks for them before it loads weights, and ggml when it first packs some. Nothing else may be asked
    // for.
    constexpr std::uint64_t ask_for_component = 0x1023;  // ARCH_REQ_XCOMP_PERM; its header clashes with the C library's
    constexpr std::uint64_t tile_data = 18;              // XFEATURE_XTILEDATA
    allow_if("arch_prctl", {{0, int_bits, ask_for_component}, {1, all_bits, tile_data}});
    return *this;
}

Policy& Policy::allow_lower_priority() {
    // Raising it needs a privilege that lard does not have.
    allow_if("setpriority", {{0, int_bits, PRIO_PROCESS}});
    allow_if("getpriority", {{0, int_bits, PRIO_PROCESS}});
    allow(
        {"sched_setscheduler", "sched_setattr", "sched_getattr", "sched_getscheduler", "sched_getparam", "ioprio_set"});
    return *this;
}

Policy& Policy::allow_read_only_open() {
    constexpr std::uint64_t makes_or_changes = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
    allow_if("openat", {{2, makes_or_changes, O_RDONLY}});
    allow({"newfstatat", "fstat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd"});
    allow({"getdents64", "fstatfs", "statfs"});
    allow({"pread64", "preadv", "fadvise64", "readahead"});
    return *this;
}

Policy& Policy::allow_file_writing() {
    allow_read_only_open();
    allow({"openat"});
    allow({"pwrite64", "pwritev", "ftruncate", "fallocate", "fsync", "fdatasync"});
    allow({"rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"});
    allow({"umask"});
    // models: a copy of a model's file shares its blocks where the file system can. It is a read of the one
    // descriptor and a write to the other, and fails where they are not opened so.
    allow_if("ioctl", {{1, int_bits, FICLONE}});
    // Landlock has no say over modes and owners, so these would reach every file of the user's. Modes are right from
    // the start by the umask; that SQLite, as root, would give a WAL the owner of its database it can do without.
    refuse("fchmod", EPERM);
    refuse("fchown", EPERM);
    return *this;
}

Policy& Policy::allow_sqlite_files() {
    allow_file_writing();
    // Locks on byte ranges; SQLite's are of the process (F_SETLK).
    allow_if("fcntl", {{1, int_bits, F_GETLK}});
    allow_if("fcntl", {{1, int_bits, F_SETLK}});
    allow_if("fcntl", {{1, int_bits, F_SETLKW}});
    allow({"flock"});
    return *this;
}

Policy& Policy::allow_event_loop() {
    allow({"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2"});
    allow({"timerfd_create", "timerfd_settime", "timerfd_gettime", "poll", "ppoll"});
    // asio makes its sockets non-blocking this way and asks how much has come.
    allow_if("ioctl", {{1, int_bits, FIONBIO}});
    allow_if("ioctl", {{1, int_bits, FIONREAD}});
    return *this;
}

Policy& Policy::allow_ipc() {
    allow({"recvmsg", "recvfrom", "poll", "ppoll"});
    // To the other end only: an address would need a pointer in the fifth argument.
    allow_if("sendto", {{4, all_bits, 0}});
    return *this;
}

Policy& Policy::allow_ipc_with_descriptors() {
    allow_ipc();
    allow({"sendmsg", "shutdown", "eventfd2"});
    allow_if("socketpair", {{0, int_bits, AF_UNIX}});
    return *this;
}

Policy& Policy::allow_accept() {
    allow({"accept4", "accept", "getsockname", "getpeername", "shutdown"});
    allow({"recvmsg", "recvfrom", "sendmsg"});
    allow_if("sendto", {{4, all_bits, 0}});
    // SO_PEERCRED, SO_ERROR; TCP_NODELAY, SO_LINGER.
    allow({"getsockopt", "setsockopt"});
    return *this;
}

Policy& Policy::allow_inotify() {
    allow({"inotify_init1", "inotify_add_watch", "inotify_rm_watch"});
    return *this;
}

Policy& Policy::allow_own_facts() {
    allow({"getrusage", "times", "sysinfo"});
    // Asking for limits, not setting them.
    allow_if("prlimit64", {{2, all_bits, 0}});
    allow({"getrlimit"});
    return *this;
}

Policy& Policy::allow_limiting_own_time() {
    // lar-reader: so much for each document.
    allow_if("prlimit64", {{0, int_bits, 0}, {1, int_bits, RLIMIT_CPU}});
    return *this;
}

Policy& Policy::allow_process_creation() {
    constexpr std::uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                         CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
    allow_if("clone", {{0, namespaces, 0}});
    refuse("clone3", ENOSYS);
    allow({"execve", "wait4", "waitid", "pipe2", "dup2", "dup3", "close_range"});
    // To its children; Landlock keeps it to them.
    allow({"kill", "tgkill"});
    // Children must not outlive it, and have limits.
    allow_if("prctl", {{0, int_bits, PR_SET_PDEATHSIG}});
    allow({"prlimit64", "getrlimit", "setrlimit"});
    return *this;
}

Policy& Policy::allow_dynamic_loader() {
    allow_read_only_open();
    allow({"mmap", "mprotect"});
    allow({"arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink"});
    return *this;
}

Policy& Policy::allow_sockets_with_leave() {
    heirs_connect_ = true;
    // Stream or datagram: raw sockets, which root could make, end the process.
    for (const int family : {AF_INET, AF_INET6})
        for (const int kind : {SOCK_STREAM, SOCK_DGRAM})
            ask_for("socket", {{0, int_bits, static_cast<std::uint64_t>(family)},
                               {1, kind_bits, static_cast<std::uint64_t>(kind)}});
    // The C library, which looks for a cache of names and for the machine's interfaces, does without either.
    for (const int family : {AF_UNIX, AF_NETLINK})
        refuse("socket", EPERM, {{0, int_bits, static_cast<std::uint64_t>(family)}});
    // And each connection, so that a socket which somebody left open is of no use either.
    ask_for("connect", {});
    // On sockets that there are: none without leave, but for the channel.
    allow({"getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown"});
    allow({"recvmsg", "recvfrom", "sendmsg", "sendmmsg", "poll", "ppoll", "eventfd2"});
    allow_if("sendto", {{4, all_bits, 0}});
    allow_if("ioctl", {{1, int_bits, FIONBIO}});
    allow_if("ioctl", {{1, int_bits, FIONREAD}});
    return *this;
}

Policy& Policy::allow_giving_leave() {
    allow_if("ioctl", {{1, int_bits, SECCOMP_IOCTL_NOTIF_RECV}});
    allow_if("ioctl", {{1, int_bits, SECCOMP_IOCTL_NOTIF_SEND}});
    return *this;
}

Policy& Policy::allow_connecting(std::uint16_t port) {
    ports_.push_back(port);
    for (const int family : {AF_INET, AF_INET6})
        allow_if("socket", {{0, int_bits, static_cast<std::uint64_t>(family)}, {1, kind_bits, SOCK_STREAM}});
    allow({"connect", "getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown"});
    allow({"recvmsg", "recvfrom", "poll", "ppoll"});
    allow_if("sendto", {{4, all_bits, 0}});
    allow_if("ioctl", {{1, int_bits, FIONBIO}});
    return *this;
}

Policy& Policy::allow_looking_up_names() {
    constexpr std::uint16_t domain_port = 53;
    allow_connecting(domain_port);
    for (const int family : {AF_INET, AF_INET6})
        allow_if("socket", {{0, int_bits, static_cast<std::uint64_t>(family)}, {1, kind_bits, SOCK_DGRAM}});
    for (const int family : {AF_UNIX, AF_NETLINK})
        refuse("socket", EPERM, {{0, int_bits, static_cast<std::uint64_t>(family)}});
    // Two questions at once, and how long the answer is.
    allow({"sendmmsg"});
    allow_if("ioctl", {{1, int_bits, FIONREAD}});
    return *this;
}

Policy& Policy::refuse_opening() {
    for (const char* const call : {"openat", "access", "faccessat", "faccessat2", "readlink", "newfstatat"})
        refuse(call, EACCES);
    return *this;
}

Policy& Policy::allow_narrowing() {
    allow_if("prctl", {{0, int_bits, PR_SET_NO_NEW_PRIVS}});
    allow_if("prctl", {{0, int_bits, PR_GET_NO_NEW_PRIVS}});
    allow_if("prctl", {{0, int_bits, PR_SET_DUMPABLE}});
    allow_if("prctl", {{0, int_bits, PR_GET_SECCOMP}});
    allow_if("prctl", {{0, int_bits, PR_SET_SECCOMP}});
    allow({"seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"});
    allow({"prlimit64", "getrlimit", "setrlimit"});
    return *this;
}

}  // namespace lar::sandbox
