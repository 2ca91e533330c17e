// Archives one level deep: zip, and tar with the usual compressions.
//
// Plain text and documents among the members are read where they are, in memory; the rest is passed over, and an
// archive within the archive is said to be one. A member's name is shown and never a path to anything; one that would
// lead out of a folder is refused. Everything is counted: members, bytes that come out, and text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "documents/blocks.h"

namespace lar::documents {

inline constexpr std::size_t limit_members = 10'000;
inline constexpr std::size_t limit_members_failed = 100;  // told one by one
inline constexpr std::size_t limit_member_bytes = 16 * 1024 * 1024;
inline constexpr std::uint64_t limit_unpacked_bytes = 256 * 1024 * 1024;

Result<> read_archive(std::string_view bytes, Blocks& blocks);

}  // namespace lar::documents
