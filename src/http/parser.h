// From bytes to requests, strictly: what could be read in two ways is refused.
//
// feed() takes whatever arrived and stops at the end of the head, so that the caller can refuse the
// request before a body is received; start_body() sets what the route allows, further feed()s end at
// `complete`. Bytes behind a request (pipelining) are left to the caller. Beast parses; before it sees a
// head, this file has checked what Beast would let pass and request smuggling lives on: bare LF or CR,
// folded lines, control characters, two lengths, a length beside a transfer encoding, an encoding other
// than chunked, two Hosts. A refused parser stays refused: where one request ends is then unknown, and
// the connection has to be closed.
//
// Holds no more than the bytes received, and nothing at all between requests.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"

namespace lar::http {

class RequestParser {
public:
    enum class State { head, head_complete, body, complete, refused };

    RequestParser(const Limits& limits, Peer peer);
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;
    ~RequestParser();

    // Returns how many of the bytes were used; look at state() then.
    std::size_t feed(std::string_view bytes);
    State state() const { return state_; }
    bool begun() const { return begun_; }  // a byte of a request has arrived

    // From head_complete on; before it only the peer is known.
    const Request& request() const { return request_; }
    std::optional<std::size_t> content_length() const { return content_length_; }
    bool has_body() const { return chunked_ || content_length_.value_or(0) > 0; }
    bool declares_length() const { return chunked_ || content_length_.has_value(); }
    bool expects_continue() const { return expects_continue_; }
    // head_complete → body, or complete where there is none.
    void start_body(std::size_t limit_bytes);
    // The same for a body of any size, which is taken off with take_body() while it comes.
    void start_endless_body();
    std::size_t body_bytes() const;  // received, and not taken off
    std::string take_body();

    Request take_request();  // when complete, with its body
    const Problem& problem() const { return problem_; }

private:
    struct Body;
    std::size_t feed_head(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    void finish_head();
    bool parse_head();
    bool read_framing();
    bool read_target();
    void begin_body();
    void refuse(int status, std::string message);

    const Limits* limits_;
    State state_ = State::head;
    bool begun_ = false;
    std::size_t skipped_ = 0;  // bytes of an empty line before the request
    bool chunked_ = false;
    bool expects_continue_ = false;
    std::optional<std::size_t> content_length_;
    std::string head_;
    Request request_;
    Problem problem_;
    std::unique_ptr<Body> body_;
};

}  // namespace lar::http
