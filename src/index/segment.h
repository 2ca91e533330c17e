// An immutable piece of the lexical index, mapped from a file (segment_format.h says what is in it).
//
// open() refuses what is not a whole segment of a version it knows; a part of the file is looked at only after its
// checksum has been compared, once, and everything read is checked against its bounds besides, so a damaged file is an
// error of code `corrupt` and never a wrong answer or a crash. (Somebody who shortens the file while it is mapped ends
// the process; it lies in a folder that is Lar's alone.) A Segment may be used by any number of threads at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/fields.h"
#include "index/packing.h"
#include "index/segment_format.h"

namespace lar::index {

// Up to 128 postings of one term, apart.
struct PostingBlock {
    std::uint32_t size = 0;
    std::array<std::uint32_t, pack_numbers> places;
    // Of fields that do not occur in the block nothing is said; the body's counts are always there.
    std::array<std::array<std::uint32_t, pack_numbers>, field_count> counts;
    std::uint8_t other_fields = 0;  // Field bits of those beside the body that occur
};

class TermWalk;

class Segment {
public:
    // Shared, because a search goes on in segments that a merge has just replaced.
    using Shared = std::shared_ptr<const Segment>;
    static Result<Shared> open(const std::filesystem::path& path);
    static Result<Shared> of(std::string bytes);  // without a file, for stores in memory
    ~Segment();
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;

    std::uint32_t documents() const { return header_.documents; }
    std::uint64_t terms() const { return header_.terms; }
    std::uint64_t size_bytes() const { return bytes_.size(); }
    std::int64_t first_id() const { return header_.first_id; }

    Result<std::int64_t> id_at(std::uint32_t place) const;
    Result<std::int64_t> last_id() const;
    // The first place whose id is not before this one: documents() where there is none.
    Result<std::uint32_t> first_place_from(std::int64_t id) const;
    Result<std::optional<std::uint32_t>> place_of(std::int64_t id) const;
    // For each place what unpack_id(), a distance from first_id(), and unpack_lengths() read.
    Result<std::span<const unsigned char>> ids() const;
    Result<std::span<const unsigned char>> lengths() const;

    // Where a term's postings are.
    struct List {
        std::uint32_t size = 0;   // in how many passages, those that were deleted since included
        std::uint64_t at = 0;     // in the file
        std::uint64_t bytes = 0;  // without the facts
        std::optional<std::pair<std::uint32_t, FieldCounts>> single;  // of a term that one passage holds
    };
    Result<std::optional<List>> find(std::string_view term) const;
    // A walk whose next() is the first term that is not before this one, or one of the 31 that are.
    Result<TermWalk> walk_near(std::string_view term) const;

    // The parts of a list: every block but the last has 128 postings.
    static std::uint32_t blocks_of(const List& list) {
        return static_cast<std::uint32_t>((list.size + pack_numbers - 1) / pack_numbers);
    }
    // One for each block, or none where the list has less than 128 postings.
    Result<std::vector<BlockFacts>> facts_of(const List& list) const;
    // `facts` are those of the list.
    Result<> read_block(const List& list, std::span<const BlockFacts> facts, std::uint32_t number,
                        PostingBlock& block) const;

    // Reads every byte: checksums, every term and every posting. For doctor.
    Result<> check() const;
    // Gives the pages of the file back to the system, which has them still cached or reads them again.
    void release_memory() const;

private:
    friend class TermWalk;
    Segment() = default;
    static Result<Shared> made(std::unique_ptr<Segment> segment);
    Result<> look_at_header();
    // Bytes of the file after the header, checksums compared; corrupt when they are not all there.
    Result<std::span<const unsigned char>> view(std::uint64_t at, std::uint64_t size) const;
    Result<std::uint64_t> group_at(std::uint64_t group) const;
    Result<std::span<const unsigned char>> group(std::uint64_t number) const;
    Result<std::string_view> first_term(std::uint64_t group) const;
    std::uint64_t groups() const { return (header_.terms + group_terms - 1) / group_terms; }

    SegmentHeader header_;
    std::span<const unsigned char> bytes_;
    std::string owned_;
    bool mapped_ = false;
    mutable std::vector<std::atomic<bool>> compared_;  // for each chunk
};

// All terms of a segment in the order of their bytes.
class TermWalk {
public:
    explicit TermWalk(const Segment& segment) : segment_(&segment) {}
    Result<bool> next();  // false at the end
    std::string_view term() const { return term_; }
    const Segment::List& list() const { return list_; }

private:
    friend class Segment;
    Result<> begin_group(std::uint64_t number);
    Result<> read_entry();

    const Segment* segment_;
    std::uint64_t taken_ = 0;
    ByteReader reader_{{}};
    std::string term_;
    Segment::List list_;
    std::uint64_t next_list_ = 0;
};

inline std::uint32_t unpack_id(const unsigned char* ids, std::uint32_t place) {
    std::uint32_t id = 0;
    std::memcpy(&id, ids + std::size_t{place} * id_bytes, sizeof id);
    return id;
}
inline FieldCounts unpack_lengths(const unsigned char* lengths, std::uint32_t place) {
    const unsigned char* const at = lengths + std::size_t{place} * length_bytes;
    return {at[0] | std::uint32_t{at[1]} << 8, at[2], at[3], at[4]};
}
std::string pack_lengths(const FieldCounts& lengths);

}  // namespace lar::index
