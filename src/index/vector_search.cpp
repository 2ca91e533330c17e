#include "index/vector_search.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "index/vector_kernels.h"

namespace lar::index {
namespace {

constexpr std::size_t blocks_in_chunk = 64;  // scanned in one call: their estimates stay in the nearest cache
constexpr std::size_t sampled_one_in = 64;   // chunks
constexpr std::size_t least_sample = 2048;   // rows; a smaller sample says nothing
constexpr std::size_t first_rescored = 256;  // whose coarse scores tell how near the others must be able to come
constexpr std::size_t prefetch_ahead = 12;   // rows
constexpr float lowest = -std::numeric_limits<float>::infinity();
constexpr float deviations = 3;  // an estimate is off by more once in 700 times

struct Candidate {
    float estimate = 0;  // of the first pass, then of the coarse bytes
    float highest = 0;   // what it may turn out to be
    std::uint32_t segment = 0, row = 0;
};

struct RowRange {
    std::size_t first = 0, end = 0;
};

// Everything of a query that depends on the segment, because centres differ.
struct PreparedQuery {
    std::vector<std::uint8_t> storage;
    ScanQuery scan;
    float centre_product = 0;  // <q, c>
    float deviation = 0;       // of an estimate, for a scale of 1

    PreparedQuery(const VectorSegment& segment, std::span<const float> query);
    PreparedQuery(PreparedQuery&&) noexcept = default;  // `scan` looks into `storage`, which moves along
};

// The table's bytes are sums of four products in steps from the least of their group. One step is chosen for all, as
// small as keeps each in a byte and the sum of the groups' largest in 16 bits.
PreparedQuery::PreparedQuery(const VectorSegment& segment, std::span<const float> query)
    : storage(query.size() / dimensions_in_group * 16 + 64) {
    const auto centre = segment.centre();
    std::vector<float> residual(query.size());
    float squares = 0;
    for (std::size_t i = 0; i < query.size(); ++i) {
        residual[i] = query[i] - centre[i];
        squares += residual[i] * residual[i];
        centre_product += query[i] * centre[i];
    }
    constexpr float one_minus_two_by_pi = 0.36338F;
    deviation = std::sqrt(squares * one_minus_two_by_pi);

    const std::size_t groups = query.size() / dimensions_in_group;
    float widest = 0, all = 0;
    for (std::size_t group = 0; group < groups; ++group) {
        float reach = 0;
        for (std::size_t i = 0; i < dimensions_in_group; ++i)
            reach += std::abs(residual[group * dimensions_in_group + i]);
        widest = std::max(widest, 2 * reach);
        all += reach;
    }
    constexpr float most_in_byte = 255, most_in_sum = 65'000;
    const float room_in_sum = most_in_sum - static_cast<float>(groups);  // rounding up
    scan.step = std::max({widest / most_in_byte, 2 * all / room_in_sum, std::numeric_limits<float>::min()});
    scan.base = -all;

    constexpr std::size_t alignment = 64;
    const std::size_t misplaced = reinterpret_cast<std::uintptr_t>(storage.data()) % alignment;
    std::uint8_t* table = storage.data() + (misplaced == 0 ? 0 : alignment - misplaced);
    scan.table = {table, groups * 16};
    for (std::size_t group = 0; group < groups; ++group) {
        const float* part = residual.data() + group * dimensions_in_group;
        for (unsigned pattern = 0; pattern < 16; ++pattern) {
            float sum = 0;  // from the least: a sign that agrees adds twice the number's size
            for (unsigned i = 0; i < dimensions_in_group; ++i)
                if (((pattern >> i) & 1) == (part[i] >= 0 ? 1U : 0U)) sum += 2 * std::abs(part[i]);
            table[group * 16 + pattern] = static_cast<std::uint8_t>(std::min(std::lrint(sum / scan.step), 255L));
        }
    }
}

// The query for coarse bytes: whole numbers so small that no sum of products leaves 32 bits.
struct CoarseQuery {
    std::vector<std::int16_t> values;
    float unit = 0;
    float half = 0;  // what the lower bytes add on average, for a step of 1

