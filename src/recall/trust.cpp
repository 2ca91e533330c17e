#include "recall/trust.h"

#include <algorithm>

#include "base/text.h"
#include "recall/question.h"
#include "recall/rank.h"
#include "recall/rerank.h"
#include "recall/sample.h"

namespace lar::recall {
namespace {

constexpr std::size_t words_taken = 12;
constexpr std::size_t least_words = 24;  // of a passage: the rest must still be about something
constexpr std::size_t limit_read_for_items = 4 * known_items_asked;

std::vector<std::string_view> pieces_of(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t begin = std::string_view::npos;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const bool space = i == text.size() || text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
        if (!space && begin == std::string_view::npos) begin = i;
        if (space && begin != std::string_view::npos) {
            words.push_back(text.substr(begin, i - begin));
            begin = std::string_view::npos;
        }
    }
    return words;
}

}  // namespace

Result<std::vector<KnownItem>> known_items(std::span<const store::PassageRange> live, store::Reader& reader) {
    const std::vector<store::PassageId> drawn = spread_over(live, limit_read_for_items);
    std::vector<KnownItem> items;
    for (const store::PlacedPassage& placed : TRY(reader.passages(drawn))) {
        const auto words = pieces_of(placed.passage.text);
        if (words.size() < least_words) continue;
        KnownItem item{.passage = placed.passage.id, .words = {}};
        const std::size_t first = (words.size() - words_taken) / 2;
        for (std::size_t i = first; i < first + words_taken; ++i) item.words += std::string(words[i]) + " ";
        items.push_back(std::move(item));
    }
    if (items.size() <= known_items_asked) return items;
    std::vector<KnownItem> spread;
    for (std::size_t i = 0; i < known_items_asked; ++i)
        spread.push_back(std::move(items[i * items.size() / known_items_asked]));
    return spread;
}

std::size_t depth_of_search(std::uint64_t passages) { return std::clamp<std::size_t>(passages / 100, 1, 10); }

Result<std::size_t> found_by_words(std::span<const KnownItem> items, std::size_t depth, store::Reader& reader) {
    std::size_t found = 0;
    for (const KnownItem& item : items) {
        const QuestionTerms terms = TRY(informed_terms(item.words, Wording::plain, reader));
        const auto hits = TRY(reader.search(terms.query(), {}, RankWeights{}.bm25, depth));
        found += std::ranges::contains(hits, item.passage, &store::Hit::passage) ? 1U : 0U;
    }
    return found;
}

Result<std::vector<Lineup>> lineups(std::span<const KnownItem> items, store::Reader& reader) {
    std::vector<Lineup> all;
    for (const KnownItem& item : items) {
        const QuestionTerms terms = TRY(informed_terms(item.words, Wording::plain, reader));
        const auto hits = TRY(reader.search(terms.query(), {}, RankWeights{}.bm25, lineup_texts));
        const auto own = std::ranges::find(hits, item.passage, &store::Hit::passage);
        if (own == hits.end() || hits.size() < lineup_texts) continue;
        std::vector<store::PassageId> ids;
        for (const store::Hit& hit : hits) ids.push_back(hit.passage);
        Lineup lineup{.words = item.words, .texts = {}, .right = static_cast<std::size_t>(own - hits.begin())};
        for (const store::PlacedPassage& placed : TRY(reader.passages(ids)))
            lineup.texts.push_back(reranked_text(placed));
        if (lineup.texts.size() == lineup_texts) all.push_back(std::move(lineup));
    }
    return all;
}

bool knows(const Lineup& lineup, std::span<const float> scores) {
    if (lineup.right >= scores.size()) return false;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (i != lineup.right && !(scores[lineup.right] > scores[i])) return false;
    return true;
}

double trust(std::size_t found_near, std::size_t found_by_words, std::size_t asked) {
    constexpr double least = 0.5, whole = 0.9;
    if (asked < least_known_items || found_by_words == 0) return 0;
    const double share = static_cast<double>(found_near) / static_cast<double>(found_by_words);
    return std::clamp((share - least) / (whole - least), 0.0, 1.0);
}

}  // namespace lar::recall
