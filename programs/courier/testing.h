// A server for tests: one thread on a loopback port, a reply of the test's own for each request.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/fd.h"

namespace lar::courier {

class LoopbackServer {
public:
    // The whole request as it came, headers and body; what is returned is sent as it is, then the connection ends.
    using Reply = std::function<std::string(const std::string& request)>;

    explicit LoopbackServer(Reply reply) : reply_(std::move(reply)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof(address);
        const bool listens = ::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                             ::listen(socket_.number(), 8) == 0 &&
                             ::getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
        port_ = listens ? ntohs(address.sin_port) : 0;
        thread_ = std::thread([this] { serve(); });
    }
    ~LoopbackServer() {
        ended_ = true;
        thread_.join();
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }

private:
    static constexpr char tls_handshake = 0x16;

    void serve() {
        while (!ended_) {
            pollfd item{socket_.number(), POLLIN, 0};
            if (::poll(&item, 1, 20) <= 0) continue;
            const Fd client(::accept(socket_.number(), nullptr, nullptr));
            if (!client) continue;
            ++connections_;
            const std::string reply = reply_(read_request(client));
            static_cast<void>(::send(client.number(), reply.data(), reply.size(), MSG_NOSIGNAL));
        }
    }
    static std::string read_request(const Fd& client) {
        std::string request;
        std::size_t whole = std::string::npos;
        char buffer[4096];
        while (request.size() < whole) {
            const ssize_t n = ::recv(client.number(), buffer, sizeof(buffer), 0);
            if (n <= 0) break;
            request.append(buffer, static_cast<std::size_t>(n));
            if (request.front() == tls_handshake) break;
            const std::size_t end = request.find("\r\n\r\n");
            if (end == std::string::npos || whole != std::string::npos) continue;
            const std::size_t length = request.find("Content-Length: ");
            whole = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
        }
        return request;
    }

    Reply reply_;
    Fd socket_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ended_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace lar::courier
