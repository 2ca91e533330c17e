// Where a host is, and whether an order may go there.
//
// What a name leads to decides, not the name: plain http goes to this machine alone, and a host that a server named
// (Reach::internet) must not lead into the network behind this machine, not even with one of several addresses. Of an
// order that goes through a proxy the proxy is looked up, and where the host's name leads is the proxy's to find out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/courier.h"

namespace lar::courier {

inline constexpr std::size_t limit_addresses = 16;

// Where a resolver is asked; "localhost" and addresses need none.
bool needs_resolver(std::string_view host);

enum class Place { loopback, internal, internet };
// Of an address in digits.
Place place_of(std::string_view address);

// The addresses in digits, in the order in which to try them. not_found, or denied with the sentence for people.
Result<std::vector<std::string>> look_up(const wire::Order& order);
// The second half of it: what was found, held against the order.
Result<> permit(const wire::Order& order, const std::vector<std::string>& addresses);

}  // namespace lar::courier
