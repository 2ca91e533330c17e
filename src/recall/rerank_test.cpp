#include "recall/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "recall/testing.h"
#include "recall/trust.h"

namespace lar::recall {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

// Scores a text by the number that it ends with.
class KnownScores final : public Reranker {
public:
    Facts facts() const override { return known; }
    std::size_t affordable(std::span<const std::size_t> bytes) override { return std::min(bytes.size(), most); }
    Result<std::vector<float>> score(const std::string& question, std::vector<std::string> texts) override {
        asked = question;
        read = texts.size();
        if (late) return fail(Code::unavailable, "it took longer than it may");
        std::vector<float> scores;
        for (const std::string& text : texts) {
            const float number = std::stof(text.substr(text.rfind(' ')));
            scores.push_back(number + offset + (number > 5 ? peak : 0));
        }
        return scores;
    }
    Facts known{.model = "known", .trust = 1};
    std::size_t most = 100, read = 0;
    bool late = false;
    float offset = 0, peak = 0;  // for all; for the sixth besides
    std::string asked;
};

class Rerank : public testing::Test {
protected:
    // The less often a text says "pool", the higher it is scored.
    Rerank() {
        for (int i = 0; i < 30; ++i) memory_.file("other/" + std::to_string(i) + ".md", "ordinary words");
        for (int i = 1; i <= 6; ++i) {
            std::string text;
            for (int k = i; k < 7; ++k) text += "pool ";
            memory_.file("p" + std::to_string(i) + ".md", text + "number " + std::to_string(i));
        }
    }
    Recalled ask(Reranker* reranker, std::size_t limit = 10, bool explain = false) {
        auto reader = memory_.reader();
        return must(recall("where is the pool", {}, {.limit = limit, .reranker = reranker, .explain = explain}, reader,
                           standing_clock, greenwich));
    }
    static std::vector<std::string> paths(const Recalled& recalled) {
        std::vector<std::string> all;
        for (const Candidate& candidate : recalled.candidates) all.push_back(candidate.placed.document.path);
        return all;
    }
    Memory memory_;
    KnownScores model_;
};

TEST_F(Rerank, TheModelBringsForwardWhatItPlacesHigherAlsoFromBeyondTheLimit) {
    const auto before = paths(ask(nullptr));
    ASSERT_EQ(before.size(), 6U);
    ASSERT_NE(before.back(), before.front());
    model_.peak = 100;
    const Recalled all = ask(&model_);
    EXPECT_EQ(model_.asked, ask(nullptr).understood.rest);
    EXPECT_EQ(model_.read, 6U);
    EXPECT_EQ(paths(all).front(), "p6.md") << "words alone have it at the end";
    EXPECT_EQ(before.back(), "p6.md");
    EXPECT_THAT(paths(ask(&model_, 2)), Contains("p6.md"));
    EXPECT_EQ(ask(&model_, 2).candidates.size(), 2U);
    double last = std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : all.candidates) {
        EXPECT_LE(candidate.score, last);
        last = candidate.score;
    }
}

TEST_F(Rerank, WithLessTrustItSaysLessAndWithoutNothing) {
    const auto before = paths(ask(nullptr));
    model_.known.trust = 0.01;
    EXPECT_EQ(paths(ask(&model_)), before);
    EXPECT_EQ(model_.read, 6U);
    model_.read = 0;
    model_.known.trust = 0;
    EXPECT_EQ(paths(ask(&model_)), before);
    EXPECT_EQ(model_.read, 0U) << "nobody asks a model that nobody trusts";
    EXPECT_THAT(ask(&model_, 10, true).left_out, Contains(Field(&LeftOut::reason, HasSubstr("not reranked by known"))));
    model_.known = {};
    EXPECT_THAT(ask(&model_, 10, true).left_out, Not(Contains(Field(&LeftOut::reason, HasSubstr("reranked")))));
}

TEST_F(Rerank, WhoeverWasNotReadStaysBehindWhoeverWas) {
    const auto before = paths(ask(nullptr));
    model_.most = 4;
    const auto after = paths(ask(&model_));
    EXPECT_EQ(model_.read, 4U);
    EXPECT_EQ(after.front(), before[3]);
    EXPECT_THAT(std::vector(after.begin() + 4, after.end()), ElementsAre(before[4], before[5]));
}

TEST_F(Rerank, WithoutTimeForItTheOrderStaysAndTheReasonIsSaid) {
    const auto before = paths(ask(nullptr));
    model_.most = 3;
    const Recalled few = ask(&model_);
    EXPECT_EQ(model_.read, 0U);
    EXPECT_EQ(paths(few), before);
    EXPECT_THAT(few.left_out,
                Contains(Field(&LeftOut::reason, "not reranked by known: it would take longer than it may")));
    model_.most = 100;
    model_.late = true;
    const Recalled late = ask(&model_);
    EXPECT_EQ(paths(late), before);
    EXPECT_THAT(late.left_out, Contains(Field(&LeftOut::reason, "not reranked by known: it took longer than it may")));
}

TEST_F(Rerank, WhatIsNoNumberChangesNothing) {
    model_.offset = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(paths(ask(&model_)), paths(ask(nullptr)));
}

TEST_F(Rerank, TheExplanationHasTheScoreAndTheTimeAndItsPartsMakeTheScore) {
    const Recalled recalled = ask(&model_, 10, true);
    for (const Candidate& candidate : recalled.candidates) {
        double product = 1;
        for (const ScorePart& part : candidate.parts) product *= part.factor;
        EXPECT_NEAR(product, candidate.score, 1e-9 * candidate.score);
        const std::string number = candidate.placed.document.path.substr(1, 1);
        EXPECT_EQ(candidate.parts.back().name, "reranked by known in 0 ms, score " + number + ".000");
    }
}

TEST(Lineups, ShowAPassageAmongThoseThatWordsTakeForTheSame) {
    Memory memory;
    std::string words;
    for (int i = 0; i < 30; ++i) words += "word" + std::to_string(i) + " ";
    for (int i = 0; i < 20; ++i)
        memory.file(std::to_string(i) + ".md", words + "own" + std::to_string(i) + " and " + words);
    auto reader = memory.reader();
    const auto live = must(reader.passage_ranges({}));
    const auto lineups = must(recall::lineups(must(known_items(live, reader)), reader));
    for (const Lineup& lineup : lineups) {
        EXPECT_EQ(lineup.texts.size(), lineup_texts);
        ASSERT_LT(lineup.right, lineup.texts.size());
        EXPECT_THAT(lineup.texts[lineup.right], HasSubstr("own"));
    }
    EXPECT_FALSE(lineups.empty());
    const Lineup one{.words = {}, .texts = {"a", "b", "c"}, .right = 0};
    EXPECT_TRUE(knows(one, std::vector<float>{2, 1, 0}));
    EXPECT_FALSE(knows(one, std::vector<float>{1, 2, 0}));
    EXPECT_FALSE(knows(one, std::vector<float>{1, 1, 1}));
    EXPECT_FALSE(knows(one, std::vector<float>{}));
}

}  // namespace
}  // namespace lar::recall
