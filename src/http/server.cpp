#include "http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/server_core.h"

namespace lar::http {
namespace {

constexpr int clients_at_once = 16;  // taken in before other work gets its turn
constexpr auto descriptor_pause = std::chrono::milliseconds(100);

Result<std::uint16_t> port_of(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return fail_errno("getsockname", errno);
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
    return fail(Code::invalid, "not a TCP socket");
}

Result<std::uint32_t> uid_of_peer(int socket) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return fail_errno("SO_PEERCRED", errno);
    return credentials.uid;
}

}  // namespace

Server::Core::Core(Router r, ServerOptions o) : router(std::move(r)), options(std::move(o)) {
    const Limits& limits = options.limits;
    work = std::make_unique<Pool>(
        Pool::Options{limits.work_threads, limits.work_queue, limits.thread_stack_bytes, limits.thread_idle_time});
    quick = std::make_unique<Pool>(
        Pool::Options{1, limits.quick_queue, limits.thread_stack_bytes, limits.thread_idle_time});
    slow = std::make_unique<Pool>(
        Pool::Options{limits.slow_threads, limits.slow_queue, limits.thread_stack_bytes, limits.thread_idle_time});
    origin_rules.allowed_origins = options.allowed_origins;
}

Result<> Server::Core::listen(Fd socket, Transport transport) {
    if (transport == Transport::tcp) origin_rules.port = TRY(port_of(socket.number()));
    Acceptor& acceptor = acceptors_.emplace_back(context, transport);
    ErrorCode error;
    acceptor.descriptor.assign(socket.number(), error);
    if (error) return fail(Code::internal, "cannot wait for clients: " + error.message());
    socket.release();
    acceptor.descriptor.non_blocking(true, error);
    if (error) return fail(Code::internal, "cannot wait for clients: " + error.message());
    wait_for_clients(acceptor);
    return {};
}

void Server::Core::wait_for_clients(Acceptor& acceptor) {
    acceptor.descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [this, &acceptor](ErrorCode error) {
        if (error || stopping) return;
        for (int i = 0; i < clients_at_once; ++i)
            if (!accept_one(acceptor)) break;
        if (acceptor.pause.expiry() <= std::chrono::steady_clock::now()) return wait_for_clients(acceptor);
        acceptor.pause.async_wait([this, &acceptor](ErrorCode ended) {
            if (!ended && !stopping) wait_for_clients(acceptor);
        });
    });
}

// Takes one client in; false when there is none, or none can be had now.
bool Server::Core::accept_one(Acceptor& acceptor) {
    Fd client(::accept4(acceptor.descriptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_warning("http: no descriptor for another client ({})", errno);
            if (!make_room(acceptor.transport)) acceptor.pause.expires_after(descriptor_pause);
        }
        return errno == ECONNABORTED || errno == EINTR;
    }
    Peer peer{.transport = acceptor.transport};
    if (peer.transport == Transport::unix_socket) {
        const Result<std::uint32_t> uid = uid_of_peer(client.number());
        if (!uid) return true;
        peer.uid = *uid;
    } else {
        const int yes = 1;
        ::setsockopt(client.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    }
    const bool tcp = peer.transport == Transport::tcp;
    const std::size_t limit = tcp ? options.limits.tcp_connections : options.limits.unix_connections;
    const bool room = count(peer.transport) < limit || make_room(peer.transport);

    ErrorCode error;
    Socket socket(context);
    socket.assign(
        tcp ? asio::generic::stream_protocol(AF_INET, IPPROTO_TCP) : asio::generic::stream_protocol(AF_UNIX, 0),
        client.number(), error);
    if (error) return true;
    client.release();
    socket.non_blocking(true, error);
    auto connection = std::make_shared<Connection>(*this, std::move(socket), peer);
    connection->place = connections_.insert(connections_.end(), connection);
    ++count(peer.transport);
    if (peer.transport == Transport::unix_socket && peer.uid != ::geteuid()) {
        connection->refuse({403, "this socket belongs to another user", "Start a Lar of your own."}, {});
    } else if (!room) {
        connection->refuse({503, "too many connections are open", "Try again in a moment."}, {{"Retry-After", "1"}});
    } else {
        connection->start();
    }
    return true;
}

// Closes the connection that has been without a request for longest.
bool Server::Core::make_room(Transport transport) {
    std::shared_ptr<Connection> oldest;
    for (const auto& connection : connections_) {
        if (connection->transport() != transport || !connection->dispensable()) continue;
        if (!oldest || connection->since() < oldest->since()) oldest = connection;
    }
    if (!oldest) return false;
    oldest->close();
    return true;
}

std::atomic<std::size_t>& Server::Core::count(Transport transport) {
    return transport == Transport::tcp ? tcp_connections : unix_connections;
}

void Server::Core::remove(Connection& connection) {
    --count(connection.transport());
    connections_.erase(connection.place);
    if (stopping && connections_.empty()) context.stop();
}

Result<Server::Core::Watched*> Server::Core::add_watched(int fd) {
    Fd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!own) return fail_errno("fcntl", errno);
    Watched& watched = watched_.emplace_back(context);
    watched.place = std::prev(watched_.end());
    ErrorCode error;
    watched.descriptor.assign(own.number(), error);
    if (error) {
        watched_.pop_back();
        return fail(Code::internal, "cannot watch a descriptor: " + error.message());
    }
    own.release();
    return &watched;
}

