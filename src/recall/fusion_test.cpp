#include "recall/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace lar::recall {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<DenseHit> near{{{7}, 0.9}, {{3}, 0.7}, {{5}, 0.5}};

TEST(Fusion, AModelThatIsNotTrustedAddsNothing) {
    EXPECT_THAT(nearness(near, 0, 12), IsEmpty());
    EXPECT_THAT(nearness(near, -1, 12), IsEmpty());
    EXPECT_THAT(nearness(near, std::numeric_limits<double>::quiet_NaN(), 12), IsEmpty());
    EXPECT_THAT(nearness({}, 1, 12), IsEmpty());
}

TEST(Fusion, TheNearestGetsItsShareOfTheBestScoreAndTheLastNothing) {
    const auto additions = nearness(near, 1, 12);
    ASSERT_THAT(additions, SizeIs(2));
    EXPECT_EQ(additions[0].passage.value, 7);
    EXPECT_DOUBLE_EQ(additions[0].score, 12 * nearness_share);
    EXPECT_NEAR(additions[1].score, 6 * nearness_share, 1e-9);
}

TEST(Fusion, LessTrustIsLessOfIt) {
    EXPECT_DOUBLE_EQ(nearness(near, 0.5, 12)[0].score, 6 * nearness_share);
    EXPECT_DOUBLE_EQ(nearness(near, 7, 12)[0].score, 12 * nearness_share);
}

// No passage that words find is passed by one that only nearness finds, if it has more than the share.
TEST(Fusion, NearnessAloneNeverPassesTheBestByWords) {
    for (const Addition& addition : nearness(near, 1, 12)) EXPECT_LE(addition.score, 12 * nearness_share);
    EXPECT_GT(nearness(near, 1, 0)[0].score, 0);
}

}  // namespace
}  // namespace lar::recall
