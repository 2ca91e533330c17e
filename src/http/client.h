// A small blocking HTTP/1.1 client for our own programs: over the unix socket, or TCP with a token. Mostly it speaks to
// lard; `lar bench` also takes it to servers of others. It knows neither TLS nor names: an address is numeric.
//
// One Client is one connection, used by one thread; it reconnects when the server closed it between
// requests. send() returns the whole response, stream() hands over server-sent events as they come and
// returns when the stream ends (an answer that is no event stream, such as an error, comes back whole in
// `body`). A status of 400 or more is a response like any other, not an Error. Nobody listening is
// `unavailable`, a raised `cancelled` flag too, no answer in time `timeout`.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/events.h"
#include "http/message.h"

namespace lar::http {

inline constexpr std::size_t limit_response_bytes = 256 * 1024 * 1024;

struct Endpoint {
    std::filesystem::path socket;  // this, or
    std::uint16_t port = 0;        // a port, and
    std::string token;
    std::string address = "127.0.0.1";  // IPv4 or IPv6
    std::string host;                   // "name:port", for the Host header and for messages; empty: it is Lar's own
};

struct ClientOptions {
    std::chrono::milliseconds connect_time{2'000};
    std::chrono::milliseconds answer_time{120'000};  // without a byte of the answer
    std::chrono::milliseconds pause_time{0};         // without a byte of a stream that has begun; 0: for ever
    const std::atomic<bool>* cancelled = nullptr;    // looked at when a signal interrupts, and a few times a second
};

struct Call {
    std::string method = "GET";
    std::string target = "/";  // path and query, encoded
    std::string body;          // JSON; sent when not empty, or when the method is POST
    bool patient = false;      // the answer may take any time to begin: a model may have much to read first
};
struct Reply {
    int status = 0;
    std::string content_type;
    std::vector<Header> headers;
    std::string body;
    bool ok() const { return status >= 200 && status < 300; }
};

class Client {
public:
    explicit Client(Endpoint endpoint, ClientOptions options = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    Result<> connect();  // a new connection; the first request makes one otherwise
    Result<Reply> send(const Call& call);
    // `take` returning false ends the stream from this side; the Reply then is what was known so far.
    Result<Reply> stream(const Call& call, const std::function<bool(const Event&)>& take);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lar::http
