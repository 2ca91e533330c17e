// An order before anybody acts on it: what lard says is checked like what anybody says, because a line break in a
// header or a space in a target would make it another request than the one that was approved.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/courier.h"

namespace lar::courier {

inline constexpr std::uint64_t limit_payload_bytes = 16 * 1024 * 1024;

// corrupt for what is no order.
Result<> validate(const wire::Order& order);
// Whether that can stand in a header: what a file holds is checked as what a message says.
bool is_header_value(std::string_view text);
// "https://[::1]:8443/a?b".
// To whom it connects: the host itself, or the proxy on the way there.
struct NextHop {
    const std::string& host;
    std::uint16_t port;
};
NextHop next_hop(const wire::Order& order);
std::string url_of(const wire::Order& order);

}  // namespace lar::courier
