#include "index/search.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace lar::index {
namespace {

constexpr std::uint32_t window_places = 4096;
constexpr double score_steps = 1 << 30;  // of the highest possible score
// What a bound is raised by for the rounding of floats, in which scores and bounds are computed.
constexpr float bound_slack = 1.00001F;
constexpr std::uint32_t limit_counted_exactly = 4096;

using Score = std::uint32_t;

// The part of the formula that all terms share.
struct Formula {
    std::array<float, field_count> weights{};
    float base = 0, slope = 0;

    explicit Formula(const Bm25& bm25)
        : base(static_cast<float>(bm25.k1 * (1 - bm25.b))),
          slope(bm25.average_length > 0 ? static_cast<float>(bm25.k1 * bm25.b / bm25.average_length) : 0) {
        for (std::size_t field = 0; field < field_count; ++field)
            weights[field] = static_cast<float>(std::max(0.0, bm25.field_weights[field]));
    }
    float length(const unsigned char* lengths, std::uint32_t place) const {
        const FieldCounts counts = unpack_lengths(lengths, place);
        float sum = 0;
        for (std::size_t field = 0; field < field_count; ++field)
            sum += weights[field] * static_cast<float>(counts[field]);
        return sum;
    }
    float part(float tf, float length) const { return tf / (tf + base + slope * length); }
};

// The best so far, over all segments.
class Best {
public:
    explicit Best(std::size_t limit) : limit_(limit) {}

    struct Entry {
        Score score = 0;
        std::int64_t id = 0;
    };
    // A passage that scores less is not wanted; one that scores the same may be.
    Score least() const { return heap_.size() < limit_ ? 1 : heap_.front().score; }
    void offer(Score score, std::int64_t id) {
        const Entry entry{score, id};
        if (heap_.size() == limit_) {
            if (!better(entry, heap_.front())) return;
            std::ranges::pop_heap(heap_, better);
            heap_.pop_back();
        }
        heap_.push_back(entry);
        std::ranges::push_heap(heap_, better);
    }
    std::vector<Entry> take() {
        std::ranges::sort_heap(heap_, better);
        return std::move(heap_);
    }

private:
    static bool better(const Entry& a, const Entry& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; }
    std::size_t limit_;
    std::vector<Entry> heap_;  // the worst on top
};

// A term in one segment, read from front to back.
class Cursor {
public:
    static Result<Cursor> open(const Segment& segment, const Segment::List& list, float gain, const Formula& formula,
                               const unsigned char* lengths) {
        Cursor cursor(segment, list, gain, formula, lengths);
        cursor.facts_ = TRY(segment.facts_of(list));
        cursor.blocks_ = Segment::blocks_of(list);
        if (cursor.facts_.empty()) TRY_VOID(cursor.read_whole());
        for (const BlockFacts& facts : cursor.facts_) cursor.bounds_.push_back(cursor.bound_of(facts));
        return cursor;
    }

    // What the term can add to a passage of this window, and how many of its blocks lie there; once advance() has been
    // called for the window's beginning.
    struct Outlook {
        Score bound = 0;
        std::uint32_t blocks = 0;
    };
    Outlook outlook(std::uint32_t end) const {
        Outlook found;
        for (std::uint32_t block = block_; block < blocks_; ++block) {
            found.bound = std::max(found.bound, bounds_[block]);
            ++found.blocks;
            if (last_place(block) + 1 >= end) break;
        }
        return found;
    }
    // Leaves behind the blocks that end before `place`.
    void advance(std::uint32_t place) {
        while (block_ < blocks_ && last_place(block_) < place) ++block_;
    }
    // Adds what it gives the passages of the window.
    Result<> add_window(std::uint32_t begin, std::uint32_t end, std::span<Score> scores) {
        for (; block_ < blocks_; ++block_) {
            TRY_VOID(read(block_));
            std::uint32_t i = first_from(begin);
            for (; i < postings_.size && postings_.places[i] < end; ++i)
                scores[postings_.places[i] - begin] += score(i);
            at_ = i;
            if (i < postings_.size || last_place(block_) + 1 >= end) return {};
        }
        return {};
    }
    // For places that rise from call to call. At most as much as bound_at() says.
    Score bound_at(std::uint32_t place) {
        advance(place);
        return block_ < blocks_ ? bounds_[block_] : 0;
    }
    Result<Score> score_at(std::uint32_t place) {
        advance(place);
        if (block_ == blocks_) return 0U;
        TRY_VOID(read(block_));
        const std::uint32_t i = first_from(place);
        return i < postings_.size && postings_.places[i] == place ? score(i) : 0U;
    }

private:
    Cursor(const Segment& segment, const Segment::List& list, float gain, const Formula& formula,
           const unsigned char* lengths)
        : segment_(&segment), list_(list), gain_(gain), formula_(&formula), lengths_(lengths) {}

