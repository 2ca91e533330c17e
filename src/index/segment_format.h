// The layout of a segment: the one place where it is written down.
//
// A segment is the index of a set of passages, in one file that never changes. Passages are numbered by their place,
// 0 … documents - 1, in the order of their ids. The parts, in order:
//
//   header       below, with a checksum of its own
//   ids          for each place the passage's id, as a distance from first_id: four bytes
//   lengths      for each place how many terms each field has: body in two bytes, title, path, context in one each
//   postings     for each term that more than one passage holds, in the order of the terms, a list:
//                  blocks of 128 postings, then what is left in varints, then a BlockFacts for each of them
//                  (no facts where the list has less than 128 postings)
//   dictionary   the terms in the order of their bytes, in groups of 32: how many bytes it shares with the term before
//                in its group, how many follow, those bytes, in how many passages it is; then for one passage the
//                posting itself, for more where its list begins (in postings) and how many bytes it has
//   groups       for each group where it begins in the dictionary: eight bytes
//   sums         a checksum for each 64 KiB between the header and here: eight bytes
//
// A block is a byte for the bits of the distances between places, one for the bits of the counts in the body, one of
// flags (Field bits for the other fields that occur; counts_less_one), for each flagged field a byte for its bits, then
// the packs: distances less one, counts, counts of the flagged fields. A posting in varints is twice the distance less
// one, plus one if the term is in the body once and nowhere else; if not, a byte of Field bits and a count for each.
//
// Why impacts are pairs: a search may weigh fields and lengths as it likes, so what a block can add at most is not
// known when it is written. BlockFacts keeps how often the term occurs in the body against how long the body is, as
// up to four pairs that no posting of the block surpasses in both, and the extremes of the other fields, which are
// mostly empty. The bound that a search makes of them is never too small.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "index/fields.h"

namespace lar::index {

inline constexpr std::array<char, 8> segment_magic{'L', 'a', 'r', 'L', 'e', 'x', '\r', '\n'};
inline constexpr std::uint32_t segment_version = 1;
inline constexpr std::size_t sum_chunk_bytes = 64 * 1024;
inline constexpr std::size_t group_terms = 32;
inline constexpr std::size_t id_bytes = 4;
inline constexpr std::size_t length_bytes = 5;
inline constexpr std::size_t limit_stored_term_bytes = 255;

struct SegmentHeader {
    std::array<char, 8> magic = segment_magic;
    std::uint32_t version = segment_version;
    std::uint32_t documents = 0;
    std::int64_t first_id = 0;
    std::uint64_t terms = 0;
    // Where each part begins; each ends where the next begins.
    std::uint64_t ids_at = 0, lengths_at = 0, postings_at = 0, dictionary_at = 0, groups_at = 0, sums_at = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t sum_of_sums = 0;
    std::uint64_t sum_of_header = 0;  // of all before it
};
static_assert(sizeof(SegmentHeader) == 104);

inline constexpr std::uint8_t counts_less_one = 0x80;
inline constexpr std::uint8_t other_fields_mask = 0x0e;  // Field bits of title, path and context

struct Impact {
    std::uint16_t count = 0;   // at most, where the body has at least
    std::uint16_t length = 0;  // this many terms
};
inline constexpr std::size_t limit_impacts = 4;
struct BlockFacts {
    std::uint32_t last_place = 0;
    std::uint32_t end = 0;  // of the block, from the beginning of its list
    std::array<Impact, limit_impacts> impacts{};
    // Title, path, context: the highest count and the lowest length.
    std::array<std::uint8_t, field_count - 1> counts{}, lengths{};
    std::uint16_t impact_count = 0;
};
static_assert(sizeof(BlockFacts) == 32);

}  // namespace lar::index
