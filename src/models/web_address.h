// An address on the web, taken apart strictly: what a registry redirects to, where it says that tokens are, what the
// settings name. Servers wrote some of these, so what is unusual is refused and nothing is repaired.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/courier.h"

namespace lar::models {

struct WebAddress {
    wire::Scheme scheme = wire::Scheme::https;
    std::string host;  // lower case, without brackets
    std::uint16_t port = 443;
    std::string target = "/";  // path and query; what follows a '#' is dropped
};

// "https://host[:port][/path][?query]". invalid for anything else, users and passwords among it.
Result<WebAddress> parse_web_address(std::string_view text);
// "host", "host:5000" or "[::1]:5000" after a scheme.
Result<WebAddress> parse_authority(wire::Scheme scheme, std::string_view text);

// This machine, as far as a name or an address in digits says so by itself.
bool is_this_machine(std::string_view host);
bool same_server(const WebAddress& one, const WebAddress& other);

// Bytes as they may stand in a path or a query.
std::string percent_encoded(std::string_view text);

}  // namespace lar::models