    // A short list has no facts in the file; its postings say it themselves.
    Result<> read_whole() {
        TRY_VOID(read(0));
        last_place_ = postings_.places[postings_.size - 1];
        Score most = 0;
        for (std::uint32_t i = 0; i < postings_.size; ++i) most = std::max(most, score(i));
        bounds_.push_back(most);
        return {};
    }
    std::uint32_t last_place(std::uint32_t block) const {
        return facts_.empty() ? last_place_ : facts_[block].last_place;
    }

    Score bound_of(const BlockFacts& facts) const {
        float other_counts = 0, other_lengths = 0;
        for (std::size_t other = 0; other + 1 < field_count; ++other) {
            const float weight = formula_->weights[other + 1];
            other_counts += weight * static_cast<float>(facts.counts[other]);
            other_lengths += weight * static_cast<float>(facts.lengths[other]);
        }
        float most = 0;
        for (std::size_t i = 0; i < facts.impact_count; ++i) {
            const Impact& impact = facts.impacts[i];
            const float tf = formula_->weights[0] * static_cast<float>(impact.count) + other_counts;
            const float length = formula_->weights[0] * static_cast<float>(impact.length) + other_lengths;
            if (tf > 0) most = std::max(most, formula_->part(tf, length));
        }
        return static_cast<Score>(gain_ * most * bound_slack) + 1;
    }

    Result<> read(std::uint32_t block) {
        if (block == read_block_) return {};
        TRY_VOID(segment_->read_block(list_, facts_, block, postings_));
        read_block_ = block;
        at_ = 0;
        return {};
    }
    // The first posting of the block that is not before `place`, which rises from call to call.
    std::uint32_t first_from(std::uint32_t place) {
        const auto* const begin = postings_.places.data();
        at_ = static_cast<std::uint32_t>(std::lower_bound(begin + at_, begin + postings_.size, place) - begin);
        return at_;
    }
    Score score(std::uint32_t i) const {
        float tf = formula_->weights[0] * static_cast<float>(postings_.counts[0][i]);
        if (postings_.other_fields != 0) {
            for (std::size_t field = 1; field < field_count; ++field)
                if ((postings_.other_fields >> field & 1) != 0)
                    tf += formula_->weights[field] * static_cast<float>(postings_.counts[field][i]);
        }
        if (tf <= 0) return 0;
        const float part = formula_->part(tf, formula_->length(lengths_, postings_.places[i]));
        return std::max<Score>(1, static_cast<Score>(gain_ * part));
    }

    const Segment* segment_;
    Segment::List list_;
    float gain_;  // weight * idf in steps of the score
    const Formula* formula_;
    const unsigned char* lengths_;
    std::vector<BlockFacts> facts_;
    std::vector<Score> bounds_;  // of each block
    std::uint32_t blocks_ = 0;
    std::uint32_t last_place_ = 0;
    std::uint32_t block_ = 0;
    std::uint32_t read_block_ = ~0U;
    std::uint32_t at_ = 0;
    PostingBlock postings_;
};

class SegmentSearch {
public:
    SegmentSearch(const Segment& segment, std::vector<Cursor> cursors, const PlaceSet* wanted, Best& best,
                  Pruning pruning)
        : segment_(segment), cursors_(std::move(cursors)), wanted_(wanted), best_(best), pruning_(pruning) {}

    Result<> run() {
        for (std::uint64_t begin = 0; begin < segment_.documents(); begin += window_places) {
            const auto first = static_cast<std::uint32_t>(begin);
            const auto end =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(begin + window_places, segment_.documents()));
            if (wanted_ == nullptr || wanted_->any_in(first, end)) TRY_VOID(search_window(first, end));
        }
        return {};
    }

private:
    // A term that is not read in this window unless a passage needs it.
    struct Aside {
        Cursor* cursor = nullptr;
        Score bound = 0;
        Score with_lower = 0;  // the sum of this bound and all lower ones
    };
    struct Candidate {
        std::uint32_t place = 0;
        Score score = 0;
    };

    Score least() const { return pruning_ == Pruning::on ? best_.least() : 1; }

    // Looking up one passage costs as much as reading a block, so only terms with more blocks than that are worth it.
    static constexpr std::uint32_t least_blocks_aside = 2;

