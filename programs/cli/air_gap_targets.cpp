#include "air_gap_targets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_resolver_bytes = 64 * 1024;
constexpr int inherited_descriptor = 9;
constexpr std::size_t name_bytes = 8;

struct Listening {
    Fd socket;
    std::uint16_t port = 0;  // 0: this machine has no such protocol
};

// On a free port of the loopback address. That a protocol is switched off is no error.
Listening listen_on_loopback(int family, int kind) {
    Listening made{.socket = Fd(::socket(family, kind | SOCK_CLOEXEC, 0))};
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_six = family == AF_INET6;
    const auto* address = is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
    socklen_t size = is_six ? sizeof(six) : sizeof(four);
    if (!made.socket || ::bind(made.socket.number(), address, size) != 0) return {};
    if (kind == SOCK_STREAM && ::listen(made.socket.number(), SOMAXCONN) != 0) return {};
    sockaddr_in6 bound{};  // the port is at the same place in both
    size = sizeof(bound);
    if (::getsockname(made.socket.number(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return {};
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    made.port = ntohs(bound.sin6_port);
    return made;
}

Result<Fd> listen_locally(const std::string& name, bool abstract) {
    Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (name.size() + 2 > sizeof(address.sun_path))
        return fail(Code::invalid,
                    lar::format("{} is too long a name for a socket: set TMPDIR to a shorter folder", name));
    std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (!socket || ::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(socket.number(), SOMAXCONN) != 0)
        return fail_errno("a socket to aim attempts at", errno);
    return socket;
}

// The first one that the system names (resolv.conf(5)).
std::string resolver() {
    const Result<std::string> text = read_file("/etc/resolv.conf", limit_resolver_bytes);
    if (!text) return {};
    for (const std::string_view line : split_lines(*text)) {
        constexpr std::string_view key = "nameserver";
        if (line.starts_with(key) && line.size() > key.size()) return std::string(trim(line.substr(key.size())));
    }
    return {};
}

Result<std::filesystem::path> make_folder(const std::filesystem::path& beneath) {
    std::string pattern = (beneath / "lar-air-gap-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail_errno(lar::format("a folder in {} for the attempts", beneath.string()), errno);
    return std::filesystem::path(pattern);
}

}  // namespace

Result<AirGapTargets> AirGapTargets::make(const std::filesystem::path& home) {
    AirGapTargets made;
    TRY_VOID(made.make_files(home));
    TRY_VOID(made.listen());
    return made;
}

Result<> AirGapTargets::make_files(const std::filesystem::path& home) {
    const char* const named = std::getenv("TMPDIR");
    const std::filesystem::path temporary = named != nullptr && *named == '/' ? named : "/tmp";
    folders_.push_back(TRY(make_folder(home)));
    folders_.push_back(TRY(make_folder(temporary)));
    targets_.private_file = (folders_[0] / "private").string();
    TRY_VOID(write_file_atomically(targets_.private_file, "the user's words\n"));
    targets_.new_file = (folders_[0] / "new").string();
    targets_.new_temporary_file = (folders_[1] / "new").string();
    targets_.unix_path = (folders_[1] / "socket").string();
    // A word of a command line has one value on a line.
    for (const std::string* path : {&targets_.private_file, &targets_.unix_path})
        if (path->contains('\n')) return fail(Code::invalid, "HOME or TMPDIR has a line break in its name");
    for (const char* program : {"/usr/bin/curl", "/bin/curl", "/usr/bin/env", "/bin/sh"}) {
        if (::access(program, X_OK) != 0) continue;
        targets_.program = program;
        break;
    }
    return {};
}

Result<> AirGapTargets::listen() {
    const std::array wanted{std::pair(AF_INET, SOCK_STREAM), std::pair(AF_INET6, SOCK_STREAM),
                            std::pair(AF_INET, SOCK_DGRAM), std::pair(AF_INET6, SOCK_DGRAM)};
    const std::array ports{&targets_.tcp4, &targets_.tcp6, &targets_.udp4, &targets_.udp6};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        Listening made = listen_on_loopback(wanted[i].first, wanted[i].second);
        *ports[i] = made.port;
        sockets_.push_back(std::move(made.socket));
    }
    sockets_.push_back(TRY(listen_locally(targets_.unix_path, false)));
    targets_.abstract_name = "lar-air-gap-" + random_hex(name_bytes);
    sockets_.push_back(TRY(listen_locally(targets_.abstract_name, true)));
    targets_.resolver = resolver();
    // Left open on purpose, for programs to find: a connection out, as far as they can tell.
    Fd left(::fcntl(sockets_.back().number(), F_DUPFD, inherited_descriptor));
    if (!left) return fail_errno("fcntl(F_DUPFD)", errno);
    targets_.inherited = left.number();
    sockets_.push_back(std::move(left));
    return {};
}

AirGapTargets::~AirGapTargets() {
    std::error_code error;
    for (const std::filesystem::path& folder : folders_) std::filesystem::remove_all(folder, error);
}

}  // namespace lar::cli
