// Who may speak to us over loopback TCP: pure functions over a request's headers.
//
// Loopback is not a trust boundary. Any web page can make the user's browser send requests to
// 127.0.0.1, and a DNS name under an attacker's control can be made to point there (rebinding), after
// which the browser believes that Lar belongs to that page. So every request over TCP must name a
// loopback host with our port in Host, and its Origin must be absent (no browser), ours, or one that the
// user allowed. Where it could change or read something of the user's, the browser must not say, either,
// that the request comes from another site. Over the unix socket there is no browser; nothing is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace lar::http {

// "localhost:11434", "127.0.0.1:11434", "[::1]:11434"; without a port only if ours is 80.
bool is_own_host(std::string_view host, std::uint16_t port);
// "http://" before such a host. "null" is not an origin of ours.
bool is_own_origin(std::string_view origin, std::uint16_t port);
bool is_safe_method(std::string_view method);  // GET, HEAD, OPTIONS

struct OriginRules {
    std::uint16_t port = 0;
    std::vector<std::string> allowed_origins;  // besides our own: as browsers send them; see origin_fits
};
// "*" stands for anything ("app://*", "https://*.example.org"), after a colon for the digits of a port
// ("http://localhost:*"); a pattern that is "*" alone fits every origin.
bool origin_fits(std::string_view pattern, std::string_view origin);

// Why the request is refused, or nothing. `guarded`: the path reaches the user's memory, so that reading is
// checked too. `family`: origins that may use this path besides those of the rules.
std::optional<Problem> check_origin(const Request& request, const OriginRules& rules, bool guarded,
                                    const std::vector<std::string>& family = {});
// The origin to be named in Access-Control-Allow-Origin: one that the rules allow and that is not same-origin anyway.
std::optional<std::string> allowed_cross_origin(const Request& request, const OriginRules& rules,
                                                const std::vector<std::string>& family = {});

// What "Authorization: Bearer TOKEN" or, as Anthropic's clients send it, "x-api-key: TOKEN" presents; empty: nothing.
std::string_view presented_token(const Request& request);

}  // namespace lar::http