Result<> Server::Core::watch(int fd, std::function<bool()> readable) {
    Watched& watched = *TRY(add_watched(fd));
    watched.readable = std::move(readable);
    wait_for(watched);
    return {};
}

Result<> Server::Core::when_writable(int fd, std::function<void()> writable) {
    Watched& watched = *TRY(add_watched(fd));
    watched.descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                  [this, &watched, writable = std::move(writable)](ErrorCode error) {
                                      if (error) return;
                                      watched_.erase(watched.place);
                                      writable();
                                  });
    return {};
}

void Server::Core::wait_for(Watched& watched) {
    watched.descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [this, &watched](ErrorCode error) {
        if (error) return;
        if (watched.readable()) return wait_for(watched);
        watched_.erase(watched.place);
    });
}

void Server::Core::begin_stop(std::chrono::milliseconds grace) {
    if (std::exchange(stopping, true)) return;
    for (Acceptor& acceptor : acceptors_) {
        ErrorCode ignored;
        acceptor.pause.cancel();
        acceptor.descriptor.close(ignored);
    }
    const auto all = connections_;  // finishing one takes it off the list
    for (const auto& connection : all) connection->finish_soon();
    if (connections_.empty()) return context.stop();
    grace_timer_.expires_after(grace);
    grace_timer_.async_wait([this](ErrorCode error) {
        if (!error) context.stop();
    });
}

void Server::Core::close_all() {
    stopping = true;
    const auto all = connections_;
    for (const auto& connection : all) connection->close();
}

Result<std::unique_ptr<Server>> Server::create(Listening sockets, Router router, ServerOptions options) {
    try {
        auto core = std::make_shared<Core>(std::move(router), std::move(options));
        if (sockets.unix_socket) TRY_VOID(core->listen(std::move(sockets.unix_socket), Transport::unix_socket));
        if (sockets.tcp) TRY_VOID(core->listen(std::move(sockets.tcp), Transport::tcp));
        return std::unique_ptr<Server>(new Server(std::move(core)));
    } catch (const std::exception& error) {
        return fail(Code::internal, lar::format("cannot set up the server: {}", error.what()));
    }
}

Server::Server(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Server::~Server() {
    // In this order: handlers learn that their clients are gone and end; then nothing can reach the Core
    // but a Responder kept elsewhere, which finds its connection gone.
    core_->close_all();
    core_->work.reset();
    core_->slow.reset();
    core_->quick.reset();
}

void Server::run() { core_->context.run(); }

void Server::stop(std::chrono::milliseconds grace) {
    asio::post(core_->context, [core = core_.get(), grace] { core->begin_stop(grace); });
}

void Server::post(std::function<void()> call) { asio::post(core_->context, std::move(call)); }

void Server::after(std::chrono::milliseconds time, std::function<void()> call) {
    const auto timer = std::make_shared<asio::steady_timer>(core_->context, time);  // kept by its own wait
    timer->async_wait([timer, call = std::move(call)](ErrorCode error) {
        if (!error) call();
    });
}

Result<> Server::watch(int fd, std::function<bool()> readable) { return core_->watch(fd, std::move(readable)); }
Result<> Server::when_writable(int fd, std::function<void()> writable) {
    return core_->when_writable(fd, std::move(writable));
}

Server::Load Server::load() const {
    return {core_->unix_connections, core_->tcp_connections, core_->requests_under_way, core_->requests,
            core_->refused};
}

}  // namespace lar::http
