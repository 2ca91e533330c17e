#include "http/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional/optional.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "base/fd.h"
#include "base/format.h"

namespace lar::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::http;
using Clock = std::chrono::steady_clock;
using ErrorCode = boost::system::error_code;

constexpr std::uint32_t limit_head_bytes = 64 * 1024;
constexpr std::size_t read_bytes = 64 * 1024;
constexpr auto cancel_look = std::chrono::milliseconds(200);
constexpr auto for_ever = Clock::time_point::max();

// Who answers, as messages call it.
std::string name_of(const Endpoint& endpoint) { return endpoint.host.empty() ? "Lar" : endpoint.host; }

std::unexpected<Error> nobody(const Endpoint& endpoint, std::string_view why) {
    return fail(Code::unavailable, endpoint.host.empty()
                                       ? lar::format("Lar is not running here ({})", why)
                                       : lar::format("nobody answers at {} ({})", endpoint.host, why));
}

struct Address {
    union {
        sockaddr any;
        sockaddr_un local;
        sockaddr_in four;
        sockaddr_in6 six;
    };
    socklen_t size = 0;
};

Result<Address> address_of(const Endpoint& endpoint) {
    Address address{};
    if (!endpoint.socket.empty()) {
        const std::string& path = endpoint.socket.native();
        if (path.size() >= sizeof(address.local.sun_path))
            return fail(Code::invalid,
                        lar::format("the socket's path is longer than the {} bytes a unix socket may have: {}; set "
                                    "XDG_RUNTIME_DIR or LAR_HOME to a shorter one",
                                    sizeof(address.local.sun_path) - 1, path));
        address.local.sun_family = AF_UNIX;
        std::memcpy(address.local.sun_path, path.c_str(), path.size() + 1);
        address.size = sizeof(address.local);
    } else if (::inet_pton(AF_INET, endpoint.address.c_str(), &address.four.sin_addr) == 1) {
        address.four.sin_family = AF_INET;
        address.four.sin_port = htons(endpoint.port);
        address.size = sizeof(address.four);
    } else if (::inet_pton(AF_INET6, endpoint.address.c_str(), &address.six.sin6_addr) == 1) {
        address.six.sin6_family = AF_INET6;
        address.six.sin6_port = htons(endpoint.port);
        address.size = sizeof(address.six);
    } else {
        return fail(Code::invalid, lar::format("'{}' is not an IP address", endpoint.address));
    }
    return address;
}

// There is nobody, or no way there, as opposed to a fault of ours.
bool means_nobody(int error) {
    return error == ENOENT || error == ECONNREFUSED || error == ENETUNREACH || error == EHOSTUNREACH;
}

// Hands an answer's bytes to whoever wants them as they come, however they are framed.
class ReplyReader {
public:
    using Take = std::function<Result<bool>(std::string_view)>;  // a piece of the body; false: enough

    explicit ReplyReader(bool head_only) {
        parser_.header_limit(limit_head_bytes);
        parser_.body_limit(boost::none);
        parser_.skip(head_only);
    }

    // false when `take` has had enough.
    Result<bool> feed(std::string_view bytes, const Take& take) {
        pending_ += bytes;
        std::size_t used = 0;
        bool more = true;
        while (more && !parser_.is_done() && used < pending_.size()) {
            parser_.get().body().data = piece_.data();
            parser_.get().body().size = piece_.size();
            ErrorCode error;
            const std::size_t step = parser_.put(asio::buffer(pending_.data() + used, pending_.size() - used), error);
            used += step;
            const std::size_t filled = piece_.size() - parser_.get().body().size;
            if (filled > 0) more = TRY(take({piece_.data(), filled}));
            if (error == beast::error::need_more || (step == 0 && filled == 0)) break;
            if (error && error != beast::error::need_buffer) return malformed(error);
        }
        pending_.erase(0, used);
        return more;
    }

    // The server closed: an end for some answers; false: a broken one.
    bool end() {
        ErrorCode error;
        parser_.put_eof(error);
        return !error && parser_.is_done();
    }

