#include "recall/direction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "base/fd.h"
#include "base/testing.h"
#include "recall/recall.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

constexpr auto never = [] { return false; };

// Of ships and of bread; what is named a vessel in one passage is a boat in another.
std::vector<std::string> notes() {
    const std::array<std::vector<std::string>, 2> company = {
        std::vector<std::string>{"harbour", "sail", "captain", "anchor", "tide", "deck", "mast", "crew"},
        std::vector<std::string>{"flour", "oven", "yeast", "dough", "crust", "bake", "salt", "loaf"}};
    const std::array<std::array<std::string, 2>, 2> names = {{{"vessel", "boat"}, {"bread", "roll"}}};
    std::mt19937 random(11);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 240; ++i) {
        std::string text = names[i % 2][i / 2 % 2];
        for (int word = 0; word < 6; ++word) text += " " + company[i % 2][random() % 8];
        texts.push_back(text);
    }
    return texts;
}

class Direction : public testing::Test, public Spaces {
protected:
    Direction() {
        index::TermSpaceBuilder builder;
        for (const std::string& text : notes()) EXPECT_TRUE(builder.add(index::analyse(text)));
        const auto path = folder_.path() / "space";
        must(write_file_atomically(path, must(std::move(builder).finish({}, never))));
        space_ = std::make_shared<const index::TermSpace>(must(index::TermSpace::open(path)));
    }
    std::shared_ptr<const index::TermSpace> space() const override { return space_; }

    std::optional<std::vector<double>> nearness(const std::string& question, const std::vector<std::string>& texts,
                                                const std::vector<double>& scores) const {
        Directions directions(space_);
        for (const std::string& text : texts) directions.add(index::analyse(text));
        return directions.nearness(index::analyse(question), scores);
    }

    Folder folder_;
    std::shared_ptr<const index::TermSpace> space_;
};

TEST_F(Direction, what_keeps_the_company_of_the_question_is_nearer_than_what_does_not) {
    const auto near = nearness("vessel", {"the dough for a loaf", "a captain and the crew", "zeppelin"}, {1, 1, 1});
    ASSERT_TRUE(near);
    EXPECT_DOUBLE_EQ((*near)[1], 1);
    EXPECT_GT((*near)[1], (*near)[0]);
}

TEST_F(Direction, the_best_passages_say_where_good_ones_lie_when_the_question_does_not) {
    const std::vector<std::string> texts = {"anchor and tide", "flour and yeast", "mast and sail", "oven and crust"};
    const auto ships = nearness("zeppelin", texts, {9, 0, 0, 0});
    ASSERT_TRUE(ships);
    EXPECT_GT((*ships)[2], (*ships)[3]);
    const auto bread = nearness("zeppelin", texts, {0, 9, 0, 0});
    ASSERT_TRUE(bread);
    EXPECT_GT((*bread)[3], (*bread)[2]);
}

TEST_F(Direction, where_nothing_lies_anywhere_nothing_is_said) {
    EXPECT_FALSE(nearness("vessel", {}, {}));
    EXPECT_FALSE(nearness("vessel", {"zeppelin", "airship"}, {1, 1}));
    EXPECT_FALSE(nearness("vessel", {"the same captain", "the same captain"}, {2, 1}));
}

class DirectionRecall : public Direction {
protected:
    DirectionRecall() {
        // Both hold two words of the question, and as often; only one is about ships.
        memory_.file("bread.md", "the loaf and the vessel and the storm: dough, yeast, flour in an oven with salt");
        memory_.file("ship.md", "the loaf and the vessel and the storm: captain, deck, anchor in a tide with crew");
    }
    std::vector<std::string> found(const std::string& question, const Spaces* spaces, Dense* dense = nullptr) {
        auto reader = memory_.reader();
        const Recalled recalled = must(recall(question, {}, {.use_hints = false, .dense = dense, .spaces = spaces},
                                              reader, standing_clock, greenwich));
        std::vector<std::string> paths;
        for (const Candidate& candidate : recalled.candidates) paths.push_back(candidate.placed.document.path);
        return paths;
    }
    Memory memory_;
};

const std::string broad = "vessel storm sail boat mast harbour loaf";

TEST_F(DirectionRecall, a_broad_question_is_answered_by_what_lies_in_its_direction) {
    EXPECT_EQ(found(broad, nullptr), (std::vector<std::string>{"bread.md", "ship.md"}));
    EXPECT_EQ(found(broad, this), (std::vector<std::string>{"ship.md", "bread.md"}));
}

TEST_F(DirectionRecall, a_question_that_names_one_thing_stays_with_words) {
    EXPECT_EQ(found("vessel", nullptr), found("vessel", this));
}

class TrustedModel final : public Dense {
public:
    double trust() const override { return 1; }
    Result<std::vector<DenseHit>> nearest(const std::string&, std::size_t,
                                          std::optional<std::span<const store::PassageRange>>) override {
        return std::vector<DenseHit>();
    }
};

TEST_F(DirectionRecall, a_model_that_is_trusted_takes_its_place) {
    TrustedModel model;
    EXPECT_EQ(found(broad, this, &model), found(broad, nullptr));
}

TEST_F(DirectionRecall, there_may_be_no_space_yet) {
    space_ = nullptr;
    EXPECT_EQ(found(broad, this), found(broad, nullptr));
}

}  // namespace
}  // namespace lar::recall
