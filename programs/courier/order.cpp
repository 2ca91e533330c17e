#include "order.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace lar::courier {
namespace {

constexpr std::size_t limit_host_bytes = 253;
constexpr std::size_t hex_digits = 64;
constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }
bool is_graphic(char c) { return c > ' ' && c < 0x7f; }

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= limit_host_bytes && text.front() != '-' &&
           std::ranges::all_of(
               text, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '_'; });
}
bool is_target(std::string_view text) {
    return text.starts_with('/') && text.size() <= wire::limit_order_text_bytes &&
           std::ranges::all_of(text, [](char c) { return is_graphic(c) && c != '#'; });
}
bool is_header(const wire::OrderHeader& header) {
    return !header.name.empty() && header.name.size() + header.value.size() <= wire::limit_order_text_bytes &&
           std::ranges::all_of(header.name, [](char c) { return is_alphanumeric(c) || token_marks.contains(c); }) &&
           is_header_value(header.value);
}
bool is_hash(std::string_view text) {
    return text.size() == hex_digits &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool is_header_value(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return is_graphic(c) || c == ' '; });
}

Result<> validate(const wire::Order& order) {
    const auto bad = [](std::string_view what) { return fail(Code::corrupt, lar::format("an order with {}", what)); };
    if (!is_host(order.host) || order.port == 0) return bad("a host that is none");
    if (order.proxy && (!is_host(order.proxy->host) || order.proxy->port == 0 || order.scheme != wire::Scheme::https))
        return bad("a proxy that is none");
    if (!is_target(order.target)) return bad("a target that is none");
    if (order.headers.size() > wire::limit_order_headers || !std::ranges::all_of(order.headers, is_header))
        return bad("headers that are none");
    if (order.sends_payload != (order.method == wire::Method::post))
        return bad("a payload that does not fit its method");
    if (order.sends_payload && (order.payload_bytes > limit_payload_bytes || !is_hash(order.payload_sha256)))
        return bad("a payload without a hash or over its limit");
    if (order.secret_header.empty() ? !order.secret_prefix.empty()
                                    : !is_header({order.secret_header, order.secret_prefix + "x"}))
        return bad("a secret that does not fit its header");
    if (!order.expected_sha256.empty() && !is_hash(order.expected_sha256)) return bad("a hash that is none");
    if (order.from_bytes > 0 && !order.writes_file) return bad("a place to go on from and no file");
    if (order.limit_s == 0 || order.connect_s == 0 || order.slow_s == 0) return bad("no time to do it in");
    return {};
}

NextHop next_hop(const wire::Order& order) {
    if (order.proxy) return {order.proxy->host, order.proxy->port};
    return {order.host, order.port};
}

std::string url_of(const wire::Order& order) {
    const bool literal = order.host.contains(':');
    return lar::format("{}://{}{}{}:{}{}", order.scheme == wire::Scheme::https ? "https" : "http", literal ? "[" : "",
                       order.host, literal ? "]" : "", order.port, order.target);
}

}  // namespace lar::courier
