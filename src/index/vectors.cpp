#include "index/vectors.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <mutex>
#include <numeric>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "index/vector_files.h"
#include "index/vector_rotation.h"

namespace lar::index {
namespace {

constexpr std::size_t merge_tier_base = 4096;  // rows: smaller segments are all of one size
constexpr std::uint64_t dead_share = 4;        // one row in so many dead: rewritten

// A segment as searches see it. Its dead bits change while they look.
struct Kept {
    std::uint64_t number = 0;
    VectorSegment segment;
    std::vector<std::uint64_t> dead;
    std::atomic<std::uint64_t> dead_count = 0;

    Kept(std::uint64_t number_, VectorSegment segment_, std::vector<std::uint64_t> dead_)
        : number(number_), segment(std::move(segment_)), dead(std::move(dead_)) {
        for (const std::uint64_t word : dead) dead_count += static_cast<std::uint64_t>(std::popcount(word));
    }
    bool is_dead(std::size_t row) {
        return ((std::atomic_ref(dead[row / 64]).load(std::memory_order_relaxed) >> (row % 64)) & 1) != 0;
    }
    bool kill(std::size_t row) {
        const std::uint64_t bit = std::uint64_t{1} << (row % 64);
        if ((std::atomic_ref(dead[row / 64]).fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return false;
        ++dead_count;
        return true;
    }
    std::size_t live() const { return segment.rows() - dead_count; }
};

// Shared: a search goes on with the segments that it began with while a merge takes them out of the index.
using Segments = std::vector<std::shared_ptr<Kept>>;

std::size_t tier_of(std::size_t rows) {
    std::size_t tier = 0;
    for (std::size_t size = merge_tier_base; rows > size; size *= segments_in_merge) ++tier;
    return tier;
}

}  // namespace

class Vectors::Impl {
public:
    Impl(std::filesystem::path folder, std::size_t dimensions)
        : files_(std::move(folder)), rotation_(dimensions, rotation_seed) {
        layout_ = {.dimensions = dimensions, .padded = rotation_.padded(), .seed = rotation_seed};
    }

    Result<> load();
    Result<> add(std::span<const VectorKey> keys, std::span<const float> values);
    Result<> remove(std::span<const VectorKey> keys);
    Result<std::vector<Neighbour>> nearest(std::span<const float> query, std::size_t count,
                                           std::optional<std::span<const KeyRange>> within) const;
    Result<bool> merge();
    Result<> scrub();

    // A search holds on to what it was given.
    Segments segments() const {
        const std::scoped_lock lock(lock_);
        return segments_;
    }
    std::uint64_t generation() const {
        const std::scoped_lock lock(lock_);
        return generation_;
    }
    const VectorLayout& layout() const { return layout_; }

private:
    Result<> publish(Segments segments);
    // Marks, and tells which segments changed.
    Segments kill(std::span<const VectorKey> keys);
    Result<> save_dead(const Segments& changed);
    Result<std::shared_ptr<Kept>> rewrite(const Segments& merged);
    Result<> replace(const Segments& merged);
    Result<std::vector<float>> mean_of(const Segments& merged, std::size_t& rows) const;

    VectorFiles files_;
    Rotation rotation_;
    VectorLayout layout_;
    std::mutex writing_;  // one writer at a time

