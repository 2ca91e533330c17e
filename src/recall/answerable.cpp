#include "recall/answerable.h"

#include <algorithm>
#include <cmath>

namespace lar::recall {
namespace {

constexpr double share_weight = 13.2;
constexpr double words_weight = 2.36;  // of the logarithm of their number
constexpr double offset = -10.2;
constexpr double said_in_full = 0.8;  // of Found::together, nearly
constexpr double said_nowhere = 0.4;  // of Found::together_first

}  // namespace

double answerable(const QuestionTerms& terms, const Found& found) {
    const auto words = std::ranges::count(terms.terms, false, &QuestionTerm::part);
    if (found.score <= 0 || words == 0 || terms.information <= 0) return 0;
    if (found.together >= said_in_full) return 1;
    if (found.together_first < said_nowhere) return 0;
    const double share = found.score / terms.information;
    const double odds = share_weight * share + words_weight * std::log(static_cast<double>(words)) + offset;
    return 1 / (1 + std::exp(-odds));
}

}  // namespace lar::recall
