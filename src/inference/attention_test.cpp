#include "inference/attention.h"

#include <ggml.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

namespace lar::inference {
namespace {

constexpr float shut = -std::numeric_limits<float>::infinity();

// Random numbers laid out as libllama does: a row of the cache holds all heads of one position.
struct Shape {
    std::size_t streams, queries, positions, heads, kv_heads, key_dimensions, value_dimensions;
};

struct Case : Shape {
    std::vector<float> query, out;
    std::vector<std::uint16_t> key, value, mask;

    explicit Case(const Shape& shape)
        : Shape(shape),
          query(streams * queries * heads * key_dimensions),
          out(streams * queries * heads * value_dimensions, 99.0F),
          key(streams * positions * kv_heads * key_dimensions),
          value(streams * positions * kv_heads * value_dimensions),
          mask(streams * queries * positions, ggml_fp32_to_fp16(0)) {
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        for (float& number : query) number = normal(random);
        for (std::uint16_t& number : key) number = ggml_fp32_to_fp16(normal(random));
        for (std::uint16_t& number : value) number = ggml_fp32_to_fp16(normal(random));
    }

    // Query i of a stream sees what stands up to its own place, the last query all.
    void mask_causally() {
        for (std::size_t s = 0; s < streams; ++s)
            for (std::size_t i = 0; i < queries; ++i)
                for (std::size_t j = positions - queries + i + 1; j < positions; ++j)
                    at_mask(s, i, j) = ggml_fp32_to_fp16(shut);
    }
    std::uint16_t& at_mask(std::size_t stream, std::size_t i, std::size_t j) {
        return mask[(stream * queries + i) * positions + j];
    }

    Attention attention() {
        const auto rows = [](const auto& numbers, std::size_t dimensions, std::size_t heads_of_row,
                             std::size_t rows_of_stream) {
            const std::size_t number = sizeof(numbers[0]);
            return Rows{.data = reinterpret_cast<const std::byte*>(numbers.data()),
                        .row_step = dimensions * heads_of_row * number,
                        .head_step = dimensions * number,
                        .stream_step = dimensions * heads_of_row * rows_of_stream * number};
        };
        Rows masked = rows(mask, positions, 1, queries);
        masked.head_step = 0;
        return {.streams = streams,
                .queries = queries,
                .positions = positions,
                .heads = heads,
                .kv_heads = kv_heads,
                .key_dimensions = key_dimensions,
                .value_dimensions = value_dimensions,
                .query = rows(query, key_dimensions, heads, queries),
                .key = rows(key, key_dimensions, kv_heads, positions),
                .value = rows(value, value_dimensions, kv_heads, positions),
                .mask = masked,
                .scale = 0.125F,
                .out = out.data()};
    }

    // The definition, in double precision.
    double expected(std::size_t s, std::size_t i, std::size_t head, std::size_t dimension) {
        const std::size_t kv_head = head / (heads / kv_heads);
        double sum = 0, found = 0;
        for (std::size_t j = 0; j < positions; ++j) {
            double score = 0;
            for (std::size_t d = 0; d < key_dimensions; ++d)
                score += static_cast<double>(query[((s * queries + i) * heads + head) * key_dimensions + d]) *
                         static_cast<double>(
                             ggml_fp16_to_fp32(key[((s * positions + j) * kv_heads + kv_head) * key_dimensions + d]));
            const double weight = std::exp(score * 0.125 + static_cast<double>(ggml_fp16_to_fp32(at_mask(s, i, j))));
            sum += weight;
            found += weight * static_cast<double>(ggml_fp16_to_fp32(
                                  value[((s * positions + j) * kv_heads + kv_head) * value_dimensions + dimension]));
        }
        return sum == 0 ? 0 : found / sum;
    }

    void check(std::size_t threads) {
        ASSERT_TRUE(can_attend(attention()));
        AttentionScratch scratch;
        attend(attention(), threads, scratch);
        double worst = 0;
        for (std::size_t s = 0; s < streams; ++s)
            for (std::size_t i = 0; i < queries; ++i)
                for (std::size_t head = 0; head < heads; ++head)
                    for (std::size_t d = 0; d < value_dimensions; d += 5) {
                        const float got = out[((s * queries + i) * heads + head) * value_dimensions + d];
                        worst = std::max(worst, std::abs(expected(s, i, head, d) - static_cast<double>(got)));
                    }
        EXPECT_LT(worst, 2e-6) << streams << " streams, " << queries << " queries, " << positions << " positions";
    }
};

TEST(Attention, OneQueryOfAnAnswer) {
    Case one({1, 1, 300, 8, 2, 64, 64});
    one.check(2);
}

TEST(Attention, FewProcessorsOrManyShareTheWork) {
    Case one({1, 1, 1500, 4, 1, 64, 64});
    for (const std::size_t threads : {1U, 2U, 5U, 16U}) one.check(threads);
}

TEST(Attention, ATurnOfAConversation) {
    Case turn({1, 30, 530, 8, 2, 64, 64});
    turn.mask_causally();
    turn.check(2);
}

TEST(Attention, APromptInSeveralMatrices) {
    Case prompt({1, 150, 150, 6, 2, 80, 80});
    prompt.mask_causally();
    prompt.check(3);
}

TEST(Attention, SequencesSideBySide) {
    Case several({3, 5, 200, 4, 4, 128, 96});
    several.mask_causally();
    several.check(2);
}

TEST(Attention, AQueryThatSeesNothingGetsZeros) {
    Case blind({1, 20, 128, 2, 1, 16, 16});
    for (std::size_t j = 0; j < blind.positions; ++j) blind.at_mask(0, 7, j) = ggml_fp32_to_fp16(shut);
    blind.check(2);
    for (std::size_t d = 0; d < 2 * 16; ++d) EXPECT_EQ(blind.out[7 * 2 * 16 + d], 0);
}

TEST(Attention, AMaskThatShutsOutTheFirstPositionsOrAddsToScores) {
    Case masked({1, 4, 256, 4, 2, 32, 32});
    for (std::size_t i = 0; i < masked.queries; ++i)
        for (std::size_t j = 0; j < 256; ++j)
            masked.at_mask(0, i, j) = ggml_fp32_to_fp16(j < 130 ? shut : -0.5F * static_cast<float>(j % 3));
    masked.check(2);
}

TEST(Attention, OddDimensionsAreLeftToGgml) {
    EXPECT_FALSE(can_attend(Case({1, 1, 64, 2, 1, 8, 8}).attention()));
    EXPECT_FALSE(can_attend(Case({1, 1, 64, 2, 1, 64, 40}).attention()));
    EXPECT_FALSE(can_attend(Case({1, 1, 64, 3, 2, 64, 64}).attention()));
}

}  // namespace
}  // namespace lar::inference