    // Whether the window can hold any of the best. Parts its terms into those that are read and those set aside, which
    // even together cannot make a passage one of the best.
    bool part_terms(std::uint32_t begin, std::uint32_t end) {
        read_.clear();
        aside_.clear();
        Score sum = 0;
        for (Cursor& cursor : cursors_) {
            cursor.advance(begin);
            const Cursor::Outlook outlook = cursor.outlook(end);
            sum += outlook.bound;
            if (outlook.blocks >= least_blocks_aside)
                aside_.push_back({&cursor, outlook.bound});
            else if (outlook.blocks > 0)
                read_.push_back(&cursor);
        }
        if (sum < least()) return false;
        std::ranges::sort(aside_, {}, &Aside::bound);
        Score sum_aside = 0;
        std::size_t kept = 0;
        for (; kept < aside_.size() && sum_aside + aside_[kept].bound < least(); ++kept)
            aside_[kept].with_lower = sum_aside += aside_[kept].bound;
        for (std::size_t i = kept; i < aside_.size(); ++i) read_.push_back(aside_[i].cursor);
        aside_.resize(kept);
        return true;
    }

    Result<> search_window(std::uint32_t begin, std::uint32_t end) {
        if (!part_terms(begin, end)) return {};
        scores_.fill(0);
        for (Cursor* const cursor : read_) TRY_VOID(cursor->add_window(begin, end, scores_));
        gather(begin, end, aside_.empty() ? 0 : aside_.back().with_lower);
        for (std::size_t i = aside_.size(); i-- > 0;) TRY_VOID(look_up(aside_[i]));
        for (const Candidate& candidate : candidates_)
            if (candidate.score >= least()) best_.offer(candidate.score, TRY(segment_.id_at(candidate.place)));
        return {};
    }

    // Passages that with `more` could still be among the best.
    void gather(std::uint32_t begin, std::uint32_t end, Score more) {
        candidates_.clear();
        const Score enough = std::max<Score>(1, least() > more ? least() - more : 0);
        for (std::uint32_t i = 0; i < end - begin; ++i) {
            if (scores_[i] < enough) continue;
            if (wanted_ == nullptr || wanted_->contains(begin + i)) candidates_.push_back({begin + i, scores_[i]});
        }
    }

    // Adds what one of the terms set aside gives, and drops who cannot make it any more.
    Result<> look_up(const Aside& term) {
        const Score below = term.with_lower - term.bound;
        std::size_t kept = 0;
        for (Candidate candidate : candidates_) {
            if (candidate.score + term.with_lower < least()) continue;
            if (candidate.score + below + term.cursor->bound_at(candidate.place) < least()) continue;
            candidate.score += TRY(term.cursor->score_at(candidate.place));
            candidates_[kept++] = candidate;
        }
        candidates_.resize(kept);
        return {};
    }

    const Segment& segment_;
    std::vector<Cursor> cursors_;
    const PlaceSet* wanted_;
    Best& best_;
    Pruning pruning_;
    std::vector<Cursor*> read_;
    std::vector<Aside> aside_;
    std::array<Score, window_places> scores_{};
    std::vector<Candidate> candidates_;
};

// Places of a segment that are live and in the ranges.
Result<PlaceSet> places_in(const LiveSegment& segment, const std::vector<IdRange>& ranges) {
    const Segment& on = *segment.segment;
    PlaceSet set = PlaceSet::none(on.documents());
    if (on.documents() == 0) return set;
    const std::int64_t last_id = TRY(on.last_id());
    const auto bytes = TRY(on.ids());
    const auto id_at = [&](std::uint32_t place) { return on.first_id() + unpack_id(bytes.data(), place); };
    std::uint32_t place = 0;
    auto range = std::ranges::upper_bound(ranges, on.first_id(), {}, &IdRange::first);
    if (range != ranges.begin()) --range;
    for (; range != ranges.end() && range->first <= last_id; ++range) {
        const std::int64_t end = range->first + range->count;
        // Most ranges begin where the one before has ended.
        if (place < on.documents() && id_at(place) < range->first) place = TRY(on.first_place_from(range->first));
        for (; place < on.documents() && id_at(place) < end; ++place) set.add(place);
    }
    if (segment.live) set.keep_only(*segment.live);
    return set;
}

Result<std::uint64_t> frequency_in(const LiveSegment& segment, const Segment::List& list) {
    if (!segment.live) return list.size;
    const double live_share = static_cast<double>(segment.live->count()) / std::max(1U, segment.live->places());
    if (list.size > limit_counted_exactly)
        return static_cast<std::uint64_t>(std::ceil(static_cast<double>(list.size) * live_share));
    const auto facts = TRY(segment.segment->facts_of(list));
    PostingBlock block;
    std::uint64_t count = 0;
    for (std::uint32_t number = 0; number < Segment::blocks_of(list); ++number) {
        TRY_VOID(segment.segment->read_block(list, facts, number, block));
        for (std::uint32_t i = 0; i < block.size; ++i) count += segment.live->contains(block.places[i]) ? 1U : 0U;
    }
    return count;
}

// A term of the question, and its postings in each segment.
struct Asked {
    double gain = 0;
    std::vector<std::optional<Segment::List>> lists;
};

