// Whom to trust for whose certificate is whose: the system's own file of authorities, or the one that the order names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/courier.h"

namespace lar::courier {

// Where to look, of which one is there; empty for an order over plain http.
std::vector<std::filesystem::path> places_of_authorities(const wire::Order& order);
// The bytes of the first that can be read. unavailable, with what to do, when none can: without them nothing is sent.
Result<std::string> read_authorities(const wire::Order& order);

}  // namespace lar::courier
