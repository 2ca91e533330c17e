#include "recall/answerable.h"

#include <algorithm>
#include <cmath>

#include "recall/unspaced.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr double share_weight = 2.3;
constexpr double words_weight = 1.93;  // of the logarithm of their number
constexpr double together_weight = 3.94;
constexpr double coverage_weight = 1.66;
// Of the share of the information that pairs of letters are, and words in other languages than English.
constexpr double pairs_weight = 1.75;
constexpr double foreign_weight = 3;
constexpr double offset = -7.96;
constexpr double said_in_full = 0.9;  // of Found::together_first, nearly

}  // namespace

double answerable(const QuestionTerms& terms, const Found& found) {
    const auto words = std::ranges::count(terms.terms, false, &QuestionTerm::part);
    if (found.score <= 0 || words == 0 || terms.information <= 0) return 0;
    if (found.together_first >= said_in_full) return 1;
    const double share = found.score / terms.information;
    double leniency = 0;
    for (const QuestionTerm& term : terms.terms) {
        if (term.part) continue;
        if (is_pair(term.term)) leniency += pairs_weight * term.information;
        if (language_of_term(term.term) != index::Language::english) leniency += foreign_weight * term.information;
    }
    const double odds = share_weight * share + leniency / terms.information +
                        words_weight * std::log(static_cast<double>(words)) + together_weight * found.together +
                        coverage_weight * found.coverage_first + offset;
    return 1 / (1 + std::exp(-odds));
}

}  // namespace lar::recall
