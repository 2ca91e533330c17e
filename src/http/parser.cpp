#include "http/parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::http;

constexpr std::string_view end_of_head = "\r\n\r\n";

// A body kept in a string that grows with what arrives; Beast's own would reserve what the client announces.
struct GrowingBody {
    using value_type = std::string;

    class reader {
    public:
        template <bool is_request, class Fields>
        reader(beast::header<is_request, Fields>&, value_type& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
            error = {};
            std::size_t taken = 0;
            for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
                body_.append(static_cast<const char*>(buffer.data()), buffer.size());
                taken += buffer.size();
            }
            return taken;
        }
        void finish(boost::system::error_code& error) { error = {}; }

    private:
        value_type& body_;
    };
};

bool is_token_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || marks.contains(c);
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_character); }

bool has_control_character(std::string_view line) {
    return std::ranges::any_of(line,
                               [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

// "METHOD SP target SP HTTP/1.x" with single spaces.
std::optional<Problem> check_request_line(std::string_view line, const Limits& limits) {
    const std::vector<std::string_view> words = split(line, ' ');
    if (words.size() != 3 || !is_token(words[0]) || words[1].empty())
        return Problem{400, "the request line is malformed", ""};
    if (words[1].size() > limits.target_bytes)
        return Problem{414, "the address is too long", "Send it in the body of a POST."};
    if (std::ranges::any_of(words[1], [](char c) { return c <= 0x20 || c >= 0x7f; }))
        return Problem{400, "the address has characters that must be percent-encoded", ""};
    if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") {
        if (words[2].starts_with("HTTP/")) return Problem{505, "only HTTP/1.1 and HTTP/1.0 are spoken here", ""};
        return Problem{400, "the request line is malformed", ""};
    }
    return std::nullopt;
}

std::optional<Problem> check_header_line(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return Problem{400, "a header is folded over several lines", ""};
    if (!is_token(line.substr(0, line.find(':'))) || !line.contains(':'))
        return Problem{400, "a header's name is malformed", ""};
    return std::nullopt;
}

// What is wrong with a whole head (up to and with its empty line), line by line.
std::optional<Problem> check_head(std::string_view head, const Limits& limits) {
    std::size_t lines = 0;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.empty()) break;
        if (has_control_character(line)) return Problem{400, "the head of the request has a control character", ""};
        const std::optional<Problem> problem = lines == 0 ? check_request_line(line, limits) : check_header_line(line);
        if (problem) return problem;
        if (++lines > limits.headers + 1) return Problem{431, "the request has too many headers", ""};
    }
    return std::nullopt;
}

std::optional<std::size_t> parse_length(std::string_view text) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return length;
}

}  // namespace

struct RequestParser::Body {
    beast::request_parser<GrowingBody> parser;
    std::string pending;  // the beginning of a chunk's size line or of a trailer
};

RequestParser::RequestParser(const Limits& limits, Peer peer) : limits_(&limits) { request_.peer = peer; }
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

void RequestParser::refuse(int status, std::string message) {
    problem_ = {status, std::move(message), ""};
    state_ = State::refused;
}

std::size_t RequestParser::feed(std::string_view bytes) {
    if (state_ == State::head) return feed_head(bytes);
    if (state_ == State::body) return feed_body(bytes);
    return 0;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
    std::size_t skipped = 0;
    // One empty line before a request is tolerated (RFC 9112, 2.2): old clients end a body with one.
    for (; !begun_ && skipped < bytes.size() && skipped_ < 2 && "\r\n"[skipped_] == bytes[skipped]; ++skipped)
        ++skipped_;
    bytes.remove_prefix(skipped);
    if (bytes.empty()) return skipped;
    begun_ = true;

    const std::size_t before = head_.size();
    head_.append(bytes.substr(0, limits_->head_bytes - before));
    const std::size_t search_from = before < end_of_head.size() ? 0 : before - end_of_head.size() + 1;
    const std::size_t end = head_.find(end_of_head, search_from);
    if (end == std::string::npos) {
        if (head_.size() == limits_->head_bytes) {
            const bool in_first_line = !head_.contains("\r\n");
            refuse(in_first_line ? 414 : 431,
                   in_first_line ? "the address is too long" : "the request's headers are too long");
        }
        return skipped + head_.size() - before;
    }
    head_.resize(end + end_of_head.size());
    const std::size_t used = skipped + head_.size() - before;
    finish_head();
    return used;
}

void RequestParser::finish_head() {
    if (const auto problem = check_head(head_, *limits_)) {
        problem_ = *problem;
        state_ = State::refused;
        return;
    }
    if (parse_head() && read_framing() && read_target()) state_ = State::head_complete;
}

bool RequestParser::parse_head() {
    body_ = std::make_unique<Body>();
    body_->parser.header_limit(static_cast<std::uint32_t>(limits_->head_bytes));
    body_->parser.body_limit(boost::none);  // set by start_body, when the route is known
    boost::system::error_code error;
    const std::size_t used = body_->parser.put(asio::buffer(head_), error);
    if ((error && error != beast::error::need_more) || used != head_.size() || !body_->parser.is_header_done()) {
        refuse(400, "the head of the request is malformed");
        return false;
    }
    const auto& message = body_->parser.get();
    request_.method = std::string(message.method_string());
    request_.target = std::string(message.target());
    request_.minor_version = static_cast<int>(message.version() % 10);
    for (const auto& field : message)
        request_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    head_.clear();
    head_.shrink_to_fit();
    return true;
}