    mutable std::mutex lock_;  // of what follows, never held while anything is computed or written
    Segments segments_;
    std::uint64_t generation_ = 0, next_number_ = 1;
};

Result<> Vectors::Impl::load() {
    const VectorManifest manifest = TRY(files_.load(layout_.dimensions));
    for (const std::uint64_t number : manifest.segments) {
        VectorSegment segment = TRY(VectorSegment::open(files_.segment(number), layout_));
        std::vector<std::uint64_t> dead = TRY(files_.load_dead(number, segment.rows()));
        segments_.push_back(std::make_shared<Kept>(number, std::move(segment), std::move(dead)));
        next_number_ = std::max(next_number_, number + 1);
    }
    generation_ = manifest.generation;
    return files_.remove_strangers(manifest);
}

Result<> Vectors::Impl::publish(Segments segments) {
    VectorManifest manifest{.dimensions = layout_.dimensions, .generation = generation() + 1, .segments = {}};
    for (const auto& kept : segments) manifest.segments.push_back(kept->number);
    TRY_VOID(files_.save(manifest));
    const std::scoped_lock lock(lock_);
    segments_ = std::move(segments);
    generation_ = manifest.generation;
    return {};
}

Segments Vectors::Impl::kill(std::span<const VectorKey> keys) {
    Segments changed;
    for (const auto& kept : segments()) {
        bool any = false;
        for (const VectorKey key : keys)
            if (const auto row = kept->segment.find(key)) any |= kept->kill(*row);
        if (any) changed.push_back(kept);
    }
    return changed;
}

Result<> Vectors::Impl::save_dead(const Segments& changed) {
    for (const auto& kept : changed) TRY_VOID(files_.save_dead(kept->number, kept->dead));
    return {};
}

Result<> Vectors::Impl::add(std::span<const VectorKey> keys, std::span<const float> values) {
    if (keys.empty()) return {};
    if (keys.size() > limit_batch_vectors) return fail(Code::too_large, "too many vectors at once");
    if (values.size() != keys.size() * layout_.dimensions)
        return fail(Code::invalid, "the vectors are not of this index's length");
    if (std::ranges::adjacent_find(keys, std::greater_equal{}) != keys.end())
        return fail(Code::invalid, "the keys of vectors must ascend");
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
        return fail(Code::invalid, "a vector holds what is not a number");

    const std::scoped_lock writing(writing_);
    if (segments().size() >= limit_segments)
        return fail(Code::unavailable, "too many segments of vectors; merge them first");
    std::vector<float> rotated(keys.size() * layout_.padded);
    std::vector<double> sum(layout_.padded);
    for (std::size_t row = 0; row < keys.size(); ++row) {
        const auto into = std::span(rotated).subspan(row * layout_.padded, layout_.padded);
        rotation_.apply(values.subspan(row * layout_.dimensions, layout_.dimensions), into);
        for (std::size_t i = 0; i < into.size(); ++i) sum[i] += into[i];
    }
    std::vector<float> centre(layout_.padded);
    for (std::size_t i = 0; i < centre.size(); ++i)
        centre[i] = static_cast<float>(sum[i] / static_cast<double>(keys.size()));

    const std::uint64_t number = next_number_++;
    VectorSegmentWriter writer = TRY(VectorSegmentWriter::create(files_.segment(number), layout_, keys.size(), centre));
    for (std::size_t row = 0; row < keys.size(); ++row)
        TRY_VOID(writer.add(keys[row], std::span(rotated).subspan(row * layout_.padded, layout_.padded)));
    TRY_VOID(writer.finish());
    VectorSegment segment = TRY(VectorSegment::open(files_.segment(number), layout_));
    auto added = std::make_shared<Kept>(number, std::move(segment), VectorFiles::no_dead(keys.size()));

    // The old vectors of these keys go first: between the two there is none rather than two.
    TRY_VOID(save_dead(kill(keys)));
    Segments all = segments();
    all.push_back(std::move(added));
    return publish(std::move(all));
}

Result<> Vectors::Impl::remove(std::span<const VectorKey> keys) {
    const std::scoped_lock writing(writing_);
    return save_dead(kill(keys));
}

Result<std::vector<Neighbour>> Vectors::Impl::nearest(std::span<const float> query, std::size_t count,
                                                      std::optional<std::span<const KeyRange>> within) const {
    if (query.size() != layout_.dimensions) return fail(Code::invalid, "the vector is not of this index's length");
    if (!std::ranges::all_of(query, [](float value) { return std::isfinite(value); }))
        return fail(Code::invalid, "the vector holds what is not a number");
    std::vector<float> rotated(layout_.padded);
    rotation_.apply(query, rotated);
    const Segments held = segments();
    std::vector<SearchedSegment> searched;
    for (const auto& kept : held) searched.push_back({.segment = &kept->segment, .dead = kept->dead});
    return index::nearest(searched, layout_, rotated, std::min(count, limit_nearest), within);
}

// Of the rows that live now; those that die meanwhile are left out of both.
Result<std::vector<float>> Vectors::Impl::mean_of(const Segments& merged, std::size_t& rows) const {
    std::vector<double> sum(layout_.padded);
    std::vector<float> rotated(layout_.padded);
    rows = 0;
    for (const auto& kept : merged) {
        for (std::size_t row = 0; row < kept->segment.rows(); ++row) {
            if (kept->is_dead(row)) continue;
            kept->segment.decode(row, rotated);
            for (std::size_t i = 0; i < rotated.size(); ++i) sum[i] += rotated[i];
            ++rows;
        }
        kept->segment.release_pages();
    }
    std::vector<float> centre(layout_.padded);
    if (rows > 0)
        for (std::size_t i = 0; i < centre.size(); ++i)
            centre[i] = static_cast<float>(sum[i] / static_cast<double>(rows));
    return centre;
}

// Rows of all in the order of their keys, which no two have in common. No row dies meanwhile: writers take turns.
Result<std::shared_ptr<Kept>> Vectors::Impl::rewrite(const Segments& merged) {
    std::size_t rows = 0;
    const std::vector<float> centre = TRY(mean_of(merged, rows));
    if (rows == 0) return std::shared_ptr<Kept>();
    const std::uint64_t number = next_number_++;
    VectorSegmentWriter writer = TRY(VectorSegmentWriter::create(files_.segment(number), layout_, rows, centre));

    std::vector<float> rotated(layout_.padded);
    std::vector<std::size_t> next(merged.size());
    for (;;) {
        std::size_t least = merged.size();
        for (std::size_t i = 0; i < merged.size(); ++i) {
            const auto keys = merged[i]->segment.keys();
            while (next[i] < keys.size() && merged[i]->is_dead(next[i])) ++next[i];
            if (next[i] == keys.size()) continue;
            if (least == merged.size() || keys[next[i]] < merged[least]->segment.keys()[next[least]]) least = i;
        }
        if (least == merged.size()) break;
        merged[least]->segment.decode(next[least], rotated);
        TRY_VOID(writer.add(merged[least]->segment.keys()[next[least]], rotated));
        ++next[least];
    }
    TRY_VOID(writer.finish());
    for (const auto& kept : merged) kept->segment.release_pages();
    VectorSegment segment = TRY(VectorSegment::open(files_.segment(number), layout_));
    return std::make_shared<Kept>(number, std::move(segment), VectorFiles::no_dead(rows));
}

Result<> Vectors::Impl::replace(const Segments& merged) {
    std::shared_ptr<Kept> whole = TRY(rewrite(merged));
    Segments all = segments();
    std::erase_if(all, [&](const auto& kept) { return std::ranges::contains(merged, kept); });
    if (whole) all.push_back(std::move(whole));
    TRY_VOID(publish(std::move(all)));
    for (const auto& kept : merged) TRY_VOID(files_.remove(kept->number));
    return {};
}

Result<bool> Vectors::Impl::merge() {
    const std::scoped_lock writing(writing_);
    const Segments all = segments();
    for (const auto& kept : all) {
        if (kept->dead_count * dead_share < kept->segment.rows()) continue;
        TRY_VOID(replace({kept}));
        return true;
    }
    std::vector<Segments> tiers;
    for (const auto& kept : all) {
        const std::size_t tier = tier_of(kept->live());
        if (tiers.size() <= tier) tiers.resize(tier + 1);
        tiers[tier].push_back(kept);
    }
    for (Segments& tier : tiers) {
        if (tier.size() < segments_in_merge) continue;
        tier.resize(segments_in_merge);  // the oldest
        TRY_VOID(replace(tier));
        return true;
    }
    return false;
}

Result<> Vectors::Impl::scrub() {
    const std::scoped_lock writing(writing_);
    for (const auto& kept : segments())
        if (kept->dead_count > 0) TRY_VOID(replace({kept}));
    return {};
}

Vectors::Vectors(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vectors::Vectors(Vectors&&) noexcept = default;
Vectors& Vectors::operator=(Vectors&&) noexcept = default;
Vectors::~Vectors() = default;

Result<Vectors> Vectors::open(const std::filesystem::path& folder, std::size_t dimensions) {
    if (dimensions == 0 || dimensions > limit_dimensions)
        return fail(Code::invalid, "vectors have between 1 and 8192 numbers");
    TRY_VOID(make_private_directory(folder));
    auto impl = std::make_unique<Impl>(folder, dimensions);
    TRY_VOID(impl->load());
    return Vectors(std::move(impl));
}

Result<> Vectors::erase(const std::filesystem::path& folder) { return VectorFiles(folder).erase(); }

std::size_t Vectors::dimensions() const { return impl_->layout().dimensions; }

VectorCounts Vectors::counts() const {
    VectorCounts counts{.generation = impl_->generation()};
    for (const auto& kept : impl_->segments()) {
        counts.live += kept->live();
        counts.dead += kept->dead_count;
        counts.bytes += kept->segment.size_bytes();
        ++counts.segments;
    }
    return counts;
}

bool Vectors::contains(VectorKey key) const {
    return std::ranges::any_of(impl_->segments(), [&](const auto& kept) {
        const auto row = kept->segment.find(key);
        return row && !kept->is_dead(*row);
    });
}

std::vector<VectorKey> Vectors::keys() const {
    std::vector<VectorKey> keys;
    for (const auto& kept : impl_->segments()) {
        const auto all = kept->segment.keys();
        for (std::size_t row = 0; row < all.size(); ++row)
            if (!kept->is_dead(row)) keys.push_back(all[row]);
    }
    std::ranges::sort(keys);
    return keys;
}

Result<> Vectors::add(std::span<const VectorKey> keys, std::span<const float> values) {
    return impl_->add(keys, values);
}
Result<> Vectors::remove(std::span<const VectorKey> keys) { return impl_->remove(keys); }
Result<std::vector<Neighbour>> Vectors::nearest(std::span<const float> query, std::size_t count,
                                                std::optional<std::span<const KeyRange>> within) const {
    return impl_->nearest(query, count, within);
}
Result<bool> Vectors::merge() { return impl_->merge(); }
Result<> Vectors::scrub() { return impl_->scrub(); }

void Vectors::release_memory() const {
    for (const auto& kept : impl_->segments()) kept->segment.release_pages();
}

Result<> Vectors::verify() const {
    for (const auto& kept : impl_->segments()) TRY_VOID(kept->segment.verify());
    return {};
}

}  // namespace lar::index
