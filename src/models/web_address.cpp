#include "models/web_address.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace lar::models {
namespace {

constexpr std::size_t limit_server_bytes = 253;

std::unexpected<Error> no_address(std::string_view text, std::string_view why) {
    return fail(Code::invalid,
                lar::format("'{}' is no address on the web: {}", printable(utf8_prefix(text, 200)), why));
}

bool may_be_host(std::string_view host) {
    const auto letter = [](char c) { return is_digit(c) || is_lower(c) || c == '-' || c == '.' || c == '_'; };
    return !host.empty() && host.size() <= limit_server_bytes && (is_digit(host.front()) || is_lower(host.front())) &&
           std::ranges::all_of(host, letter);
}
bool may_be_address6(std::string_view host) {
    const auto digit = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; };
    return host.contains(':') && host.size() <= limit_server_bytes && std::ranges::all_of(host, digit);
}

}  // namespace

Result<WebAddress> parse_authority(wire::Scheme scheme, std::string_view text) {
    WebAddress out{.scheme = scheme, .port = static_cast<std::uint16_t>(scheme == wire::Scheme::https ? 443 : 80)};
    std::string_view host = text, port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return no_address(text, "a bracket is open");
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    out.host = to_lower_ascii(host);
    if (text.starts_with('[') ? !may_be_address6(out.host) : !may_be_host(out.host))
        return no_address(text, "its host is none");
    if (port.empty()) return out;
    if (port.front() != ':') return no_address(text, "its port is none");
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || out.port == 0)
        return no_address(text, "its port is none");
    return out;
}

Result<WebAddress> parse_web_address(std::string_view text) {
    if (text.size() > wire::limit_order_text_bytes) return no_address(text, "it is too long");
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
        return no_address(text, "it has characters that belong there encoded");
    const std::size_t scheme_end = text.find("://");
    const std::string scheme = to_lower_ascii(text.substr(0, scheme_end));
    if (scheme_end == std::string_view::npos || (scheme != "https" && scheme != "http"))
        return no_address(text, "it does not begin with https://");
    std::string_view rest = text.substr(scheme_end + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
    WebAddress out = TRY(
        parse_authority(scheme == "https" ? wire::Scheme::https : wire::Scheme::http, rest.substr(0, authority_end)));
    rest.remove_prefix(authority_end);
    if (!rest.empty()) out.target = rest.starts_with('?') ? "/" + std::string(rest) : std::string(rest);
    return out;
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "::1" || host == "127.0.0.1" ||
           (host.starts_with("127.") && std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; }));
}

bool same_server(const WebAddress& one, const WebAddress& other) {
    return one.scheme == other.scheme && one.host == other.host && one.port == other.port;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = is_digit(c) || is_lower(c) || is_upper(c) || std::string_view("-._~").contains(c);
        if (plain)
            out += c;
        else
            out += lar::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

}  // namespace lar::models