// How long the body is, and what becomes of the connection. Everything ambiguous is refused.
bool RequestParser::read_framing() {
    std::size_t hosts = 0, lengths = 0, encodings = 0;
    request_.keep_alive = request_.minor_version >= 1;
    for (const auto& [name, value] : request_.headers) {
        if (equal_ignoring_case(name, "Host")) {
            ++hosts;
            request_.host = value;
        } else if (equal_ignoring_case(name, "Content-Length")) {
            ++lengths;
            content_length_ = parse_length(value);
            if (!content_length_) return refuse(400, "the Content-Length is not a number"), false;
        } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
            ++encodings;
            if (!equal_ignoring_case(value, "chunked"))
                return refuse(501, "of transfer encodings only chunked is known here"), false;
        } else if (equal_ignoring_case(name, "Connection")) {
            for (const std::string_view option : split(value, ',')) {
                if (equal_ignoring_case(trim(option), "close")) request_.keep_alive = false;
                if (equal_ignoring_case(trim(option), "keep-alive") && request_.minor_version == 0)
                    request_.keep_alive = true;
            }
        } else if (equal_ignoring_case(name, "Expect")) {
            if (!equal_ignoring_case(value, "100-continue"))
                return refuse(417, "of expectations only 100-continue is known here"), false;
            expects_continue_ = request_.minor_version >= 1;
        }
    }
    if (hosts > 1 || (hosts == 0 && request_.minor_version >= 1))
        return refuse(400, "a request names exactly one Host"), false;
    if (lengths > 1 || encodings > 1 || lengths + encodings > 1)
        return refuse(400, "the length of the body is given twice"), false;
    if (encodings > 0 && request_.minor_version == 0) return refuse(400, "HTTP/1.0 has no transfer encodings"), false;
    chunked_ = encodings > 0;
    return true;
}

bool RequestParser::read_target() {
    std::string_view target = request_.target;
    constexpr std::string_view scheme = "http://";
    if (target.size() > scheme.size() && equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
        // An absolute target overrules Host (RFC 9112, 3.2.2).
        target.remove_prefix(scheme.size());
        const std::size_t slash = std::min(target.find_first_of("/?"), target.size());
        request_.host = std::string(target.substr(0, slash));
        target.remove_prefix(slash);
        if (target.empty() || target.front() == '?') return refuse(400, "the address has no path"), false;
    }
    if (target == "*" && request_.method == "OPTIONS") {
        request_.path = "*";
        return true;
    }
    if (!target.starts_with('/') || target.contains('#')) return refuse(400, "the address is not a path"), false;
    const std::size_t question = std::min(target.find('?'), target.size());
    request_.path = std::string(target.substr(0, question));
    if (question == target.size()) return true;
    Result<std::vector<Parameter>> query = parse_query(target.substr(question + 1), limits_->query_parameters);
    if (!query) return refuse(400, std::move(query).error().message), false;
    request_.query = std::move(*query);
    return true;
}

void RequestParser::start_body(std::size_t limit_bytes) {
    ASSERT(state_ == State::head_complete);
    const std::size_t limit = std::min(limit_bytes, limits_->body_bytes);
    if (content_length_.value_or(0) > limit)
        return refuse(413, lar::format("the body is larger than the {} bytes allowed here", limit));
    begin_body();
    if (body_) body_->parser.body_limit(limit);
}

void RequestParser::start_endless_body() {
    ASSERT(state_ == State::head_complete);
    begin_body();
    if (body_) body_->parser.body_limit(boost::none);
}

void RequestParser::begin_body() {
    if (!has_body()) {
        state_ = State::complete;
        return;
    }
    body_->parser.eager(true);
    state_ = State::body;
}

// Beast wants a chunk's size line, or a trailer, in one piece, so the beginning of one waits in `pending`. It is shown
// no more than such a piece may be at a time, so that what is too long is so however it arrives.
std::size_t RequestParser::feed_body(std::string_view bytes) {
    Body& body = *body_;
    const std::size_t kept = body.pending.size();
    const std::string joined = kept > 0 ? std::exchange(body.pending, {}).append(bytes) : std::string();
    const std::string_view input = kept > 0 ? std::string_view(joined) : bytes;
    const std::size_t window = chunked_ ? limits_->chunk_line_bytes : input.size();
    std::size_t used = 0;
    while (used < input.size() && !body.parser.is_done()) {
        const std::size_t shown = std::min(window, input.size() - used);
        boost::system::error_code error;
        const std::size_t step = body.parser.put(asio::buffer(input.data() + used, shown), error);
        used += step;
        if (error == beast::error::body_limit || error == beast::error::buffer_overflow) {
            refuse(413, "the body is larger than is allowed here");
            return bytes.size();
        }
        if ((error && error != beast::error::need_more) || (step == 0 && chunked_ && shown == window)) {
            refuse(400, "the body of the request is malformed");
            return bytes.size();
        }
        if (step == 0) break;
    }
    if (body.parser.is_done()) {
        state_ = State::complete;
        return used - kept;
    }
    body.pending = std::string(input.substr(used));
    return bytes.size();
}

std::size_t RequestParser::body_bytes() const {
    return body_ ? body_->parser.get().body().size() + body_->pending.size() : 0;
}

std::string RequestParser::take_body() { return body_ ? std::exchange(body_->parser.get().body(), {}) : std::string(); }

Request RequestParser::take_request() {
    ASSERT(state_ == State::complete);
    if (body_) request_.body = std::move(body_->parser.get().body());
    body_.reset();
    return std::move(request_);
}

}  // namespace lar::http
