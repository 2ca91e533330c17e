// Ranking by words and nearness together, with a model that says what the test wants.
#include "recall/dense.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recall/recall.h"
#include "recall/testing.h"
#include "recall/trust.h"

namespace lar::recall {
namespace {

using ::testing::Contains;
using ::testing::Not;

class SaidDense final : public Dense {
public:
    double trust() const override { return trust_; }
    Result<std::vector<DenseHit>> nearest(const std::string& question, std::size_t,
                                          std::optional<std::span<const store::PassageRange>> within) override {
        ++asked;
        last_question = question;
        if (fails) return fail(Code::unavailable, "loading");
        std::vector<DenseHit> allowed;
        for (const DenseHit& hit : hits)
            if (!within || std::ranges::any_of(*within, [&](const store::PassageRange& range) {
                    return hit.passage.value >= range.first && hit.passage.value < range.end;
                }))
                allowed.push_back(hit);
        return allowed;
    }

    double trust_ = 1;
    bool fails = false;
    std::vector<DenseHit> hits;
    std::size_t asked = 0;
    std::string last_question;
};

class DenseRecall : public ::testing::Test {
protected:
    DenseRecall() {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md",
                         "ordinary words about page " + std::to_string(i) + " and the weather in town");
        memory_.file("pool.md", "the connection pool holds twenty connections");
        memory_.file("car.md", "an automobile needs fuel");
    }
    // The paths found, best first.
    std::vector<std::string> found(const std::string& question, Dense* dense, const Limits& limits = {}) {
        auto reader = memory_.reader();
        const Recalled recalled = must(recall(question, limits, {.dense = dense}, reader, standing_clock, greenwich));
        answerable_ = recalled.answerable;
        std::vector<std::string> paths;
        for (const Candidate& candidate : recalled.candidates) paths.push_back(candidate.placed.document.path);
        return paths;
    }
    store::PassageId passage_of(const std::string& word) {
        auto reader = memory_.reader();
        return must(reader.search(std::vector<store::QueryTerm>{{word}}, {}, {}, 1)).at(0).passage;
    }
    // Everything but the right passages, in an order of its own.
    std::vector<DenseHit> contrary() {
        std::vector<DenseHit> hits;
        for (std::int64_t id = 40; id >= 1; --id) hits.push_back({{id}, static_cast<double>(id) / 40});
        return hits;
    }

    Memory memory_;
    SaidDense dense_;
    double answerable_ = 0;
};

TEST_F(DenseRecall, WhatOnlyNearnessFindsIsFound) {
    dense_.hits = {{passage_of("automobil"), 0.9}, {passage_of("pool"), 0.2}};
    EXPECT_THAT(found("which roadster", nullptr), Not(Contains("car.md")));
    EXPECT_EQ(found("which roadster", &dense_).at(0), "car.md");
    EXPECT_EQ(dense_.last_question, "which roadster");
}

TEST_F(DenseRecall, AModelThatIsNotTrustedIsNotAskedAndChangesNothing) {
    dense_.hits = contrary();
    dense_.trust_ = 0;
    EXPECT_EQ(found("how many connections does the pool hold", &dense_),
              found("how many connections does the pool hold", nullptr));
    EXPECT_EQ(dense_.asked, 0U);
}

TEST_F(DenseRecall, WordsThatFindTheAnswerAreNotOutvotedByNeighboursThatDisagree) {
    dense_.hits = contrary();
    EXPECT_EQ(found("how many connections does the pool hold", &dense_).at(0), "pool.md");
}

TEST_F(DenseRecall, AModelThatIsNotReadyLeavesWordsAlone) {
    dense_.hits = contrary();
    dense_.fails = true;
    EXPECT_EQ(found("the weather in town", &dense_), found("the weather in town", nullptr));
    EXPECT_EQ(dense_.asked, 1U);
}

TEST_F(DenseRecall, NearnessStaysWithinTheScope) {
    const store::SourceId other = memory_.add_source("other", "/nowhere/other");
    static_cast<void>(other);
    dense_.hits = {{passage_of("automobil"), 0.9}, {passage_of("pool"), 0.2}};
    EXPECT_THAT(found("which vehicle", &dense_, {.in = {"other"}}), ::testing::IsEmpty());
}

TEST_F(DenseRecall, NearnessAloneIsNoProofThatTheSourcesAnswer) {
    dense_.hits = {{passage_of("automobil"), 0.9}, {passage_of("pool"), 0.2}};
    found("which zeppelin", nullptr);
    const double before = answerable_;
    found("which zeppelin", &dense_);
    EXPECT_EQ(answerable_, before);
}

TEST(Trust, IsTheShareOfWhatWordsFindBeyondAHalf) {
    EXPECT_EQ(trust(0, 40, 48), 0);
    EXPECT_EQ(trust(20, 40, 48), 0);
    EXPECT_NEAR(trust(28, 40, 48), 0.5, 1e-9);
    EXPECT_EQ(trust(40, 40, 48), 1);
    EXPECT_EQ(trust(48, 40, 48), 1);
    EXPECT_EQ(trust(40, 40, 10), 0);  // too few to tell
    EXPECT_EQ(trust(0, 0, 48), 0);
}

TEST(Trust, KnownItemsAreTwelveWordsOfPassagesFromEverywhereAndWordsFindThem) {
    Memory memory;
    for (int i = 0; i < 100; ++i) {
        std::string text;
        for (int j = 0; j < 30; ++j) text += "w" + std::to_string(i * 30 + j) + " ";
        memory.file(std::to_string(i) + ".md", text);
    }
    memory.file("short.md", "too short to tell anything");
    auto reader = memory.reader();
    const auto live = must(reader.passage_ranges({}));
    const auto items = must(known_items(live, reader));
    ASSERT_EQ(items.size(), known_items_asked);
    EXPECT_EQ(items[0].words, "w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20 ");
    EXPECT_GT(items.back().passage.value, 90);
    EXPECT_EQ(must(found_by_words(items, 1, reader)), items.size());
    EXPECT_EQ(depth_of_search(101), 1U);
    EXPECT_EQ(depth_of_search(1'000'000), 10U);
}

TEST(Trust, AnEmptyCollectionHasNoKnownItems) {
    Memory memory;
    auto reader = memory.reader();
    EXPECT_TRUE(must(known_items({}, reader)).empty());
}

}  // namespace
}  // namespace lar::recall
