// Does a passage of code define a name, or only use it?
//
// Told by shape, not by language: a line at the left margin that opens a body or declares a type, a
// constant or a function, and has the name in it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lar::recall {

// `names` are terms of identifiers as index/analysis.h gives them.
bool defines(std::string_view code, std::span<const std::string> names);

}  // namespace lar::recall
