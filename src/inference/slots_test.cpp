#include "inference/slots.h"

#include <gtest/gtest.h>

namespace lar::inference {
namespace {

using Tokens = std::vector<wire::Token>;
constexpr Memory plain_memory{.rolls_back = true, .copy_costs_tokens = 2};

TEST(Slots, APromptGoesWhereMostOfItStands) {
    const Tokens a{1, 2, 3, 9}, b{1, 2, 3, 4, 5}, prompt{1, 2, 3, 4, 5, 6};
    const auto placement = place(std::vector<Remembered>{{.tokens = a}, {.tokens = b}, {}}, prompt, plain_memory);
    ASSERT_TRUE(placement);
    EXPECT_EQ(placement->slot, 1U);
    EXPECT_EQ(placement->keep, 5U);
    EXPECT_FALSE(placement->copy_from);
}

TEST(Slots, TheLastTokenIsAlwaysComputed) {
    const Tokens same{1, 2, 3};
    EXPECT_EQ(place(std::vector<Remembered>{{.tokens = same}}, same, plain_memory)->keep, 2U);
}

TEST(Slots, ALongMemoryIsNotThrownAwayForAShortBeginning) {
    const Tokens story(100, 7), greeting{7, 7, 8, 8};
    const auto placement = place(std::vector<Remembered>{{.tokens = story, .used = 5}, {.used = 1}}, greeting,
                                 {.rolls_back = true, .copy_costs_tokens = 50});
    EXPECT_EQ(placement->slot, 1U);
    EXPECT_EQ(placement->keep, 0U);
}

TEST(Slots, WhatABusySequenceHoldsIsCopiedWhenThatIsCheaper) {
    const Tokens system{1, 2, 3, 4, 5, 6, 7, 8}, prompt{1, 2, 3, 4, 5, 6, 9, 9};
    const std::vector<Remembered> sequences{{.tokens = system, .busy = true}, {}};
    const auto copied = place(sequences, prompt, plain_memory);
    EXPECT_EQ(copied->slot, 1U);
    EXPECT_EQ(copied->keep, 6U);
    EXPECT_EQ(copied->copy_from, 0U);
    const auto computed = place(sequences, prompt, {.rolls_back = true, .copy_costs_tokens = 6});
    EXPECT_FALSE(computed->copy_from);
    EXPECT_EQ(computed->keep, 0U);
}

TEST(Slots, AMemoryThatCannotBeCutIsOnlyGoneOnFromAsAWhole) {
    const Tokens state{1, 2, 3}, further{1, 2, 3, 4}, other{1, 2, 9, 9};
    const Memory recurrent{.rolls_back = false};
    EXPECT_EQ(place(std::vector<Remembered>{{.tokens = state}}, further, recurrent)->keep, 3U);
    EXPECT_EQ(place(std::vector<Remembered>{{.tokens = state}}, other, recurrent)->keep, 0U);
    EXPECT_EQ(place(std::vector<Remembered>{{.tokens = state}}, state, recurrent)->keep, 0U);
}

TEST(Slots, WithEverySequenceBusyThereIsNoPlace) {
    EXPECT_FALSE(place(std::vector<Remembered>{{.busy = true}, {.busy = true}}, Tokens{1}, plain_memory));
}

TEST(Slots, AmongEqualsTheLongestUnusedIsTaken) {
    const std::vector<Remembered> sequences{{.used = 9}, {.used = 2}, {.used = 4}};
    EXPECT_EQ(place(sequences, Tokens{1, 2}, plain_memory)->slot, 1U);
}

}  // namespace
}  // namespace lar::inference
