#include "inference/product.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "base/format.h"

namespace lar::inference {
namespace {

constexpr ggml_type types[] = {GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q5_K, GGML_TYPE_Q6_K};

// Random weights as ggml quantizes them, and random vectors, each with some bytes behind it.
struct ProductCase {
    ggml_type type;
    std::size_t rows, depth, vectors;
    std::size_t weights_step, vector_step = depth + 3, out_step = rows + 5;  // bytes, then numbers
    std::vector<std::byte> weights;
    std::vector<float> vector, out;

    ProductCase(ggml_type kind, std::size_t wanted_rows, std::size_t wanted_depth, std::size_t wanted_vectors)
        : type(kind),
          rows(wanted_rows),
          depth(wanted_depth),
          vectors(wanted_vectors),
          weights_step(ggml_row_size(kind, static_cast<std::int64_t>(depth))),
          weights(rows * weights_step),
          vector(vectors * vector_step),
          out(vectors * out_step, 99.0F) {
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        std::vector<float> numbers(rows * depth);
        for (float& number : numbers) number = normal(random) + 0.3F;
        for (float& number : vector) number = normal(random);
        ggml_quantize_chunk(type, numbers.data(), weights.data(), 0, static_cast<std::int64_t>(rows),
                            static_cast<std::int64_t>(depth), nullptr);
    }

    Product product() {
        return {.type = type,
                .rows = rows,
                .depth = depth,
                .vectors = vectors,
                .weights = weights.data(),
                .weights_step = weights_step,
                .vector = reinterpret_cast<const std::byte*>(vector.data()),
                .vector_step = vector_step * sizeof(float),
                .out = reinterpret_cast<std::byte*>(out.data()),
                .out_step = out_step * sizeof(float)};
    }

    // How far the product is from its definition, of how large that is.
    double error() const {
        double wrong = 0, all = 0;
        std::vector<float> row(depth);
        for (std::size_t r = 0; r < rows; ++r) {
            ggml_get_type_traits(type)->to_float(weights.data() + r * weights_step, row.data(),
                                                 static_cast<std::int64_t>(depth));
            for (std::size_t v = 0; v < vectors; ++v) {
                double sum = 0;
                for (std::size_t d = 0; d < depth; ++d)
                    sum += static_cast<double>(row[d]) * static_cast<double>(vector[v * vector_step + d]);
                const double off = sum - static_cast<double>(out[v * out_step + r]);
                wrong += off * off;
                all += sum * sum;
            }
        }
        return std::sqrt(wrong / all);
    }

    // What nobody asked for stays.
    void expect_rest_untouched() const {
        for (std::size_t v = 0; v < vectors; ++v)
            for (std::size_t i = rows; i < out_step; ++i) EXPECT_EQ(out[v * out_step + i], 99.0F);
    }
};

class ProductTest : public testing::Test {
protected:
    void SetUp() override {
        if (!has_tiles()) GTEST_SKIP() << "this processor has no tiles";
    }
    ProductScratch scratch_;
};

// Both factors are rounded to 8 bits of mantissa: on the average of many by about 0.2 %.
TEST_F(ProductTest, EachFormatIsMultipliedAsItIsDefined) {
    for (const ggml_type type : types) {
        ProductCase one(type, 96, 512, 40);
        ASSERT_TRUE(can_multiply(type));
        multiply(one.product(), 2, scratch_);
        EXPECT_LT(one.error(), 0.004) << ggml_type_name(type);
        one.expect_rest_untouched();
    }
}

// Few vectors are rounded to bytes.
TEST_F(ProductTest, EachFormatIsMultipliedWithFewVectors) {
    for (const ggml_type type : types)
        for (std::size_t vectors = 1; vectors <= 9; ++vectors) {
            ProductCase one(type, 70, 1280, vectors);
            multiply(one.product(), 2, scratch_);
            EXPECT_LT(one.error(), 0.012) << ggml_type_name(type) << " x " << vectors;
            one.expect_rest_untouched();
        }
}

TEST_F(ProductTest, SidesNeedNotFillTiles) {
    struct Sides {
        std::size_t rows, depth, vectors;
    };
    for (const Sides sides : {Sides{1, 32, 1}, Sides{37, 96, 16}, Sides{300, 32, 17}, Sides{64, 64, 33},
                              Sides{15, 2048, 31}, Sides{33, 2080, 5}, Sides{33, 2080, 2}, Sides{33, 544, 3},
                              Sides{40, 2048, 1}, Sides{48, 4128, 64}, Sides{40, 64, 513}})
        for (const std::size_t threads : {1U, 3U}) {
            ProductCase one(GGML_TYPE_Q8_0, sides.rows, sides.depth, sides.vectors);
            multiply(one.product(), threads, scratch_);
            EXPECT_LT(one.error(), 0.012) << lar::format("{} x {} x {}", sides.rows, sides.depth, sides.vectors);
            one.expect_rest_untouched();
        }
}

TEST_F(ProductTest, AVectorsProductDoesNotDependOnItsNeighbours) {
    ProductCase many(GGML_TYPE_Q4_K, 64, 256, 50);
    multiply(many.product(), 2, scratch_);
    Product one = many.product();
    std::vector<float> alone(12 * many.out_step);
    one.vectors = 12;
    one.vector += 21 * one.vector_step;
    one.out = reinterpret_cast<std::byte*>(alone.data());
    multiply(one, 1, scratch_);
    for (std::size_t r = 0; r < many.rows; ++r) EXPECT_EQ(alone[r], many.out[21 * many.out_step + r]);
}

TEST(ProductTypes, OthersAreNotTaken) {
    EXPECT_FALSE(can_multiply(GGML_TYPE_F16));
    EXPECT_FALSE(can_multiply(GGML_TYPE_Q2_K));
}

}  // namespace
}  // namespace lar::inference
