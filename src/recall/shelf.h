// What a path tells of the sort of text that lies there.
//
// Tests use every word of what they test and answer few questions about it; the text of a licence has
// something to say about anything. Both count for less, unless the question asks for them.
#pragma once

#include <string_view>

#include "store/records.h"

namespace lar::recall {

enum class Shelf : std::uint8_t { ordinary, test, licence };

Shelf shelf_of(std::string_view path);
double shelf_factor(std::string_view path, bool asks_for_tests, bool asks_for_licence);
// The file that a passage stands in or speaks of.
std::string_view path_of(const store::PlacedPassage& placed);

}  // namespace lar::recall
