#include "metrics.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/result.h"

namespace lar::cli {
namespace {

double discount(std::size_t rank) { return 1.0 / std::log2(static_cast<double>(rank) + 1); }

double ideal_gain(const Judgements& judgements, std::size_t depth) {
    std::vector<int> gains;
    for (const auto& [document, judgement] : judgements)
        if (judgement > 0) gains.push_back(judgement);
    std::ranges::sort(gains, std::greater());
    double sum = 0;
    for (std::size_t i = 0; i < std::min(depth, gains.size()); ++i) sum += gains[i] * discount(i + 1);
    return sum;
}

}  // namespace

bool has_relevant(const Judgements& judgements) {
    return std::ranges::any_of(judgements, [](const auto& one) { return one.second > 0; });
}

QueryScores score_ranking(std::span<const std::string> ranking, const Judgements& judgements) {
    ASSERT(has_relevant(judgements));
    const auto relevant =
        static_cast<double>(std::ranges::count_if(judgements, [](const auto& one) { return one.second > 0; }));
    QueryScores scores;
    std::set<std::string_view> seen;
    double gain = 0, precisions = 0;
    std::size_t rank = 0, found = 0;
    for (const std::string& document : ranking) {
        if (!seen.insert(document).second) continue;
        ++rank;
        const auto judged = judgements.find(document);
        if (judged == judgements.end() || judged->second <= 0) continue;
        ++found;
        if (rank <= 10) gain += judged->second * discount(rank);
        if (found == 1) scores.reciprocal_rank = 1.0 / static_cast<double>(rank);
        precisions += static_cast<double>(found) / static_cast<double>(rank);
        for (auto [depth, recall] : {std::pair{5, &scores.recall_5}, std::pair{10, &scores.recall_10},
                                     std::pair{50, &scores.recall_50}, std::pair{100, &scores.recall_100}})
            if (rank <= static_cast<std::size_t>(depth)) *recall += 1 / relevant;
    }
    scores.ndcg_10 = gain / ideal_gain(judgements, 10);
    scores.average_precision = precisions / relevant;
    return scores;
}

QueryScores mean_of(std::span<const QueryScores> scores) {
    QueryScores sum;
    if (scores.empty()) return sum;
    constexpr double QueryScores::* fields[] = {&QueryScores::ndcg_10,          &QueryScores::recall_5,
                                                &QueryScores::recall_10,        &QueryScores::recall_50,
                                                &QueryScores::recall_100,       &QueryScores::reciprocal_rank,
                                                &QueryScores::average_precision};
    for (const auto field : fields) {
        for (const QueryScores& one : scores) sum.*field += one.*field;
        sum.*field /= static_cast<double>(scores.size());
    }
    return sum;
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}  // namespace lar::cli
