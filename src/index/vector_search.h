// The k nearest of some segments' vectors by inner product, exactly but for a chance that is chosen to be small.
//
// 1. Every code is looked at; the limit_candidates best estimates stay. A sample of the blocks first tells how good an
//    estimate must be to stay, so that few are ever kept and thrown away.
// 2. The best of them by coarse bytes give k vectors that are near for sure. Who cannot reach them, were his estimate
//    wrong by three deviations, is out; of the others the coarse bytes are read.
// 3. The best 2k + 64 by coarse bytes are compared exactly.
//
// What may be found is said by rows that are dead and by ranges of keys; both hold exactly, in every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "index/vector_segment.h"

namespace lar::index {

inline constexpr std::size_t limit_nearest = 1000;
inline constexpr std::size_t limit_candidates = 32'768;

struct KeyRange {
    VectorKey first = 0, end = 0;  // [first, end)
};

// A segment, and a bit for each of its rows that is not to be found any more.
struct SearchedSegment {
    const VectorSegment* segment = nullptr;
    std::span<const std::uint64_t> dead;
};

struct Neighbour {
    VectorKey key = 0;
    float score = 0;  // the inner product
};

// `query` is R q. Best first, equal ones by key. `within`: ascending, not overlapping; none: everything.
std::vector<Neighbour> nearest(std::span<const SearchedSegment> segments, const VectorLayout& layout,
                               std::span<const float> query, std::size_t count,
                               std::optional<std::span<const KeyRange>> within);

}  // namespace lar::index
