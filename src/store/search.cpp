// Search: a question's terms and scope handed to src/index, and what it found brought back as hits.

#include <algorithm>

#include "base/format.h"
#include "index/analysis.h"
#include "index/search.h"
#include "store/reader.h"
#include "store/scope.h"

namespace lar::store {
namespace {

constexpr int attempts = 5;  // to read a state whose segments are not merged away meanwhile

// The index as one snapshot of the database names it.
struct IndexState {
    std::vector<index::LiveSegment> segments;
    std::int64_t passages = 0;
    std::array<std::int64_t, index::field_count> lengths{};
};

Result<IndexState> index_state(Connection& connection, SegmentShelf& shelf) {
    IndexState state;
    for (const SegmentRow& row : TRY(segment_rows(connection))) {
        state.segments.push_back(TRY(shelf.live_segment(connection, row)));
        state.passages += row.live_documents;
        for (std::size_t field = 0; field < index::field_count; ++field) state.lengths[field] += row.lengths[field];
    }
    return state;
}

// Calls `body` with a snapshot and its index.
template <class T>
Result<T> with_index(Reader::Impl& impl, const std::function<Result<T>(Connection&, const IndexState&)>& body) {
    for (int attempt = 1;; ++attempt) {
        Connection& connection = impl.connection();
        Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
        const Result<IndexState> state = index_state(connection, impl.shelf());
        // A merge has replaced a segment since this snapshot began.
        if (!state && state.error().code == Code::not_found && attempt < attempts) continue;
        Result<T> outcome = state ? body(connection, *state) : std::unexpected(state.error());
        if (!outcome && (outcome.error().code == Code::corrupt || outcome.error().code == Code::not_found)) {
            impl.shelf().note_damage();
            return fail(Code::corrupt, "the index is damaged and is being made again: try again in a while");
        }
        return outcome;
    }
}

index::Bm25 formula(const Ranking& ranking, const IndexState& state) {
    const FieldWeights& weights = ranking.weights;
    index::Bm25 bm25{.k1 = ranking.k1,
                     .b = ranking.b,
                     .field_weights = {weights.body, weights.title, weights.path, weights.context},
                     .passages = static_cast<double>(state.passages)};
    for (std::size_t field = 0; field < index::field_count; ++field)
        bm25.average_length += bm25.field_weights[field] * static_cast<double>(state.lengths[field]);
    bm25.average_length /= std::max(1.0, bm25.passages);
    return bm25;
}

Result<> add_documents(Connection& connection, std::vector<Hit>& hits) {
    for (Hit& hit : hits) {
        const auto document = TRY(connection.integer("SELECT document FROM passages WHERE id = ?1", hit.passage.value));
        if (!document) return fail(Code::corrupt, "the index names a passage that is not in the store");
        hit.document = {*document};
    }
    return {};
}

}  // namespace

Result<std::vector<Hit>> Reader::search(std::span<const QueryTerm> terms, const Scope& scope, const Ranking& ranking,
                                        std::size_t limit) {
    if (terms.size() > limit_search_terms) {
        return fail(Code::too_large, lar::format("a search has at most {} terms", limit_search_terms));
    }
    std::vector<index::WeightedTerm> weighted;
    weighted.reserve(terms.size());
    for (const QueryTerm& term : terms) weighted.push_back({term.term, term.weight, term.forms});
    return with_index<std::vector<Hit>>(
        *impl_, [&](Connection& connection, const IndexState& state) -> Result<std::vector<Hit>> {
            std::vector<index::IdRange> ranges;
            if (!is_everything(scope))
                for (const PassageRange& range : TRY(joined_ranges(connection, scope)))
                    ranges.push_back({range.first, range.end - range.first});
            const auto found = TRY(index::search(
                state.segments, weighted, formula(ranking, state),
                {.limit = std::min(limit, limit_hits), .only = is_everything(scope) ? nullptr : &ranges}));
            std::vector<Hit> hits;
            hits.reserve(found.size());
            for (const index::Found& each : found)
                hits.push_back({.passage = {each.id}, .document = {}, .score = each.score});
            TRY_VOID(add_documents(connection, hits));
            return hits;
        });
}

Result<std::vector<std::uint64_t>> Reader::document_frequencies(std::span<const std::string> terms) {
    return with_index<std::vector<std::uint64_t>>(*impl_, [&](Connection&, const IndexState& state) {
        return index::document_frequencies(state.segments, terms);
    });
}

Result<std::vector<index::HeldTerm>> Reader::terms_beginning(std::span<const std::string_view> beginnings,
                                                             const index::TermFilter& wanted) {
    return with_index<std::vector<index::HeldTerm>>(*impl_, [&](Connection&, const IndexState& state) {
        return index::terms_beginning(state.segments, beginnings, wanted);
    });
}

// Each passage holds the mark of its language; where none holds that of any, the others need not be looked for.
Result<std::vector<index::Language>> Reader::languages() {
    const std::string any(index::foreign_mark);
    if (TRY(document_frequencies(std::span(&any, 1)))[0] == 0) return std::vector<index::Language>();
    std::vector<std::string> marks;
    for (std::size_t i = 0; i < index::language_count; ++i)
        marks.push_back(index::mark_of(static_cast<index::Language>(i)));
    const auto held = TRY(document_frequencies(marks));
    std::vector<index::Language> found;
    for (std::size_t i = 0; i < held.size(); ++i)
        if (held[i] > 0) found.push_back(static_cast<index::Language>(i));
    std::ranges::stable_sort(found, std::ranges::greater(),
                             [&](index::Language language) { return held[static_cast<std::size_t>(language)]; });
    return found;
}

Result<std::uint64_t> Reader::passages_to_reindex() {
    const auto left = TRY(impl_->connection().integer(
        "SELECT count(*) FROM reindexing r CROSS JOIN passages p ON p.id > r.done AND p.id <= r.last"));
    return static_cast<std::uint64_t>(left.value_or(0));
}

}  // namespace lar::store
