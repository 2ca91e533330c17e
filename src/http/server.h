// The HTTP/1.1 server: one thread for all connections, a few for handlers that wait.
//
// create() takes sockets that already listen (lard binds them before it locks itself down) and starts
// nothing; run() serves on the calling thread until stop(). Handlers come from a Router and are run as
// their route says. The server refuses what limits.h, parser.h and Router::admit() refuse, drops clients
// that do not read, and never lets strangers on TCP use up the unix socket's connections. A peer on the
// unix socket must be the same user.
//
// post(), stop() and the Responders may be used from any thread; watch() and after() belong to run()'s
// thread or to the time before it. While nothing happens no timer fires.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "http/gate.h"
#include "http/limits.h"
#include "http/router.h"

namespace lar::http {

struct ServerOptions {
    Limits limits;
    Gate* gate = nullptr;                      // who is let in over TCP, as long as the server lives; none: nobody
    std::vector<std::string> allowed_origins;  // besides our own
};
struct Listening {
    Fd unix_socket;  // either may be absent
    Fd tcp;
};

class Server {
public:
    static Result<std::unique_ptr<Server>> create(Listening sockets, Router router, ServerOptions options);
    ~Server();  // after run() has returned

    // Until stop(). Only once.
    void run();
    // No new connections or requests; what is being answered has this long to end.
    void stop(std::chrono::milliseconds grace);

    void post(std::function<void()> call);                                   // on run()'s thread, soon
    void after(std::chrono::milliseconds time, std::function<void()> call);  // there, once, unless stopped before
    // Calls when the descriptor can be read, until the call says false or the server ends. The descriptor is
    // duplicated: closing it does not end the watch, its other end's closing makes it readable.
    Result<> watch(int fd, std::function<bool()> readable);
    // Calls once, when it can be written to.
    Result<> when_writable(int fd, std::function<void()> writable);

    struct Load {
        std::size_t unix_connections = 0, tcp_connections = 0;
        std::size_t requests_under_way = 0;
        std::uint64_t requests = 0;  // since the start
        std::uint64_t refused = 0;   // of them, or before they became one
    };
    Load load() const;  // any thread

    class Core;

private:
    explicit Server(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;  // shared with Responders: they may outlive the server, and then reach nobody
};

}  // namespace lar::http
