// "did you mean …?": the known name that is nearest to one that nobody knows.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace lar {

// How many letters must change to make one name of the other. Costs the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

// Empty when none is near enough to have been meant (a third of its letters, two at least), or `name` is too
// long to be a name.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace lar
