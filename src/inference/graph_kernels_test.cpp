#include "inference/graph_kernels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "inference/batch.h"
#include "inference/context.h"
#include "inference/fixture.h"

namespace lar::inference {
namespace {

class GraphKernelsTest : public ModelTest {
protected:
    std::unique_ptr<Weights> load_tiny(bool quantized) {
        ModelFiles files;
        files.parts.push_back(std::move(
            open_read_only(testing_support::write_tiny_model(home_, {.context_tokens = 300, .quantized = quantized})[0])
                .value()));
        return std::move(Weights::load(std::move(files), false, {}).value());
    }
    static void expect_alike(const std::vector<float>& got, const std::vector<float>& expected, float of_largest,
                             std::size_t step) {
        ASSERT_EQ(got.size(), expected.size());
        float worst = 0, largest = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
            worst = std::max(worst, std::abs(got[i] - expected[i]));
            largest = std::max(largest, std::abs(expected[i]));
        }
        EXPECT_LT(worst, of_largest * largest) << "in steps of " << step;
        EXPECT_GT(largest, 0);
    }
    // The numbers of the last of `counts` tokens of each sequence, told after another, in steps of `step` tokens.
    std::vector<float> logits(Context& context, const std::vector<std::size_t>& counts, std::size_t step) {
        const auto vocabulary = static_cast<std::size_t>(
            llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context.handle.get()))));
        std::vector<float> all;
        for (std::size_t first = 0; first < *std::ranges::max_element(counts); first += step) {
            Batch batch(512);
            for (std::size_t s = 0; s < counts.size(); ++s)
                for (std::size_t at = first; at < std::min(first + step, counts[s]); ++at)
                    batch.add(static_cast<llama_token>(10 + (at * 7 + s) % 80), at, static_cast<llama_seq_id>(s),
                              at + 1 == counts[s]);
            EXPECT_EQ(llama_decode(context.handle.get(), batch.handle()), 0);
            if (context.kernels) context.kernels->settle();
            for (std::size_t s = 0; s < counts.size(); ++s)
                if (const auto place = batch.place_of(static_cast<llama_seq_id>(s)); place >= 0) {
                    const float* numbers = llama_get_logits_ith(context.handle.get(), place);
                    all.insert(all.end(), numbers, numbers + vocabulary);
                }
        }
        return all;
    }
};

TEST_F(GraphKernelsTest, TheNumbersAreThoseOfTheOrdinaryGraph) {
    const auto weights = load_tiny(false);
    ContextOptions options{.context_tokens = 300, .sequences = 2, .batch_tokens = 512, .threads = 2};
    for (const std::size_t step : {1U, 30U, 200U}) {
        options.flash_attention = false;
        Context ordinary = make_text_context(*weights, options).value();
        options.flash_attention = true;
        Context ours = make_text_context(*weights, options).value();
        const std::vector<std::size_t> counts{130, 130};
        const std::vector<float> expected = logits(ordinary, counts, step), got = logits(ours, counts, step);
        expect_alike(got, expected, 2e-3F, step);
        EXPECT_EQ(ordinary.kernels, nullptr);
        EXPECT_EQ(ours.kernels->attentions(), 2 * ((130 + step - 1) / step)) << "a node for each of two layers";
    }
}

// Beside the same model in single precision: its weights are the same but for what their rounding lost.
TEST_F(GraphKernelsTest, ProductsOfQuantizedWeightsAreOurs) {
    if (!has_tiles()) GTEST_SKIP() << "this processor has no tiles";
    const auto exact = load_tiny(false), quantized = load_tiny(true);
    EXPECT_FALSE(exact->as_in_file());
    ASSERT_TRUE(quantized->as_in_file());
    // Seven in each of two layers; of the last not all where nobody wants its result.
    constexpr std::size_t products_a_step = 10;
    for (const std::size_t step : {1U, 5U, 30U}) {
        const ContextOptions options{.context_tokens = 300, .sequences = 2, .threads = 2};
        Context ordinary = make_text_context(*exact, options).value();
        Context ours = make_text_context(*quantized, options).value();
        const std::vector<std::size_t> counts{60, 60};
        expect_alike(logits(ours, counts, step), logits(ordinary, counts, step), 5e-2F, step);
        EXPECT_EQ(ordinary.kernels->products(), 0U);
        EXPECT_GE(ours.kernels->products(), products_a_step * (60 / step));
    }
}

}  // namespace
}  // namespace lar::inference
