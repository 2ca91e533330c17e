// What a passage is searched by: four fields of terms, and how often a term occurs in each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lar::index {

enum class Field : std::uint8_t { body, title, path, context };
inline constexpr std::size_t field_count = 4;
using FieldCounts = std::array<std::uint32_t, field_count>;

// Counts and lengths beyond these are kept as these: ranking cannot tell.
inline constexpr FieldCounts limit_counts{65'535, 255, 255, 255};

}  // namespace lar::index
