#include "recall/answerable.h"

#include <algorithm>
#include <cmath>

namespace lar::recall {
namespace {

constexpr double share_weight = 13.2;
constexpr double words_weight = 2.36;  // of the logarithm of their number
constexpr double offset = -10.2;
constexpr double whole = 0.999;

}  // namespace

double answerable(const QuestionTerms& terms, double best_score, double best_together) {
    const auto words = std::ranges::count(terms.terms, false, &QuestionTerm::part);
    if (best_score <= 0 || words == 0 || terms.information <= 0) return 0;
    if (best_together >= whole) return 1;
    const double share = best_score / terms.information;
    const double odds = share_weight * share + words_weight * std::log(static_cast<double>(words)) + offset;
    return 1 / (1 + std::exp(-odds));
}

}  // namespace lar::recall