Result<std::vector<Asked>> look_up(std::span<const LiveSegment> segments, std::span<const WeightedTerm> terms,
                                   double passages) {
    struct Wanted {
        double weight = 0;
        const std::vector<std::string>* forms = nullptr;
    };
    std::map<std::string_view, Wanted> wanted;  // a term named twice counts with both weights
    for (const WeightedTerm& term : terms) {
        Wanted& same = wanted[term.term];
        same.weight += term.weight;
        same.forms = &term.forms;
    }
    std::vector<Asked> asked;
    for (const auto& [term, each] : wanted) {
        if (each.weight <= 0) continue;
        std::uint64_t frequency = 0;
        const std::size_t first = asked.size();
        const auto add = [&](std::string_view form) -> Result<> {
            std::uint64_t held = 0;
            Asked one;
            for (const LiveSegment& segment : segments) {
                one.lists.push_back(TRY(segment.segment->find(form)));
                if (one.lists.back()) held += TRY(frequency_in(segment, *one.lists.back()));
            }
            if (held > 0) asked.push_back(std::move(one));
            frequency += held;
            return {};
        };
        TRY_VOID(add(term));
        for (const std::string& form : *each.forms) TRY_VOID(add(form));
        const double gain = each.weight * idf(passages, static_cast<double>(frequency));
        for (std::size_t i = first; i < asked.size(); ++i) asked[i].gain = gain;
    }
    return asked;
}

}  // namespace

double idf(double passages, double with_term) {
    return std::log1p(std::max(0.0, passages - with_term + 0.5) / (with_term + 0.5));
}

Result<std::vector<Found>> search(std::span<const LiveSegment> segments, std::span<const WeightedTerm> terms,
                                  const Bm25& bm25, const SearchOptions& options) {
    const std::vector<Asked> asked = TRY(look_up(segments, terms, bm25.passages));
    double highest = 0;
    for (const Asked& each : asked) highest += each.gain;
    if (highest <= 0 || options.limit == 0) return std::vector<Found>();
    const double steps = score_steps / highest;
    const Formula formula(bm25);
    Best best(options.limit);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& segment = *segments[i].segment;
        const unsigned char* const lengths = TRY(segment.lengths()).data();
        std::vector<Cursor> cursors;
        cursors.reserve(asked.size());
        for (const Asked& each : asked) {
            if (!each.lists[i]) continue;
            cursors.push_back(
                TRY(Cursor::open(segment, *each.lists[i], static_cast<float>(each.gain * steps), formula, lengths)));
        }
        if (cursors.empty()) continue;
        PlaceSet chosen;
        if (options.only != nullptr) chosen = TRY(places_in(segments[i], *options.only));
        const PlaceSet* const wanted = options.only != nullptr ? &chosen : segments[i].live.get();
        TRY_VOID(SegmentSearch(segment, std::move(cursors), wanted, best, options.pruning).run());
    }
    std::vector<Found> found;
    for (const Best::Entry& entry : best.take()) found.push_back({entry.id, static_cast<double>(entry.score) / steps});
    return found;
}

Result<std::vector<std::uint64_t>> document_frequencies(std::span<const LiveSegment> segments,
                                                        std::span<const std::string> terms) {
    std::vector<std::uint64_t> found;
    found.reserve(terms.size());
    for (const std::string& term : terms) {
        std::uint64_t frequency = 0;
        for (const LiveSegment& segment : segments)
            if (const auto list = TRY(segment.segment->find(term))) frequency += TRY(frequency_in(segment, *list));
        found.push_back(frequency);
    }
    return found;
}

Result<std::vector<HeldTerm>> terms_beginning(std::span<const LiveSegment> segments,
                                              std::span<const std::string_view> beginnings, const TermFilter& wanted) {
    std::vector<std::string_view> sorted(beginnings.begin(), beginnings.end());
    std::ranges::sort(sorted);
    std::vector<std::string_view> walked;  // without what begins with another
    for (const std::string_view with : sorted)
        if (walked.empty() || !with.starts_with(walked.back())) walked.push_back(with);
    std::map<std::string, std::uint64_t, std::less<>> held;
    for (const LiveSegment& segment : segments) {
        for (const std::string_view with : walked) {
            TermWalk walk = TRY(segment.segment->walk_near(with));
            while (TRY(walk.next())) {
                if (walk.term() < with) continue;
                if (!walk.term().starts_with(with)) break;
                if (wanted(walk.term())) held[std::string(walk.term())] += walk.list().size;
            }
        }
    }
    std::vector<HeldTerm> found;
    found.reserve(held.size());
    for (auto& [term, passages] : held) found.push_back({term, passages});
    return found;
}

}  // namespace lar::index
