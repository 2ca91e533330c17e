#include "recall/agreement.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/result.h"

namespace lar::recall {
namespace {

constexpr std::size_t most_alike_count = 7;
constexpr double greatest_share = 0.6;
constexpr double no_share_words = 2;  // a question of as many words asks for one thing
constexpr double full_share_words = 7;
constexpr double saturation = 1.6;  // BM25's k1 and b
constexpr double length_share = 0.75;

}  // namespace

double breadth(const QuestionTerms& terms) {
    const auto words = static_cast<double>(
        std::ranges::count_if(terms.terms, [](const QuestionTerm& term) { return term.passages > 0; }));
    return std::clamp((words - no_share_words) / (full_share_words - no_share_words), 0.0, 1.0);
}

double share_of_others(const QuestionTerms& terms) { return greatest_share * breadth(terms); }

void Agreement::add(std::span<const index::Token> tokens) {
    ASSERT(passages_.size() < limit_agreeing);
    std::unordered_map<std::uint32_t, float> counts;
    for (const index::Token& token : tokens) {
        const auto [number, is_new] = numbers_.try_emplace(token.term, static_cast<std::uint32_t>(holders_.size()));
        if (is_new) holders_.push_back(0);
        if (++counts[number->second] == 1) ++holders_[number->second];
    }
    std::vector<Weighed>& passage = passages_.emplace_back();
    for (const auto& [term, count] : counts) passage.push_back({term, count});
    lengths_.push_back(tokens.size());
}

// From counts to weights, each passage of length one.
void Agreement::weigh() {
    double all = 0;
    for (const std::size_t length : lengths_) all += static_cast<double>(length);
    const auto passages = static_cast<double>(passages_.size());
    const double average = std::max(all / passages, 1.0);
    for (std::size_t i = 0; i < passages_.size(); ++i) {
        const double norm = saturation * (1 - length_share + length_share * static_cast<double>(lengths_[i]) / average);
        double squares = 0;
        for (Weighed& weighed : passages_[i]) {
            const double holders = holders_[weighed.term], count = weighed.weight;
            const double weight = std::log1p((passages - holders + 0.5) / (holders + 0.5)) * count / (count + norm);
            weighed.weight = static_cast<float>(weight);
            squares += weight * weight;
        }
        const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
        for (Weighed& weighed : passages_[i]) weighed.weight *= scale;
    }
}

std::vector<std::pair<double, std::size_t>> Agreement::most_alike(std::size_t passage) const {
    std::vector<float> dense(holders_.size());
    for (const Weighed& weighed : passages_[passage]) dense[weighed.term] = weighed.weight;
    std::vector<std::pair<double, std::size_t>> alike;
    for (std::size_t other = 0; other < passages_.size(); ++other) {
        double cosine = 0;
        if (other == passage) continue;
        for (const Weighed& weighed : passages_[other])
            cosine += static_cast<double>(weighed.weight) * static_cast<double>(dense[weighed.term]);
        if (cosine > 0) alike.emplace_back(cosine, other);
    }
    const auto count = std::min(alike.size(), most_alike_count);
    std::ranges::partial_sort(alike, alike.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater());
    alike.resize(count);
    return alike;
}

std::vector<double> Agreement::join(std::span<const double> scores, double share) {
    ASSERT(scores.size() == passages_.size());
    weigh();
    std::vector<double> joined(scores.begin(), scores.end());
    for (std::size_t i = 0; i < passages_.size(); ++i) {
        double sum = 0, likeness = 0;
        for (const auto& [cosine, other] : most_alike(i)) {
            sum += cosine * scores[other];
            likeness += cosine;
        }
        joined[i] = (1 - share) * scores[i] + (likeness > 0 ? share * sum / likeness : 0);
    }
    return joined;
}

}  // namespace lar::recall