    bool done() const { return parser_.is_done(); }
    bool has_head() const { return parser_.is_header_done(); }
    bool keep_alive() const { return parser_.keep_alive(); }
    bool interim() const { return parser_.get().result_int() / 100 == 1; }
    int status() const { return static_cast<int>(parser_.get().result_int()); }
    std::vector<Header> headers() const {
        std::vector<Header> headers;
        for (const auto& field : parser_.get())
            headers.push_back({std::string(field.name_string()), std::string(field.value())});
        return headers;
    }

private:
    static std::unexpected<Error> malformed(const ErrorCode& error) {
        return fail(Code::corrupt, lar::format("the answer is not HTTP: {}", error.message()));
    }

    beast::response_parser<beast::buffer_body> parser_;
    std::string pending_;
    std::array<char, 16 * 1024> piece_{};
};

}  // namespace

class Client::Impl {
public:
    Impl(Endpoint endpoint, ClientOptions options) : endpoint_(std::move(endpoint)), options_(options) {}

    Result<> connect();
    Result<Reply> exchange(const Call& call, const std::function<bool(const Event&)>* take);

private:
    Result<Reply> attempt(const Call& call, const std::function<bool(const Event&)>* take, bool& nothing_came);
    Result<Reply> read_reply(const Call& call, const std::function<bool(const Event&)>* take, bool& nothing_came);
    Result<> wait(const Fd& fd, short events, Clock::time_point deadline);
    Result<> write(std::string_view bytes);
    Result<std::size_t> read(std::span<char> into, Clock::time_point deadline);
    bool cancelled() const { return options_.cancelled != nullptr && *options_.cancelled; }
    std::string head_of(const Call& call) const;

    Endpoint endpoint_;
    ClientOptions options_;
    Fd fd_;
};

Result<> Client::Impl::connect() {
    const Address address = TRY(address_of(endpoint_));
    fd_.reset();
    Fd fd(::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno("socket", errno);
    if (address.any.sa_family != AF_UNIX) {
        // A request goes out at once, also when the last one's end is not acknowledged yet.
        const int on = 1;
        ::setsockopt(fd.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    if (::connect(fd.number(), &address.any, address.size) != 0) {
        if (means_nobody(errno)) return nobody(endpoint_, std::strerror(errno));
        if (errno == EAGAIN)
            return fail(Code::unavailable, lar::format("{} has too many clients at once", name_of(endpoint_)));
        if (errno != EINPROGRESS) return fail_errno("connect", errno);
        TRY_VOID(wait(fd, POLLOUT, Clock::now() + options_.connect_time));
        int error = 0;
        socklen_t length = sizeof(error);
        ::getsockopt(fd.number(), SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) return nobody(endpoint_, std::strerror(error));
    }
    fd_ = std::move(fd);
    return {};
}

Result<> Client::Impl::wait(const Fd& fd, short events, Clock::time_point deadline) {
    for (;;) {
        if (cancelled()) return fail(Code::unavailable, "interrupted");
        const auto now = Clock::now();
        if (now >= deadline) return fail(Code::timeout, lar::format("{} did not answer in time", name_of(endpoint_)));
        auto slice = deadline == for_ever ? std::chrono::milliseconds(-1)
                                          : std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
        if (options_.cancelled != nullptr) slice = slice.count() < 0 ? cancel_look : std::min(slice, cancel_look);
        pollfd poll{fd.number(), events, 0};
        const int ready = ::poll(&poll, 1, static_cast<int>(slice.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return fail_errno("poll", errno);
    }
}

Result<> Client::Impl::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            TRY_VOID(wait(fd_, POLLOUT, Clock::now() + options_.answer_time));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};  // it refused before it had read all; what it said can still be read
        } else if (errno != EINTR) {
            return fail_errno("send", errno);
        }
    }
    return {};
}

Result<std::size_t> Client::Impl::read(std::span<char> into, Clock::time_point deadline) {
    for (;;) {
        const ssize_t got = ::recv(fd_.number(), into.data(), into.size(), 0);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == ECONNRESET) return 0UZ;
        if (errno == EAGAIN) {
            TRY_VOID(wait(fd_, POLLIN, deadline));
        } else if (errno != EINTR) {
            return fail_errno("recv", errno);
        }
    }
}

