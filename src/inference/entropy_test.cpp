#include "inference/entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace lar::inference {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

double plain_entropy(const std::vector<float>& logits) {
    double most = -INFINITY, sum = 0, entropy = 0;
    for (const float logit : logits) most = std::max(most, static_cast<double>(logit));
    for (const float logit : logits) sum += std::exp(logit - most);
    for (const float logit : logits) {
        const double share = std::exp(logit - most) / sum;
        if (share > 0) entropy -= share * std::log(share);
    }
    return entropy;
}

TEST(Entropy, OfNumbersLikeAModelsIsWhatTheDefinitionSays) {
    std::mt19937 random(1);  // NOLINT: the same every time is what we want
    for (const std::size_t size : {1U, 2U, 7U, 33U, 288U, 5000U, 151'937U})
        for (const float spread : {0.001F, 1.0F, 5.0F, 40.0F}) {
            std::normal_distribution<float> normal(3, spread);
            std::vector<float> logits(size);
            for (float& logit : logits) logit = normal(random);
            EXPECT_NEAR(entropy_of(logits), plain_entropy(logits), 1e-4) << size << " numbers, spread " << spread;
        }
}

TEST(Entropy, OfNoChoiceIsNothingAndOfEvenChancesTheLogarithm) {
    EXPECT_DOUBLE_EQ(entropy_of(std::vector<float>(512, -3.0F)), std::log(512.0));
    std::vector<float> sure(512, 0.0F);
    sure[77] = 1000;
    EXPECT_NEAR(entropy_of(sure), 0, 1e-9);
    std::vector<float> two(512, -infinity);
    two[5] = two[300] = 2;
    EXPECT_NEAR(entropy_of(two), std::log(2.0), 1e-6);
}

TEST(Entropy, OfNumbersThatAreNoneStaysWithinItsBounds) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const float none : {nan, infinity, -infinity})
        for (const std::size_t size : {1U, 9U, 512U}) {
            std::vector<float> logits(size, none);
            EXPECT_DOUBLE_EQ(entropy_of(logits), std::log(static_cast<double>(size)));
            logits[size / 2] = 1;
            const double entropy = entropy_of(logits);
            EXPECT_GE(entropy, 0);
            EXPECT_LE(entropy, std::log(static_cast<double>(size)));
        }
    EXPECT_EQ(entropy_of({}), 0);
}

}  // namespace
}  // namespace lar::inference
