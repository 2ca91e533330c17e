#include "index/merge.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <limits>
#include <map>
#include <string>

namespace lar::index {
namespace {

constexpr std::uint64_t smallest_tier_bytes = 16 * 1024;
constexpr std::uint32_t terms_between_looks = 1024;

// One of the segments, read from front to back.
class Input {
public:
    explicit Input(const LiveSegment& source) : segment_(*source.segment), live_(source.live.get()), walk_(segment_) {}

    bool is_live(std::uint32_t place) const { return live_ == nullptr || live_->contains(place); }
    const Segment& segment() const { return segment_; }
    std::vector<std::uint32_t>& places() { return places_; }

    Result<> next_term() {
        ended_ = !TRY(walk_.next());
        rank_ = rank_of(walk_.term());
        return {};
    }
    bool ended() const { return ended_; }
    std::string_view term() const { return walk_.term(); }
    // Where its term stands in the order of bytes beside another's. The first eight decide most of the time.
    std::strong_ordering beside(const Input& other) const {
        return rank_ != other.rank_ ? rank_ <=> other.rank_ : term() <=> other.term();
    }

    // The postings of the term that it stands at.
    Result<> begin_postings() {
        facts_ = TRY(segment_.facts_of(walk_.list()));
        next_block_ = 0;
        block_.size = at_ = 0;
        return next_posting();
    }
    Result<> next_posting() {
        for (;;) {
            for (; at_ < block_.size; ++at_) {
                place_ = places_[block_.places[at_]];
                if (place_ == nowhere) continue;
                counts_ = {block_.counts[0][at_], 0, 0, 0};
                for (std::size_t field = 1; field < field_count; ++field)
                    if ((block_.other_fields >> field & 1) != 0) counts_[field] = block_.counts[field][at_];
                ++at_;
                return {};
            }
            if (next_block_ == Segment::blocks_of(walk_.list())) {
                place_ = nowhere;
                return {};
            }
            TRY_VOID(segment_.read_block(walk_.list(), facts_, next_block_++, block_));
            at_ = 0;
        }
    }
    std::uint32_t place() const { return place_; }  // in the merged segment; nowhere at the end
    const FieldCounts& counts() const { return counts_; }

private:
    const Segment& segment_;
    const PlaceSet* live_;
    std::vector<std::uint32_t> places_;  // in the merged segment, of each of its passages
    TermWalk walk_;
    std::uint64_t rank_ = 0;
    bool ended_ = false;
    std::vector<BlockFacts> facts_;
    std::uint32_t next_block_ = 0;
    PostingBlock block_;
    std::uint32_t at_ = 0;
    std::uint32_t place_ = nowhere;
    FieldCounts counts_{};
};

// Numbers the live passages of all in the order of their ids.
Result<SegmentWriter::Documents> number_passages(std::vector<Input>& inputs) {
    struct Next {
        std::int64_t id = 0;
        std::uint32_t place = 0;
        bool ended = false;
    };
    std::vector<Next> next(inputs.size());
    std::vector<const unsigned char*> ids, lengths;
    const auto go_to_live = [&](std::size_t i) {
        const Segment& segment = inputs[i].segment();
        while (next[i].place < segment.documents() && !inputs[i].is_live(next[i].place)) ++next[i].place;
        next[i].ended = next[i].place == segment.documents();
        if (!next[i].ended) next[i].id = segment.first_id() + unpack_id(ids[i], next[i].place);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        inputs[i].places().assign(inputs[i].segment().documents(), nowhere);
        ids.push_back(TRY(inputs[i].segment().ids()).data());
        lengths.push_back(TRY(inputs[i].segment().lengths()).data());
        go_to_live(i);
    }
    SegmentWriter::Documents documents;
    for (;;) {
        std::size_t least = inputs.size();
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (!next[i].ended && (least == inputs.size() || next[i].id < next[least].id)) least = i;
        if (least == inputs.size()) return documents;
        if (!documents.ids.empty() && documents.ids.back() >= next[least].id)
            return fail(Code::corrupt, "a passage is in two segments of the index");
        inputs[least].places()[next[least].place] = static_cast<std::uint32_t>(documents.ids.size());
        documents.ids.push_back(next[least].id);
        documents.lengths += pack_lengths(unpack_lengths(lengths[least], next[least].place));
        ++next[least].place;
        go_to_live(least);
    }
}

Result<> merge_postings(std::span<Input* const> holders, SegmentWriter& writer) {
    for (Input* const input : holders) TRY_VOID(input->begin_postings());
    for (;;) {
        Input* least = holders.front();
        for (Input* const input : holders)
            if (input->place() < least->place()) least = input;
        if (least->place() == nowhere) return {};
        // As long as the others lie behind, it goes on alone.
        std::uint32_t until = nowhere;
        for (const Input* const input : holders)
            if (input != least) until = std::min(until, input->place());
        if (until == least->place()) return fail(Code::corrupt, "a term names a passage twice");
        for (; least->place() < until;) {
            TRY_VOID(writer.add(least->place(), least->counts()));
            TRY_VOID(least->next_posting());
        }
    }
}

}  // namespace

Result<> merge(std::span<const LiveSegment> segments, SegmentWriter& writer, const std::atomic<bool>* stopping) {
    std::vector<Input> inputs;
    inputs.reserve(segments.size());
    for (const LiveSegment& segment : segments) inputs.emplace_back(segment);
    TRY_VOID(writer.begin(TRY(number_passages(inputs))));
    for (Input& input : inputs) TRY_VOID(input.next_term());
    std::vector<Input*> holders;
    std::string last;
    for (std::uint32_t merged = 1;; ++merged) {
        if (merged % terms_between_looks == 0 && stopping != nullptr && stopping->load())
            return fail(Code::unavailable, "Lar is stopping");
        holders.clear();
        for (Input& input : inputs) {
            if (input.ended()) continue;
            const auto order = holders.empty() ? std::strong_ordering::less : input.beside(*holders.front());
            if (order < 0) holders.clear();
            if (order <= 0) holders.push_back(&input);
        }
        if (holders.empty()) return {};
        // A segment with right checksums may still not be what a writer wrote.
        if (merged > 1 && holders.front()->term() <= last)
            return fail(Code::corrupt, "the terms of a segment do not rise");
        last = holders.front()->term();
        writer.begin_term(last);
        TRY_VOID(merge_postings(holders, writer));
        TRY_VOID(writer.end_term());
        for (Input* const input : holders) TRY_VOID(input->next_term());
    }
}

std::vector<std::size_t> choose_merge(std::span<const SegmentSize> segments, std::uint64_t limit_bytes) {
    std::map<int, std::vector<std::size_t>> tiers;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const SegmentSize& size = segments[i];
        if (size.deleted * std::uint64_t{2} > size.documents && size.bytes <= limit_bytes) return {i};
        const std::uint64_t steps = std::max(size.bytes, smallest_tier_bytes) / smallest_tier_bytes;
        tiers[(std::bit_width(steps) - 1) / 3].push_back(i);
    }
    for (auto& [tier, members] : tiers) {
        if (members.size() < merged_at_once) continue;
        // The smallest, so that what has grown is not written again for what has not.
        std::ranges::stable_sort(members, {}, [&](std::size_t member) { return segments[member].bytes; });
        std::vector<std::size_t> chosen(members.begin(), members.begin() + merged_at_once);
        std::ranges::sort(chosen);
        std::uint64_t sum = 0;
        for (const std::size_t member : chosen) sum += segments[member].bytes;
        if (sum <= limit_bytes) return chosen;
    }
    return {};
}

}  // namespace lar::index