    explicit CoarseQuery(std::span<const float> query) : values(query.size()) {
        float largest = 0;
        for (const float value : query) largest = std::max(largest, std::abs(value));
        const float most = std::min(32'767.0F, static_cast<float>((1U << 31U) / 129 / query.size()));
        if (!(largest > 0)) return;
        unit = largest / most;
        for (std::size_t i = 0; i < query.size(); ++i)
            values[i] = static_cast<std::int16_t>(std::lrint(query[i] / unit));
        half = 128 * unit * static_cast<float>(std::accumulate(values.begin(), values.end(), std::int64_t{0}));
    }

    float score(const VectorSegment& segment, std::size_t row) const {
        return segment.step(row) * (256 * unit * static_cast<float>(dot_bytes(segment.coarse(row), values)) + half);
    }
};

bool is_dead(std::span<const std::uint64_t> dead, std::size_t row) {
    // Rows die while others search.
    const std::atomic_ref word(const_cast<std::uint64_t&>(dead[row / 64]));
    return ((word.load(std::memory_order_relaxed) >> (row % 64)) & 1) != 0;
}

std::vector<RowRange> rows_within(const VectorSegment& segment, std::optional<std::span<const KeyRange>> within) {
    if (!within) return {{0, segment.rows()}};
    std::vector<RowRange> rows;
    const auto keys = segment.keys();
    auto from = keys.begin();
    for (const KeyRange& range : *within) {
        from = std::lower_bound(from, keys.end(), range.first);
        const auto end = std::lower_bound(from, keys.end(), range.end);
        const RowRange found{static_cast<std::size_t>(from - keys.begin()),
                             static_cast<std::size_t>(end - keys.begin())};
        if (found.first == found.end) continue;
        if (!rows.empty() && rows.back().end == found.first)
            rows.back().end = found.end;
        else
            rows.push_back(found);
        from = end;
    }
    return rows;
}

// The first pass: collects the best estimates of all segments.
class Scan {
public:
    Scan(std::span<const SearchedSegment> segments, std::span<const float> query,
         std::optional<std::span<const KeyRange>> within)
        : segments_(segments) {
        for (const SearchedSegment& searched : segments) {
            queries_.emplace_back(*searched.segment, query);
            rows_.push_back(rows_within(*searched.segment, within));
            for (const RowRange& range : rows_.back()) count_ += range.end - range.first;
        }
    }

    std::vector<Candidate> run() {
        constexpr std::size_t worth_a_sample = 4 * limit_candidates;
        if (count_ > worth_a_sample) {
            sample();
            pass();
            // A sample misleads where good rows come at the pace of the sampling. Rare, and then it is done without.
            if (candidates_.size() >= limit_candidates / 4) return finish();
            threshold_ = lowest;
            candidates_.clear();
        }
        pass();
        return finish();
    }

private:
    template <class Take>
    void chunk(std::uint32_t number, std::size_t first_row, std::size_t end_row, float threshold, const Take& take) {
        const VectorSegment& segment = *segments_[number].segment;
        const std::size_t block = first_row / rows_in_block;
        const std::size_t blocks = (end_row + rows_in_block - 1) / rows_in_block - block;
        scan_codes(segment.codes(block), blocks, queries_[number].scan, threshold, estimates_, above_);
        const float centre_product = queries_[number].centre_product;
        for (std::size_t i = 0; i < blocks; ++i) {
            for (std::uint32_t mask = above_[i]; mask != 0; mask &= mask - 1) {
                const std::size_t in_chunk = i * rows_in_block + static_cast<std::size_t>(std::countr_zero(mask));
                const std::size_t row = block * rows_in_block + in_chunk;
                if (row < first_row || row >= end_row || is_dead(segments_[number].dead, row)) continue;
                take(row, estimates_[in_chunk] + centre_product);
            }
        }
    }

    // Calls with chunks of rows: [first, end), of which `first` may lie within a block.
    template <class Visit>
    void each_chunk(const Visit& visit) {
        constexpr std::size_t rows_in_chunk = blocks_in_chunk * rows_in_block;
        for (std::uint32_t number = 0; number < segments_.size(); ++number)
            for (const RowRange& range : rows_[number])
                for (std::size_t first = range.first; first < range.end;) {
                    const std::size_t end =
                        std::min(range.end, (first / rows_in_block) * rows_in_block + rows_in_chunk);
                    visit(number, first, end);
                    first = end;
                }
    }

    void sample() {
        std::vector<float> seen;
        std::size_t chunks = 0;
        each_chunk([&](std::uint32_t number, std::size_t first, std::size_t end) {
            if (chunks++ % sampled_one_in != 0) return;
            chunk(number, first, end, lowest, [&](std::size_t, float estimate) { seen.push_back(estimate); });
        });
        if (seen.size() < least_sample) return;
        // Half as many again as are wanted, and some for the sample's own error.
        const double share = 1.5 * static_cast<double>(limit_candidates) / static_cast<double>(count_);
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(seen.size())) + 16;
        if (rank >= seen.size()) return;
        std::ranges::nth_element(seen, seen.begin() + static_cast<std::ptrdiff_t>(rank), std::greater{});
        threshold_ = seen[rank];
    }

    void pass() {
        candidates_.reserve(2 * limit_candidates);
        each_chunk([&](std::uint32_t number, std::size_t first, std::size_t end) {
            const PreparedQuery& query = queries_[number];
            const VectorSegment& segment = *segments_[number].segment;
            chunk(number, first, end, threshold_ - query.centre_product, [&](std::size_t row, float estimate) {
                candidates_.push_back({.estimate = estimate,
                                       .highest = estimate + deviations * query.deviation * segment.scale(row),
                                       .segment = number,
                                       .row = static_cast<std::uint32_t>(row)});
            });
            if (candidates_.size() >= 2 * limit_candidates) keep_best();
        });
    }

