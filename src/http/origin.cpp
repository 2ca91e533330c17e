#include "http/origin.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"

namespace lar::http {
namespace {

constexpr std::array<std::string_view, 3> own_names = {"localhost", "127.0.0.1", "[::1]"};

bool is_listed(std::string_view origin, const OriginRules& rules, const std::vector<std::string>& family) {
    const auto fits = [&](const std::string& pattern) { return origin_fits(pattern, origin); };
    return std::ranges::any_of(rules.allowed_origins, fits) || std::ranges::any_of(family, fits);
}

}  // namespace

bool origin_fits(std::string_view pattern, std::string_view origin) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == origin;
    const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (origin.size() < before.size() + after.size() || !origin.starts_with(before) || !origin.ends_with(after))
        return false;
    const std::string_view rest = origin.substr(before.size(), origin.size() - before.size() - after.size());
    // "http://localhost:*" must not fit a longer name that only begins so.
    const bool port = before.size() > 1 && before.ends_with(':');
    return !port || (!rest.empty() && rest.find_first_not_of("0123456789") == std::string_view::npos);
}

bool is_own_host(std::string_view host, std::uint16_t port) {
    for (const std::string_view name : own_names) {
        if (host.size() < name.size() || !equal_ignoring_case(host.substr(0, name.size()), name)) continue;
        const std::string_view rest = host.substr(name.size());
        if (rest == lar::format(":{}", port) || (rest.empty() && port == 80)) return true;
    }
    return false;
}

bool is_own_origin(std::string_view origin, std::uint16_t port) {
    constexpr std::string_view scheme = "http://";
    return origin.starts_with(scheme) && is_own_host(origin.substr(scheme.size()), port);
}

bool is_safe_method(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

std::optional<Problem> check_origin(const Request& request, const OriginRules& rules, bool guarded,
                                    const std::vector<std::string>& family) {
    if (request.peer.transport == Transport::unix_socket) return std::nullopt;
    if (!is_own_host(request.host, rules.port))
        return Problem{403, "this Host is not Lar's",
                       lar::format("Use http://127.0.0.1:{} or http://localhost:{}.", rules.port, rules.port)};
    std::size_t origins = 0;
    for (const Header& header : request.headers) {
        if (!equal_ignoring_case(header.name, "Origin")) continue;
        if (++origins > 1) return Problem{400, "the request has two origins", ""};
        if (!is_own_origin(header.value, rules.port) && !is_listed(header.value, rules, family))
            return Problem{403, "requests from this Origin are refused",
                           "Only pages that Lar serves itself may use it, and those of allowed origins."};
    }
    // A link that is followed to what everybody may read comes from another site, and has no origin.
    if (is_safe_method(request.method) && !guarded) return std::nullopt;
    const std::string_view site = find_header(request.headers, "Sec-Fetch-Site").value_or("");
    const bool foreign = equal_ignoring_case(site, "cross-site") || equal_ignoring_case(site, "same-site");
    const bool allowed = origins == 1 && is_listed(*find_header(request.headers, "Origin"), rules, family);
    if (foreign && !allowed)
        return Problem{403, "the browser says that this request comes from another site",
                       "Only pages that Lar serves itself may use it, and those of allowed origins."};
    return std::nullopt;
}

std::optional<std::string> allowed_cross_origin(const Request& request, const OriginRules& rules,
                                                const std::vector<std::string>& family) {
    const std::optional<std::string_view> origin = find_header(request.headers, "Origin");
    if (request.peer.transport == Transport::tcp && origin && is_listed(*origin, rules, family))
        return std::string(*origin);
    return std::nullopt;
}

std::string_view presented_token(const Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view value = find_header(request.headers, "Authorization").value_or("");
    if (value.size() >= scheme.size() && equal_ignoring_case(value.substr(0, scheme.size()), scheme))
        return trim(value.substr(scheme.size()));
    return trim(find_header(request.headers, "x-api-key").value_or(""));
}

}  // namespace lar::http
