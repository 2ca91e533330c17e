#include "metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace lar::cli {
namespace {

std::vector<std::string> letters(std::string_view text) {
    std::vector<std::string> out;
    for (const char c : text) out.emplace_back(1, c);
    return out;
}

TEST(Metrics, AreThoseOfAHandWorkedExample) {
    // Relevant: a (3), c (1), z (2), of which z is never found; b is judged and not relevant.
    const Judgements judgements{{"a", 3}, {"b", 0}, {"c", 1}, {"z", 2}};
    const QueryScores scores = score_ranking(letters("xabc"), judgements);
    // dcg = 3/log2(3) + 1/log2(5); ideal = 3/log2(2) + 2/log2(3) + 1/log2(4)
    EXPECT_NEAR(scores.ndcg_10, (3 / std::log2(3.0) + 1 / std::log2(5.0)) / (3 + 2 / std::log2(3.0) + 0.5), 1e-12);
    EXPECT_NEAR(scores.ndcg_10, 0.487932, 1e-6);
    EXPECT_NEAR(scores.reciprocal_rank, 1.0 / 2, 1e-12);
    EXPECT_NEAR(scores.average_precision, (1.0 / 2 + 2.0 / 4) / 3, 1e-12);
    EXPECT_NEAR(scores.recall_5, 2.0 / 3, 1e-12);
    EXPECT_NEAR(scores.recall_100, 2.0 / 3, 1e-12);
}

TEST(Metrics, APerfectRankingScoresOne) {
    const QueryScores scores = score_ranking(letters("abc"), {{"a", 2}, {"b", 2}, {"c", 1}});
    EXPECT_NEAR(scores.ndcg_10, 1, 1e-12);
    EXPECT_NEAR(scores.average_precision, 1, 1e-12);
    EXPECT_NEAR(scores.recall_5, 1, 1e-12);
}

TEST(Metrics, DepthsCutWhereTheySay) {
    std::vector<std::string> ranking;
    Judgements judgements;
    for (int i = 1; i <= 120; ++i) ranking.push_back(std::to_string(i));
    for (const int rank : {5, 6, 10, 11, 50, 51, 100, 101}) judgements[std::to_string(rank)] = 1;
    const QueryScores scores = score_ranking(ranking, judgements);
    EXPECT_NEAR(scores.recall_5, 1.0 / 8, 1e-12);
    EXPECT_NEAR(scores.recall_10, 3.0 / 8, 1e-12);
    EXPECT_NEAR(scores.recall_50, 5.0 / 8, 1e-12);
    EXPECT_NEAR(scores.recall_100, 7.0 / 8, 1e-12);
    EXPECT_NEAR(scores.reciprocal_rank, 1.0 / 5, 1e-12);
    // Only three stand in the first ten, of eight that could.
    double ideal = 0;
    for (int rank = 1; rank <= 8; ++rank) ideal += 1 / std::log2(rank + 1.0);
    EXPECT_NEAR(scores.ndcg_10, (1 / std::log2(6.0) + 1 / std::log2(7.0) + 1 / std::log2(11.0)) / ideal, 1e-12);
}

TEST(Metrics, NothingFoundScoresNothing) {
    const QueryScores scores = score_ranking({}, {{"a", 1}});
    EXPECT_EQ(scores.ndcg_10, 0);
    EXPECT_EQ(scores.reciprocal_rank, 0);
    EXPECT_EQ(scores.average_precision, 0);
}

TEST(Metrics, ADocumentCountsOnceWhereItStandsFirst) {
    const QueryScores twice = score_ranking(letters("aab"), {{"a", 1}, {"b", 1}});
    const QueryScores once = score_ranking(letters("ab"), {{"a", 1}, {"b", 1}});
    EXPECT_NEAR(twice.ndcg_10, once.ndcg_10, 1e-12);
    EXPECT_NEAR(twice.average_precision, once.average_precision, 1e-12);
}

TEST(Metrics, OnlyAPositiveJudgementIsRelevant) {
    EXPECT_FALSE(has_relevant({{"a", 0}, {"b", -1}}));
    EXPECT_TRUE(has_relevant({{"a", 0}, {"b", 1}}));
    EXPECT_FALSE(has_relevant({}));
}

TEST(Metrics, TheMeanIsOverTheQueries) {
    const QueryScores scores[] = {{.ndcg_10 = 1, .reciprocal_rank = 0.5}, {.ndcg_10 = 0, .reciprocal_rank = 0}};
    EXPECT_NEAR(mean_of(scores).ndcg_10, 0.5, 1e-12);
    EXPECT_NEAR(mean_of(scores).reciprocal_rank, 0.25, 1e-12);
    EXPECT_EQ(mean_of({}).ndcg_10, 0);
}

TEST(Metrics, APercentileIsOneOfTheValues) {
    EXPECT_EQ(percentile({}, 0.5), 0);
    EXPECT_EQ(percentile({7}, 0.95), 7);
    EXPECT_EQ(percentile({4, 1, 3, 2}, 0.5), 2);
    std::vector<double> hundred;
    for (int i = 1; i <= 100; ++i) hundred.push_back(i);
    EXPECT_EQ(percentile(hundred, 0.95), 95);
    EXPECT_EQ(percentile(hundred, 1), 100);
}

TEST(Metrics, ScoresStayWithinBoundsForAnyRanking) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> ranking;
        Judgements judgements{{"0", 1}};
        for (int i = 0; i < 30; ++i) {
            ranking.push_back(std::to_string(random() % 40));
            judgements[std::to_string(random() % 40)] = static_cast<int>(random() % 4);
        }
        judgements["0"] = 1;
        const QueryScores scores = score_ranking(ranking, judgements);
        for (const double one :
             {scores.ndcg_10, scores.recall_5, scores.recall_100, scores.reciprocal_rank, scores.average_precision}) {
            EXPECT_GE(one, 0);
            EXPECT_LE(one, 1 + 1e-12);
        }
        EXPECT_LE(scores.recall_5, scores.recall_10);
    }
}

}  // namespace
}  // namespace lar::cli
