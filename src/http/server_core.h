// What the connections of one server share; internal to http/, everything on the I/O thread unless said.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/pool.h"
#include "http/server.h"

namespace lar::http {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;
using ErrorCode = boost::system::error_code;

class Connection;

struct Acceptor {
    Acceptor(asio::io_context& context, Transport t) : transport(t), descriptor(context), pause(context) {}
    Transport transport;
    asio::posix::stream_descriptor descriptor;  // accepted from by hand: asio has no accept4 and no SO_PEERCRED
    asio::steady_timer pause;                   // after running out of descriptors
};

class Server::Core : public std::enable_shared_from_this<Server::Core> {
public:
    Core(Router router, ServerOptions options);

    Result<> listen(Fd socket, Transport transport);
    Result<> watch(int fd, std::function<bool()> readable);
    Result<> when_writable(int fd, std::function<void()> writable);
    void begin_stop(std::chrono::milliseconds grace);
    void close_all();

    // For connections.
    void remove(Connection& connection);
    Pool& pool_of(Run run) {
        if (run == Run::slow) return *slow;
        return run == Run::quick ? *quick : *work;
    }

    Router router;
    ServerOptions options;
    OriginRules origin_rules;
    bool stopping = false;
    std::size_t bodies_bytes = 0;           // being received now
    std::array<char, 16 * 1024> scratch{};  // where every connection reads into, so that none needs a buffer of its own

    std::atomic<std::size_t> unix_connections = 0, tcp_connections = 0, requests_under_way = 0;
    std::atomic<std::uint64_t> requests = 0, refused = 0;

    asio::io_context context{1};  // one thread runs it; others may post
    asio::executor_work_guard<asio::io_context::executor_type> busy{context.get_executor()};
    // Gone before the server is, so that the Core can be left to whoever holds it last.
    std::unique_ptr<Pool> work, quick, slow;

private:
    struct Watched {
        explicit Watched(asio::io_context& context) : descriptor(context) {}
        asio::posix::stream_descriptor descriptor;
        std::function<bool()> readable;
        std::list<Watched>::iterator place;
    };
    Result<Watched*> add_watched(int fd);
    void wait_for_clients(Acceptor& acceptor);
    bool accept_one(Acceptor& acceptor);
    bool make_room(Transport transport);
    std::atomic<std::size_t>& count(Transport transport);
    void wait_for(Watched& watched);

    std::list<Acceptor> acceptors_;
    std::list<Watched> watched_;
    std::list<std::shared_ptr<Connection>> connections_;  // shared with their pending operations
    asio::steady_timer grace_timer_{context};
};

}  // namespace lar::http
