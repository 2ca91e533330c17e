// How good a ranking is, as trec_eval and BEIR define it.
//
// Gains are the judgements themselves, discounted by log2(rank + 1); a document is relevant when its judgement is
// above zero. Means are over the queries that have at least one relevant document: a query without one cannot be
// answered well or badly. A document that stands twice in a ranking counts once, where it stands first.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lar::cli {

using Judgements = std::map<std::string, int, std::less<>>;  // document → judgement

struct QueryScores {
    double ndcg_10 = 0;
    double recall_5 = 0, recall_10 = 0, recall_50 = 0, recall_100 = 0;
    double reciprocal_rank = 0;
    double average_precision = 0;
};

bool has_relevant(const Judgements& judgements);
// `ranking`: documents, best first. `judgements` must have a relevant document.
QueryScores score_ranking(std::span<const std::string> ranking, const Judgements& judgements);
QueryScores mean_of(std::span<const QueryScores> scores);

// The smallest value that at least that share (0..1) of the values do not exceed; 0 for none.
double percentile(std::vector<double> values, double share);

}  // namespace lar::cli
