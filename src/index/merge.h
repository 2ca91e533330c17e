// Several segments made into one that holds what is still live in them, and when to do so.
//
// Terms are read in step and postings block by block, so memory does not grow with what is merged (13 bytes for each
// passage aside). A passage must be live in one of the segments at most.
//
// Segments are merged in tiers: whenever eight lie within the same factor of eight in size, they become one of the next
// tier, so any text is written again four times until there is a million passages of it, which came a hundred at a
// time. A segment half of which is deleted is written again alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "index/places.h"
#include "index/segment.h"
#include "index/segment_writer.h"

namespace lar::index {

struct LiveSegment {
    Segment::Shared segment;
    // Which of its passages count; shared with whoever else has seen the same deletes. Null: all.
    std::shared_ptr<const PlaceSet> live;
};

// unavailable when `stopping` was set meanwhile.
Result<> merge(std::span<const LiveSegment> segments, SegmentWriter& writer,
               const std::atomic<bool>* stopping = nullptr);

inline constexpr std::size_t merged_at_once = 8;
struct SegmentSize {
    std::uint64_t bytes = 0;
    std::uint32_t documents = 0, deleted = 0;
};
// Which of them to merge now, by number; empty: none. Those over `limit_bytes` together are left for later.
std::vector<std::size_t> choose_merge(std::span<const SegmentSize> segments, std::uint64_t limit_bytes);

}  // namespace lar::index
