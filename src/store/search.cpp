// Search: BM25 over fields, added up term by term.
//
// For each passage and term, tf is the weighted sum of how often the term occurs in each field, and the passage's
// length the same weighted sum of the fields' lengths; so weights of 1 are BM25 over all fields joined together, and a
// weight of 2 is the field written twice. A term adds weight * idf * tf / (tf + k1 * (1 - b + b * length / average)).
//
// FTS5 walks a term's postings (terms.h); the sums stand in blocks of 1,024 passages beside their lengths, made only
// where the scope has any. Floats: seven digits are more than a ranking can tell apart, and a million passages then
// cost 9 MB for the moment of the search.

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <format>
#include <limits>
#include <map>
#include <memory>

#include "store/lengths.h"
#include "store/reader.h"
#include "store/scope.h"
#include "store/terms.h"

namespace lar::store {
namespace {

using Weights = std::array<float, field_count>;

Weights weights_of(const FieldWeights& weights) {
    return {static_cast<float>(weights.body), static_cast<float>(weights.title), static_cast<float>(weights.path),
            static_cast<float>(weights.context)};
}

float weigh(const Weights& weights, const FieldCounts& counts) {
    float sum = 0;
    for (std::size_t field = 0; field < field_count; ++field) sum += weights[field] * static_cast<float>(counts[field]);
    return sum;
}

struct Collection {
    double passages = 0;
    double average_length = 0;  // weighted
};

Result<Collection> collection(Connection& connection, const FieldWeights& weights) {
    Statement row =
        TRY(connection.prepare("SELECT sum(passages), sum(body_length), sum(title_length), sum(path_length), "
                               "sum(context_length) FROM tallies"));
    TRY_VOID(row.step());
    Collection found{.passages = row.real(0)};
    if (found.passages < 1) return found;
    found.average_length = (weights.body * row.real(1) + weights.title * row.real(2) + weights.path * row.real(3) +
                            weights.context * row.real(4)) /
                           found.passages;
    return found;
}

// How FTS5 is asked for one term; empty for one that cannot be in the index.
std::string match_of(std::string_view term) {
    if (term.empty() || term.find('\0') != std::string_view::npos) return {};
    std::string quoted = "\"";
    for (const char c : term) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

class Scores final : public PostingSink {
public:
    Scores(const Ranking& ranking, const Collection& collection)
        : weights_(weights_of(ranking.weights)),
          base_(static_cast<float>(ranking.k1 * (1 - ranking.b))),
          slope_(collection.average_length > 0 ? static_cast<float>(ranking.k1 * ranking.b / collection.average_length)
                                               : 0) {}

    Result<> prepare(Connection& connection, const Scope& scope);
    void next_term(float gain) { gain_ = gain; }
    // All passages of the scope are among these; FTS5 starts and stops there.
    std::int64_t first() const { return first_; }
    std::int64_t last() const { return static_cast<std::int64_t>(blocks_.size()) * passages_in_block - 1; }
    std::vector<Hit> best(std::size_t limit) const;

    bool wants(std::int64_t passage) override {
        const Block* block = find(passage);
        return block != nullptr && !block->lengths.empty() && block->allowed[place_in_block(passage)];
    }
    void take(std::int64_t passage, const FieldCounts& counts) override {
        Block* block = find(passage);
        const std::size_t place = place_in_block(passage);
        const float tf = weigh(weights_, counts);
        if (tf <= 0) return;
        const float length = weigh(weights_, unpack_lengths(block->lengths, place));
        block->score[place] += gain_ * tf / (tf + base_ + slope_ * length);
    }

private:
    struct Block {
        std::bitset<passages_in_block> allowed;
        std::string lengths;
        std::array<float, passages_in_block> score{};
    };
    Block* find(std::int64_t passage) const {
        const auto number = static_cast<std::size_t>(block_of(passage));
        return number < blocks_.size() ? blocks_[number].get() : nullptr;
    }
    Block& make(std::int64_t number);
    void allow(std::int64_t first, std::int64_t count);

    Weights weights_;
    float base_, slope_;
    float gain_ = 0;
    std::int64_t first_ = std::numeric_limits<std::int64_t>::max();
    std::vector<std::unique_ptr<Block>> blocks_;
};

Scores::Block& Scores::make(std::int64_t number) {
    const auto index = static_cast<std::size_t>(number);
    if (index >= blocks_.size()) blocks_.resize(index + 1);
    first_ = std::min(first_, number * passages_in_block);
    if (!blocks_[index]) blocks_[index] = std::make_unique<Block>();
    return *blocks_[index];
}

void Scores::allow(std::int64_t first, std::int64_t count) {
    for (std::int64_t passage = first; passage < first + count; ++passage) {
        make(block_of(passage)).allowed.set(place_in_block(passage));
    }
}

Result<> Scores::prepare(Connection& connection, const Scope& scope) {
    const bool everything = is_everything(scope);
    if (!everything) {
        TRY_VOID(each_passage_range(connection, scope,
                                    [this](std::int64_t first, std::int64_t count) { allow(first, count); }));
    }
    Statement rows = TRY(connection.prepare("SELECT block, lengths FROM passage_lengths ORDER BY block"));
    while (TRY(rows.step())) {
        const std::int64_t number = rows.integer(0);
        if (!everything && find(number * passages_in_block) == nullptr) continue;
        if (rows.bytes(1).size() != length_block_bytes) return fail(Code::corrupt, "the store's lengths are damaged");
        Block& block = make(number);
        if (everything) block.allowed.set();
        block.lengths = rows.text(1);
    }
    return {};
}

std::vector<Hit> Scores::best(std::size_t limit) const {
    const auto better = [](const Hit& a, const Hit& b) {
        return a.score != b.score ? a.score > b.score : a.passage < b.passage;
    };
    std::vector<Hit> heap;  // the worst of the best on top
    for (std::size_t number = 0; number < blocks_.size(); ++number) {
        if (!blocks_[number]) continue;
        for (std::size_t place = 0; place < blocks_[number]->score.size(); ++place) {
            const float score = blocks_[number]->score[place];
            if (score <= 0 || (heap.size() == limit && score < heap.front().score)) continue;
            const auto passage = static_cast<std::int64_t>(number * passages_in_block + place);
            const Hit hit{.passage = {passage}, .document = {}, .score = score};
            if (heap.size() == limit && !better(hit, heap.front())) continue;
            if (heap.size() == limit) {
                std::ranges::pop_heap(heap, better);
                heap.pop_back();
            }
            heap.push_back(hit);
            std::ranges::push_heap(heap, better);
        }
    }
    std::ranges::sort_heap(heap, better);
    return heap;
}

Result<double> frequency(Connection& connection, const std::string& term) {
    const auto count = TRY(connection.integer("SELECT doc FROM passage_vocabulary WHERE term = ?1", term));
    return static_cast<double>(count.value_or(0));
}

// Sets where postings go for as long as it lives.
class Listening {
public:
    Listening(Connection& connection, PostingSink& sink) : connection_(connection) {
        connection.send_postings_to(&sink);
    }
    ~Listening() { connection_.send_postings_to(nullptr); }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

private:
    Connection& connection_;
};

Result<> add_term(Connection& connection, const std::string& term, double weight, double passages, Scores& scores) {
    const std::string match = match_of(term);
    if (match.empty() || weight <= 0) return {};
    const double n = TRY(frequency(connection, term));
    if (n < 1) return {};
    scores.next_term(static_cast<float>(weight * std::log1p((passages - n + 0.5) / (n + 0.5))));
    const Listening listening(connection, scores);
    // lar_postings is never true, so the walk happens in one step and gives no row.
    return connection.run(
        "SELECT 1 FROM passage_terms WHERE passage_terms MATCH ?1 AND rowid BETWEEN ?2 AND ?3 "
        "AND lar_postings(passage_terms)",
        match, scores.first(), scores.last());
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
    if (terms.size() > limit_query_terms) {
        return fail(Code::too_large, std::format("a search has at most {} terms", limit_query_terms));
    }
    std::map<std::string, double> weights;  // a term named twice counts with both weights
    for (const QueryTerm& term : terms) weights[term.term] += term.weight;

    Connection& connection = impl_->connection();
    Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
    const Collection all = TRY(collection(connection, ranking.weights));
    if (all.passages < 1 || weights.empty() || limit == 0) return std::vector<Hit>();
    Scores scores(ranking, all);
    TRY_VOID(scores.prepare(connection, scope));
    for (const auto& [term, weight] : weights) TRY_VOID(add_term(connection, term, weight, all.passages, scores));
    std::vector<Hit> hits = scores.best(std::min(limit, limit_hits));
    TRY_VOID(add_documents(connection, hits));
    return hits;
}

Result<std::vector<std::uint64_t>> Reader::document_frequencies(std::span<const std::string> terms) {
    Connection& connection = impl_->connection();
    Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
    std::vector<std::uint64_t> found;
    found.reserve(terms.size());
    for (const std::string& term : terms) {
        found.push_back(static_cast<std::uint64_t>(TRY(frequency(connection, term))));
    }
    return found;
}

}  // namespace lar::store
