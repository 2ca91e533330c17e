// From the name of a machine to its addresses.
//
// lar is one static program, and the ways in which a system looks names up (files, DNS, mDNS, a company's directory)
// are shared libraries of that system. So the system's own `getent` is asked. Addresses and "localhost" need nobody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "failure.h"

namespace lar::cli {

inline constexpr std::size_t limit_host_addresses = 16;

// IPv4 and IPv6 as text, in the order in which they should be tried; at least one. not_found: there is no such machine.
Outcome<std::vector<std::string>> addresses_of(std::string_view host);

// The addresses in what `getent ahosts` prints, each once.
std::vector<std::string> listed_addresses(std::string_view getent_output);

}  // namespace lar::cli