std::string Client::Impl::head_of(const Call& call) const {
    const std::string host = !endpoint_.host.empty()    ? endpoint_.host
                             : endpoint_.socket.empty() ? lar::format("{}:{}", endpoint_.address, endpoint_.port)
                                                        : "localhost";
    std::string head = lar::format("{} {} HTTP/1.1\r\nHost: {}\r\nAccept: application/json, text/event-stream\r\n",
                                   call.method, call.target, host);
    if (!endpoint_.token.empty()) head += lar::format("Authorization: Bearer {}\r\n", endpoint_.token);
    if (!call.body.empty() || call.method == "POST")
        head += lar::format("Content-Type: application/json\r\nContent-Length: {}\r\n", call.body.size());
    return head += "\r\n";
}

Result<Reply> Client::Impl::exchange(const Call& call, const std::function<bool(const Event&)>* take) {
    const bool fresh = !fd_;
    bool nothing_came = false;
    Result<Reply> reply = attempt(call, take, nothing_came);
    if (!reply) fd_.reset();  // what is left on the wire belongs to nobody
    // A kept connection may have been closed by the server just now. Nothing of an answer came, so ask again.
    if (!reply && !fresh && nothing_came && !cancelled() && reply.error().code == Code::unavailable) {
        reply = attempt(call, take, nothing_came);
        if (!reply) fd_.reset();
    }
    return reply;
}

Result<Reply> Client::Impl::attempt(const Call& call, const std::function<bool(const Event&)>* take,
                                    bool& nothing_came) {
    nothing_came = true;
    if (!fd_) TRY_VOID(connect());
    TRY_VOID(write(head_of(call) + call.body));  // in one piece: two would wait for each other's acknowledgement
    return read_reply(call, take, nothing_came);
}

Result<Reply> Client::Impl::read_reply(const Call& call, const std::function<bool(const Event&)>* take,
                                       bool& nothing_came) {
    ReplyReader reader(call.method == "HEAD");
    EventReader events;
    Reply reply;
    std::optional<bool> streaming;
    const auto take_piece = [&](std::string_view piece) -> Result<bool> {
        if (!streaming) {
            const auto headers = reader.headers();
            const std::string_view type = find_header(headers, "Content-Type").value_or("");
            const bool lines = type.starts_with(json_lines_type);
            streaming = take != nullptr && reader.status() == 200 && (lines || type.starts_with("text/event-stream"));
            if (lines) events = EventReader(EventReader::Form::lines);
        }
        if (*streaming) {
            for (const Event& event : TRY(events.take(piece)))
                if (!(*take)(event)) return false;
            return true;
        }
        if (reply.body.size() + piece.size() > limit_response_bytes)
            return fail(Code::too_large, "the answer is too large");
        reply.body += piece;
        return true;
    };

    std::vector<char> buffer(read_bytes);
    bool more = true;
    while (more && !reader.done()) {
        const auto patience = streaming.value_or(false) ? options_.pause_time : options_.answer_time;
        const bool for_as_long_as_it_takes = patience.count() == 0 || (call.patient && !streaming.value_or(false));
        const auto deadline = for_as_long_as_it_takes ? for_ever : Clock::now() + patience;
        const std::size_t got = TRY(read(buffer, deadline));
        if (got == 0) {
            const std::string name = name_of(endpoint_);
            if (nothing_came) return fail(Code::unavailable, lar::format("{} closed the connection", name));
            if (!reader.end())
                return fail(Code::unavailable,
                            lar::format("{} closed the connection in the middle of an answer", name));
            break;
        }
        nothing_came = false;
        more = TRY(reader.feed({buffer.data(), got}, take_piece));
    }
    reply.status = reader.status();
    reply.headers = reader.headers();
    reply.content_type = find_header(reply.headers, "Content-Type").value_or("");
    if (!more || !reader.done() || !reader.keep_alive()) fd_.reset();
    return reply;
}

Client::Client(Endpoint endpoint, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(endpoint), options)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<> Client::connect() { return impl_->connect(); }
Result<Reply> Client::send(const Call& call) { return impl_->exchange(call, nullptr); }
Result<Reply> Client::stream(const Call& call, const std::function<bool(const Event&)>& take) {
    return impl_->exchange(call, &take);
}

}  // namespace lar::http
