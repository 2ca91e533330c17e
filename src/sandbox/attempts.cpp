#include "sandbox/attempts.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "sandbox/attempt_outcomes.h"

namespace lar::sandbox {
namespace {

using enum AttemptGroup;

// Addresses that were set aside for documents and belong to nobody.
constexpr const char* nobody4 = "192.0.2.1";
constexpr const char* nobody6 = "2001:db8::1";
constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t dns_port = 53;

// Each: 0 when it got through, else the errno. A protocol that this machine lacks is ENOTSUP.
int error_of(long result) { return result < 0 ? errno : 0; }

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    int family = AF_UNSPEC;
};

template <class Kind>
Address address_of(const Kind& kind, int family, std::size_t size = sizeof(Kind)) {
    Address address{.size = static_cast<socklen_t>(size), .family = family};
    std::memcpy(&address.bytes, &kind, sizeof(kind));
    return address;
}

Address ipv4(const char* host, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    return ::inet_pton(AF_INET, host, &to.sin_addr) == 1 ? address_of(to, AF_INET) : Address{};
}

Address ipv6(const char* host, std::uint16_t port) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    return ::inet_pton(AF_INET6, host, &to.sin6_addr) == 1 ? address_of(to, AF_INET6) : Address{};
}

// By path, or in the abstract namespace, where a name begins with a zero byte.
Address local(const std::string& name, bool abstract) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (name.empty() || name.size() + 2 > sizeof(to.sun_path)) return {};
    std::memcpy(to.sun_path + (abstract ? 1 : 0), name.data(), name.size());
    return address_of(to, AF_UNIX, offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

const sockaddr* pointer(const Address& to) { return reinterpret_cast<const sockaddr*>(&to.bytes); }

int connect_to(const Address& to, int kind) {
    if (to.family == AF_UNSPEC) return ENOTSUP;
    const Fd socket(::socket(to.family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return errno;
    const int error = error_of(::connect(socket.number(), pointer(to), to.size));
    return error == EINPROGRESS ? 0 : error;  // the kernel is at it
}

int send_to(const Address& to, int kind, int protocol, std::string_view bytes, int flags = 0) {
    if (to.family == AF_UNSPEC) return ENOTSUP;
    const Fd socket(::socket(to.family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    if (!socket) return errno;
    const int error = error_of(::sendto(socket.number(), bytes.data(), bytes.size(), flags, pointer(to), to.size));
    return error == EINPROGRESS ? 0 : error;
}

int make_socket(int family, int kind, int protocol) {
    const Fd socket(::socket(family, kind | SOCK_CLOEXEC, protocol));
    return socket ? 0 : errno;
}

// A question for the address of a name that nobody has (RFC 2606), as RFC 1035 writes it.
constexpr std::string_view dns_question("\x13\x37\1\0\0\1\0\0\0\0\0\0\x0blar-air-gap\7invalid\0\0\1\0\1", 37);

int ask_resolver(const std::string& resolver) {
    if (resolver.empty()) return ENOTSUP;
    const Address to = resolver.contains(':') ? ipv6(resolver.c_str(), dns_port) : ipv4(resolver.c_str(), dns_port);
    return send_to(to, SOCK_DGRAM, 0, dns_question);
}

// An echo request (RFC 792, RFC 4443) to ourselves; the kernel fills in the checksum of such a socket.
int ping(const Address& to, int protocol, char type) {
    const std::array<char, 8> request{type, 0, 0, 0, 0, 1, 0, 1};
    return send_to(to, SOCK_DGRAM, protocol, {request.data(), request.size()});
}

int execute(const std::string& program) {
    if (program.empty()) return ENOTSUP;
    for (const int standard : {0, 1, 2}) ::close(standard);  // whatever it would print
    ::execl(program.c_str(), program.c_str(), "--version", nullptr);
    return errno;
}

int execute_from_memory() {
    const Fd program(static_cast<int>(::syscall(SYS_memfd_create, "program", 0U)));
    if (!program) return errno;
    constexpr std::string_view script = "#!/bin/sh\nexit 0\n";
    if (::write(program.number(), script.data(), script.size()) < 0) return errno;
    std::string name = "program";
    std::array<char*, 2> words{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    ::syscall(SYS_execveat, program.number(), "", words.data(), environment.data(), AT_EMPTY_PATH);
    return errno;
}

int fork_a_child() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    if (child < 0) return errno;
    return error_of(::waitpid(child, nullptr, 0));
}

// By the system call itself: lar-reader has an open() of its own, which hides places before the kernel is asked.
int open_file(const std::string& path, int how) {
    if (path.empty()) return ENOTSUP;
    const Fd file(static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(), how | O_CLOEXEC, 0600)));
    return file ? 0 : errno;
}

int make_file(const std::string& path) {
    const int error = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (error == 0) ::unlink(path.c_str());
    return error;
}

using Make = int (*)(const Targets&);
using MakeWithSocket = int (*)(const Targets&, const Fd& socket);

struct Known {
    Attempt attempt;
    Make make = nullptr;
    MakeWithSocket make_with_socket = nullptr;  // one that was made before the lock-down and is still open
};

const std::array known{
    Known{
        {"tcp4", network, "connect over TCP, IPv4, on this machine"},
        [](const Targets& to) { return to.tcp4 == 0 ? ENOTSUP : connect_to(ipv4("127.0.0.1", to.tcp4), SOCK_STREAM); }},
    Known{{"tcp6", network, "connect over TCP, IPv6, on this machine"},
          [](const Targets& to) { return to.tcp6 == 0 ? ENOTSUP : connect_to(ipv6("::1", to.tcp6), SOCK_STREAM); }},
    Known{{"tcp4-outside", network, "connect over TCP, IPv4, to another machine", true},
          [](const Targets&) { return connect_to(ipv4(nobody4, https_port), SOCK_STREAM); }},
    Known{{"tcp6-outside", network, "connect over TCP, IPv6, to another machine", true},
          [](const Targets&) { return connect_to(ipv6(nobody6, https_port), SOCK_STREAM); }},
    Known{{"tcp-with-data", network, "send in a TCP handshake (Fast Open)"},
          [](const Targets& to) {
              return to.tcp4 == 0 ? ENOTSUP : send_to(ipv4("127.0.0.1", to.tcp4), SOCK_STREAM, 0, "x", MSG_FASTOPEN);
          }},
    Known{{"tcp-left-open", network, "connect a socket made before the lock-down"},
          nullptr,
          [](const Targets& to, const Fd& socket) {
              if (to.tcp4 == 0) return ENOTSUP;
              const Address address = ipv4("127.0.0.1", to.tcp4);
              const int error = error_of(::connect(socket.number(), pointer(address), address.size));
              return error == EINPROGRESS ? 0 : error;
          }},
    Known{{"listen", network, "open a port for others"},
          nullptr,
          [](const Targets&, const Fd& socket) {
              const Address any = ipv4("127.0.0.1", 0);
              if (::bind(socket.number(), pointer(any), any.size) != 0) return errno;
              return error_of(::listen(socket.number(), 1));
          }},
    Known{{"udp4", network, "send over UDP, IPv4"},
          [](const Targets& to) {
              return to.udp4 == 0 ? ENOTSUP : send_to(ipv4("127.0.0.1", to.udp4), SOCK_DGRAM, 0, "x");
          }},
    Known{{"udp6", network, "send over UDP, IPv6"},
          [](const Targets& to) { return to.udp6 == 0 ? ENOTSUP : send_to(ipv6("::1", to.udp6), SOCK_DGRAM, 0, "x"); }},
    Known{{"dns", network, "ask the system's resolver for a name", true},
          [](const Targets& to) { return ask_resolver(to.resolver); }},
    Known{{"icmp4", network, "send an ICMP echo"},
          [](const Targets&) { return ping(ipv4("127.0.0.1", 0), IPPROTO_ICMP, ICMP_ECHO); }},
    Known{{"icmp6", network, "send an ICMPv6 echo"},
          [](const Targets&) { return ping(ipv6("::1", 0), IPPROTO_ICMPV6, static_cast<char>(128)); }},
    Known{{"raw", network, "make a raw IP socket"},
          [](const Targets&) { return make_socket(AF_INET, SOCK_RAW, IPPROTO_RAW); }},
    Known{{"packet", network, "make a socket for raw frames"},
          [](const Targets&) { return make_socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)); }},
    Known{{"netlink", network, "talk to the kernel's network tables"},
          [](const Targets&) { return make_socket(AF_NETLINK, SOCK_RAW, 0); }},
    Known{{"vsock", network, "reach the machine that this one runs on"},
          [](const Targets&) { return make_socket(AF_VSOCK, SOCK_STREAM, 0); }},
    Known{{"unix", network, "connect to a unix socket"},
          [](const Targets& to) { return connect_to(local(to.unix_path, false), SOCK_STREAM); }},
    Known{{"abstract", network, "connect to an abstract unix socket"},
          [](const Targets& to) { return connect_to(local(to.abstract_name, true), SOCK_STREAM); }},
    Known{{"inherited", network, "use a descriptor that its parent left open"},
          [](const Targets& to) { return to.inherited < 0 ? ENOTSUP : error_of(::fcntl(to.inherited, F_GETFD)); }},
    Known{{"io_uring", processes, "do system calls by a ring that filters do not see"},
          [](const Targets&) {
              io_uring_params how{};
              const Fd ring(static_cast<int>(::syscall(SYS_io_uring_setup, 1, &how)));
              return ring ? 0 : errno;
          }},
    Known{{"exec", processes, "run another program, such as curl"},
          [](const Targets& to) { return execute(to.program); }},
    Known{{"exec-memory", processes, "run a program from memory"},
          [](const Targets&) { return execute_from_memory(); }},
    Known{{"fork", processes, "make a process"}, [](const Targets&) { return fork_a_child(); }},
    Known{{"trace", processes, "take part in tracing (ptrace)"},
          [](const Targets&) { return error_of(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
    Known{{"memory", processes, "read another process's memory"},
          [](const Targets&) {
              return error_of(::syscall(SYS_process_vm_readv, ::getppid(), nullptr, 0, nullptr, 0, 0));
          }},
    Known{{"signal", processes, "signal a process that it did not make"},
          [](const Targets&) { return error_of(::kill(::getppid(), 0)); }},
    Known{{"namespace", processes, "make namespaces, to be root within them"},
          [](const Targets&) { return error_of(::unshare(CLONE_NEWUSER)); }},
    Known{{"keyring", processes, "use the kernel's keyring"},
          [](const Targets&) {
              return error_of(::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1, 0, 0));
          }},
    Known{{"write-home", files, "make a file in the user's home"},
          [](const Targets& to) { return make_file(to.new_file); }},
    Known{{"write-temporary", files, "make a file in the system's temporary folder"},
          [](const Targets& to) { return make_file(to.new_temporary_file); }},
    Known{{"change", files, "open a file of the user's for writing"},
          [](const Targets& to) { return open_file(to.private_file, O_WRONLY); }},
    Known{{"read", files, "read a file of the user's"},
          [](const Targets& to) { return open_file(to.private_file, O_RDONLY); }},
};

// What a filter and what Landlock refuse with, and what a descriptor that is not there gives.
bool is_refusal(int error) { return error == EPERM || error == EACCES || error == EBADF; }

}  // namespace

std::string_view to_string(AttemptGroup group) {
    switch (group) {
        case network: return "network";
        case processes: return "processes";
        case files: return "files";
    }
    return "";
}

std::string_view to_string(AttemptOutcome outcome) {
    switch (outcome) {
        case AttemptOutcome::through: return "through";
        case AttemptOutcome::killed: return "killed";
        case AttemptOutcome::refused: return "refused";
        case AttemptOutcome::impossible: return "impossible";
    }
    return "";
}

std::span<const Attempt> attempts() {
    static const std::vector<Attempt> all = [] {
        std::vector<Attempt> list;
        for (const Known& one : known) list.push_back(one.attempt);
        return list;
    }();
    return all;
}

int make_attempt(std::string_view name, const Targets& targets, const LockDown& lock_down,
                 const std::function<void()>& begins) {
    const auto* const one = std::ranges::find(known, name, [](const Known& each) { return each.attempt.name; });
    if (one == known.end()) return exit_not_tried;
    Fd socket;
    if (one->make_with_socket != nullptr) {
        // Under a parent's policy this may be the end already, and is then as good as any.
        begins();
        socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket) return errno;
    }
    if (lock_down && !lock_down()) return exit_not_tried;
    if (one->make_with_socket == nullptr) begins();
    const int error = one->make != nullptr ? one->make(targets) : one->make_with_socket(targets, socket);
    return error < exit_not_tried ? error : ENOTSUP;
}

AttemptOutcome outcome_of(int error) {
    if (error == 0) return AttemptOutcome::through;
    return is_refusal(error) ? AttemptOutcome::refused : AttemptOutcome::impossible;
}

Result<> close_inherited(int first) {
    if (::close_range(static_cast<unsigned>(first), ~0U, 0) != 0) return fail_errno("close_range", errno);
    return {};
}

}  // namespace lar::sandbox