    // Keeps their order, which is that of the rows: what is read next then lies in order, too.
    void keep_best() {
        std::vector<float> estimates;
        estimates.reserve(candidates_.size());
        for (const Candidate& candidate : candidates_) estimates.push_back(candidate.estimate);
        const auto last = estimates.begin() + static_cast<std::ptrdiff_t>(limit_candidates - 1);
        std::ranges::nth_element(estimates, last, std::greater{});
        threshold_ = *last;
        std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.estimate < threshold_; });
        // Many equal estimates: any of them will do.
        if (candidates_.size() > 3 * limit_candidates / 2) candidates_.resize(3 * limit_candidates / 2);
    }

    std::vector<Candidate> finish() {
        if (candidates_.size() > limit_candidates) keep_best();
        return std::move(candidates_);
    }

    std::span<const SearchedSegment> segments_;
    std::vector<PreparedQuery> queries_;
    std::vector<std::vector<RowRange>> rows_;
    std::size_t count_ = 0;
    float threshold_ = lowest;
    std::vector<Candidate> candidates_;
    float estimates_[blocks_in_chunk * rows_in_block];
    std::uint32_t above_[blocks_in_chunk];
};

// The `rank`-th best of the candidates by estimate, or the worst where there are not so many.
float estimate_at(std::span<const Candidate> candidates, std::size_t rank) {
    std::vector<float> estimates;
    estimates.reserve(candidates.size());
    for (const Candidate& candidate : candidates) estimates.push_back(candidate.estimate);
    const auto at = estimates.begin() + static_cast<std::ptrdiff_t>(std::min(rank, estimates.size()) - 1);
    std::ranges::nth_element(estimates, at, std::greater{});
    return *at;
}

class Rescoring {
public:
    Rescoring(std::span<const SearchedSegment> segments, std::span<const float> query)
        : segments_(segments), query_(query), coarse_(query) {
        for (const SearchedSegment& searched : segments) {
            const auto centre = searched.segment->centre();
            centre_products_.push_back(std::inner_product(query.begin(), query.end(), centre.begin(), 0.0F));
        }
    }

    // Replaces estimates by scores of the coarse bytes; those that cannot be among the best `count` go.
    void by_coarse(std::vector<Candidate>& candidates, std::size_t count) const {
        if (candidates.empty()) return;
        float reached = lowest;
        if (candidates.size() > first_rescored + 2 * count) {
            const float best = estimate_at(candidates, first_rescored + 2 * count);
            std::vector<Candidate> first;
            for (const Candidate& candidate : candidates)
                if (candidate.estimate >= best) first.push_back(candidate);
            score(first);
            reached = estimate_at(first, count);
        }
        std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.highest < reached; });
        score(candidates);
    }

    std::vector<Neighbour> exactly(std::vector<Candidate>& candidates, std::size_t count) const {
        const std::size_t compared = 2 * count + 64;
        if (candidates.size() > compared) {
            const float least = estimate_at(candidates, compared);
            std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.estimate < least; });
        }
        std::vector<Neighbour> neighbours;
        for (const Candidate& candidate : candidates) {
            const VectorSegment& segment = *segments_[candidate.segment].segment;
            const std::int8_t* upper = segment.coarse(candidate.row);
            const std::uint8_t* lower = segment.fine(candidate.row);
            float sum = 0;
            for (std::size_t i = 0; i < query_.size(); ++i)
                sum += query_[i] * static_cast<float>(upper[i] * 256 + lower[i]);
            const float score = centre_products_[candidate.segment] + segment.step(candidate.row) * sum;
            if (std::isfinite(score)) neighbours.push_back({.key = segment.keys()[candidate.row], .score = score});
        }
        std::ranges::sort(neighbours, [](const Neighbour& a, const Neighbour& b) {
            return a.score != b.score ? a.score > b.score : a.key < b.key;
        });
        if (neighbours.size() > count) neighbours.resize(count);
        return neighbours;
    }

private:
    void score(std::vector<Candidate>& candidates) const {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (i + prefetch_ahead < candidates.size()) {
                const Candidate& ahead = candidates[i + prefetch_ahead];
                const std::int8_t* row = segments_[ahead.segment].segment->coarse(ahead.row);
                for (std::size_t line = 0; line < query_.size(); line += 64) __builtin_prefetch(row + line);
            }
            Candidate& candidate = candidates[i];
            const float score = centre_products_[candidate.segment] +
                                coarse_.score(*segments_[candidate.segment].segment, candidate.row);
            candidate.estimate = std::isfinite(score) ? score : lowest;
        }
    }

    std::span<const SearchedSegment> segments_;
    std::span<const float> query_;
    CoarseQuery coarse_;
    std::vector<float> centre_products_;  // <q, c>
};

}  // namespace

std::vector<Neighbour> nearest(std::span<const SearchedSegment> segments, const VectorLayout& layout,
                               std::span<const float> query, std::size_t count,
                               std::optional<std::span<const KeyRange>> within) {
    ASSERT(query.size() == layout.padded && count <= limit_nearest);
    if (count == 0) return {};
    std::vector<Candidate> candidates = Scan(segments, query, within).run();
    const Rescoring rescoring(segments, query);
    rescoring.by_coarse(candidates, count);
    return rescoring.exactly(candidates, count);
}

}  // namespace lar::index
