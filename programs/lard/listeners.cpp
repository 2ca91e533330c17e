#include "listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace lar::lard {
namespace {

constexpr int backlog = 256;

constexpr int lock_patience_ms = 3000, lock_pause_ms = 10;

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof(address.sun_path))
        return fail(Code::too_large,
                    lar::format("the socket's path is longer than the {} bytes a unix socket may have: {}; "
                                "set XDG_RUNTIME_DIR or LAR_HOME to a shorter one",
                                sizeof(address.sun_path) - 1, path.string()));
    std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
    return address;
}

bool somebody_listens(const sockaddr_un& address) {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return fd && (::connect(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
                  errno == EAGAIN);  // a full queue
}

Result<Fd> listen_unix(const std::filesystem::path& path) {
    const sockaddr_un address = TRY(address_of(path));
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno(lar::format("cannot remove the old {}", path.string()), errno);
    if (::bind(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        return fail_errno(lar::format("cannot listen at {}", path.string()), errno);
    if (::chmod(path.c_str(), 0700) != 0) return fail_errno("chmod of the socket", errno);
    if (::listen(fd.number(), backlog) != 0) return fail_errno("listen", errno);
    return fd;
}

Result<Fd> listen_loopback(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    const int yes = 1;
    ::setsockopt(fd.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        return fail_errno("bind", errno);
    if (::listen(fd.number(), backlog) != 0) return fail_errno("listen", errno);
    return fd;
}

}  // namespace

Result<Fd> take_instance_lock(const std::filesystem::path& path, const std::filesystem::path& socket) {
    const sockaddr_un address = TRY(address_of(socket));
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail_errno(lar::format("cannot open {}", path.string()), errno);
    for (int waited_ms = 0; ::flock(fd.number(), LOCK_EX | LOCK_NB) != 0; waited_ms += lock_pause_ms) {
        if (errno != EWOULDBLOCK) return fail_errno("flock", errno);
        if (somebody_listens(address) || waited_ms >= lock_patience_ms)
            return fail(Code::conflict,
                        "another lard already serves this user; 'lar status' shows it, 'lar shutdown' ends it");
        ::poll(nullptr, 0, lock_pause_ms);
    }
    return fd;
}

Result<Listeners> open_listeners(const std::filesystem::path& socket, std::uint16_t port) {
    Listeners listeners;
    listeners.unix_socket = TRY(listen_unix(socket));
    listeners.names.push_back("unix:" + socket.string());
    if (port == 0) return listeners;
    Result<Fd> tcp = listen_loopback(port);
    if (tcp) {
        listeners.tcp = std::move(*tcp);
        listeners.names.push_back(lar::format("http://127.0.0.1:{}", port));
    } else if (tcp.error().code == Code::conflict) {
        listeners.problems.push_back(
            lar::format("port {} is taken by another program{}, so Lar serves on its socket only; 'lar shutdown' and "
                        "'lar serve --port {}' serves on another port",
                        port, port == 11434 ? " (Ollama?)" : "", port + 1));
    } else {
        listeners.problems.push_back(lar::format("cannot listen on 127.0.0.1:{}: {}", port, tcp.error().message));
    }
    return listeners;
}

}  // namespace lar::lard
