// Which Lar this is.
#pragma once

#include <string_view>

namespace lar {

std::string_view version();  // "0.1.0"
// Identifies this build; both ends of an internal channel must agree on it.
std::string_view build_id();

}  // namespace lar
