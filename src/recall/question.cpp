#include "recall/question.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "index/analysis.h"

namespace lar::recall {
namespace {

constexpr double part_weight = 0.6;  // of an identifier's parts, beside its whole
constexpr double quoted_weight = 1.5;
constexpr std::size_t enough_terms = 2;  // that must remain before question words are dropped

// Terms (stemmed) that make a sentence a question and say nothing of what is asked.
constexpr auto question_words = std::to_array<std::string_view>(
    {"what", "where", "which",   "who",    "whom",  "whose",  "when", "whi",   "how",  "doe", "do",   "did",
     "done", "can",   "could",   "should", "would", "i",      "me",   "my",    "we",   "our", "us",   "you",
     "your", "he",    "she",     "have",   "has",   "had",    "been", "were",  "am",   "ani", "some", "pleas",
     "tell", "show",  "explain", "give",   "whats", "wheres", "hows", "about", "from", "so",  "than"});

bool is_question_word(std::string_view term) { return std::ranges::find(question_words, term) != question_words.end(); }

// For each byte, whether it stands between double quotes that are closed.
std::vector<bool> quoted_bytes(std::string_view text) {
    std::vector<bool> quoted(text.size());
    for (std::size_t open = text.find('"'); open != std::string_view::npos;) {
        const std::size_t close = text.find('"', open + 1);
        if (close == std::string_view::npos) break;
        std::fill(quoted.begin() + static_cast<std::ptrdiff_t>(open),
                  quoted.begin() + static_cast<std::ptrdiff_t>(close), true);
        open = text.find('"', close + 1);
    }
    return quoted;
}

}  // namespace

std::vector<store::QueryTerm> QuestionTerms::query() const {
    std::vector<store::QueryTerm> query;
    for (const QuestionTerm& term : terms) query.push_back({term.term, term.weight});
    return query;
}

QuestionTerms terms_of_question(std::string_view question) {
    auto tokens = index::analyse(question);
    const auto quoted = quoted_bytes(question);
    const auto says_nothing = [&](const index::Token& token) {
        return is_question_word(token.term) && !quoted[token.first];
    };
    const auto telling = tokens.size() - static_cast<std::size_t>(std::ranges::count_if(tokens, says_nothing));
    if (telling >= enough_terms) std::erase_if(tokens, says_nothing);

    QuestionTerms found;
    std::unordered_map<std::string, std::size_t> places;
    std::size_t before = SIZE_MAX;
    for (const index::Token& token : tokens) {
        auto [place, is_new] = places.try_emplace(token.term, found.terms.size());
        if (is_new) {
            if (found.terms.size() == store::limit_query_terms) {
                places.erase(place);
                continue;
            }
            found.terms.push_back({.term = token.term, .weight = 0, .part = true});
        }
        QuestionTerm& term = found.terms[place->second];
        term.weight += (token.part ? part_weight : 1.0) * (quoted[token.first] ? quoted_weight : 1.0);
        term.part = term.part && token.part;
        if (before != SIZE_MAX && before != place->second) found.pairs.emplace_back(before, place->second);
        before = place->second;
    }
    std::ranges::sort(found.pairs);
    const auto repeated = std::ranges::unique(found.pairs);
    found.pairs.erase(repeated.begin(), repeated.end());
    return found;
}

Result<> inform(QuestionTerms& terms, store::Reader& reader) {
    const std::uint64_t passages_in_store = TRY(reader.passages_in({}));
    std::vector<std::string> names;
    for (const QuestionTerm& term : terms.terms) names.push_back(term.term);
    const auto frequencies = TRY(reader.document_frequencies(names));
    terms.information = 0;
    for (std::size_t i = 0; i < terms.terms.size(); ++i) {
        QuestionTerm& term = terms.terms[i];
        term.passages = frequencies[i];
        const auto held = static_cast<double>(frequencies[i]);
        const auto all = std::max(static_cast<double>(passages_in_store), held);
        term.information = term.weight * std::log1p((all - held + 0.5) / (held + 0.5));
        if (!term.part) terms.information += term.information;
    }
    return {};
}

}  // namespace lar::recall
