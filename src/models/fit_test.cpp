#include "models/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/testing.h"

namespace lar::models {
namespace {

using testing::HasSubstr;
using testing::Not;

// The shape of Llama 3.1 8B.
const wire::Facts eight{.parameters = 8'030'261'248,
                        .context_tokens = 131'072,
                        .embedding_length = 4096,
                        .layers = 32,
                        .heads = 32,
                        .kv_heads = 8,
                        .head_length_k = 128,
                        .head_length_v = 128,
                        .vocabulary = 128'256};
constexpr std::uint64_t eight_bytes = 4'920'000'000;

std::string refusal_of(const Wish& wish, std::uint64_t free_bytes) {
    const auto planned = plan("eight", eight, eight_bytes, wish, {.available_bytes = free_bytes});
    return planned ? "fits" : planned.error().message;
}

TEST(Fit, TheWindowIsLayersTimesHeadsTimesLengthsTimesTokens) {
    const Need need = need_of(eight, eight_bytes, {.window_tokens = 8192});
    EXPECT_EQ(need.window_bytes, std::uint64_t{32} * 8 * 256 * 2 * 8192);  // 1 GiB
    EXPECT_EQ(need_of(eight, 0, {.window_tokens = 8192, .sequences = 4}).window_bytes, 4 * need.window_bytes);
    EXPECT_EQ(need_of(eight, 0, {.window_tokens = 8192, .kv_type = wire::KvType::q8_0}).window_bytes,
              need.window_bytes * 34 / 64);
    EXPECT_EQ(need.weights_bytes, eight_bytes);
}

// What lar-engine said of a 1B Llama (bench/engine.py's), loaded with these shapes.
TEST(Fit, ComputingTakesWhatAnEngineWasSeenToTake) {
    const wire::Facts one{.architecture = "llama",
                          .embedding_length = 2048,
                          .layers = 16,
                          .heads = 32,
                          .kv_heads = 8,
                          .vocabulary = 128'256,
                          .metadata = {{"llama.feed_forward_length", "uint32", "8192", 0}}};
    const auto off = [&](const Shape& shape, double seen_bytes) {
        return std::abs(static_cast<double>(need_of(one, 0, shape).computing_bytes) / seen_bytes - 1);
    };
    EXPECT_LT(off({.window_tokens = 2048}, 73'935'093), 0.02);
    EXPECT_LT(off({.window_tokens = 8192}, 80'226'549), 0.02);
    EXPECT_LT(off({.window_tokens = 32'768}, 105'392'373), 0.02);
    EXPECT_LT(off({.window_tokens = 2048, .sequences = 8}, 77'521'223), 0.02);
    EXPECT_LT(off({.window_tokens = 8192, .sequences = 8}, 83'812'679), 0.02);
    EXPECT_LT(off({.window_tokens = 2048, .batch_tokens = 128}, 18'863'882), 0.02);
}

TEST(Fit, ScoresAreCountedWhereVectorsAreMadeWithoutFlashAttention) {
    const Need small = need_of(eight, 0, {.window_tokens = 1024, .output = Output::vectors});
    const Need large = need_of(eight, 0, {.window_tokens = 1025, .output = Output::vectors});
    EXPECT_GT(small.computing_bytes, std::uint64_t{32} * 1024 * 1024 * 4);
    EXPECT_LT(large.computing_bytes, small.computing_bytes);
}

TEST(Fit, WhatAFileLeavesOutIsTakenFromItsHeads) {
    const wire::Facts bare{.embedding_length = 4096, .layers = 32, .heads = 32};
    EXPECT_EQ(need_of(bare, 0, {.window_tokens = 1}).window_bytes, std::uint64_t{32} * 32 * 256 * 2);
    EXPECT_EQ(need_of({}, 0, {.window_tokens = 8192}).window_bytes, 0U);
}

TEST(Fit, NumbersThatNoMachineHasAreTooMuchAndNotLittle) {
    constexpr std::uint32_t huge = 0xffffffff;
    const wire::Facts absurd{.context_tokens = huge,
                             .embedding_length = huge,
                             .layers = huge,
                             .heads = huge,
                             .kv_heads = huge,
                             .head_length_k = huge,
                             .head_length_v = huge,
                             .vocabulary = huge};
    EXPECT_GT(need_of(absurd, ~std::uint64_t{0}, {.window_tokens = huge, .sequences = huge}).total_bytes(),
              1'000'000 * gigabyte);
    EXPECT_FALSE(plan("absurd", absurd, 1, {.window_tokens = huge}, {.available_bytes = 1000 * gigabyte}));
}

TEST(Fit, WithoutAWishTheWindowIsTheDefaultOrAsMuchOfItAsFits) {
    const Plan roomy = must(plan("eight", eight, eight_bytes, {}, {.available_bytes = 16 * gigabyte}));
    EXPECT_EQ(roomy.shape.window_tokens, default_window_tokens);
    EXPECT_EQ(roomy.shape.batch_tokens, 512U);
    const Plan tight = must(plan("eight", eight, eight_bytes, {}, {.available_bytes = 6 * gigabyte}));
    EXPECT_LT(tight.shape.window_tokens, default_window_tokens);
    EXPECT_GE(tight.shape.window_tokens, least_window_tokens);
    EXPECT_LE(tight.need.total_bytes(), 6 * gigabyte);
    wire::Facts small = eight;
    small.context_tokens = 512;
    EXPECT_EQ(must(plan("small", small, eight_bytes, {}, {.available_bytes = 16 * gigabyte})).shape.window_tokens,
              512U);
}

TEST(Fit, AWindowThatIsAskedForIsKeptUpToWhatTheModelWasTrainedFor) {
    const Memory memory{.available_bytes = 64 * gigabyte};
    EXPECT_EQ(must(plan("eight", eight, eight_bytes, {.window_tokens = 100}, memory)).shape.window_tokens, 100U);
    EXPECT_EQ(must(plan("eight", eight, eight_bytes, {.window_tokens = 1'000'000}, memory)).shape.window_tokens,
              131'072U);
    EXPECT_THAT(refusal_of({.window_tokens = 131'072}, 8 * gigabyte), Not(HasSubstr("fits")));
}

TEST(Fit, SequencesGiveWayBeforeTheWindowDoes) {
    const auto sequences = [&](std::uint64_t free_bytes) {
        return must(plan("eight", eight, eight_bytes, {.sequences = 4}, {.available_bytes = free_bytes}))
            .shape.sequences;
    };
    EXPECT_EQ(sequences(64 * gigabyte), 4U);
    EXPECT_EQ(sequences(12 * gigabyte), 2U);
    EXPECT_EQ(sequences(7 * gigabyte), 1U);
}

TEST(Fit, ARefusalShowsTheArithmeticAndWhatWouldHelp) {
    const std::string refusal = refusal_of({.window_tokens = 32'768}, 9 * gigabyte);
    EXPECT_THAT(
        refusal,
        HasSubstr("model 'eight' does not fit into memory: 4.9 GB weights + 4.3 GB window (32,768 tokens × 1, f16)"));
    EXPECT_THAT(refusal, HasSubstr("9.0 GB are free"));
    EXPECT_THAT(refusal, HasSubstr("a cache of type q8_0 would make it fit, or a window of "));
    EXPECT_THAT(refusal_of({.window_tokens = 32'768}, 6 * gigabyte), HasSubstr("; a window of "));
    EXPECT_THAT(refusal_of({}, 2 * gigabyte),
                HasSubstr("a smaller model is needed: with 2.0 GB of free memory a model of up to "));
    const auto f16 = plan("eight", eight, 16 * gigabyte, {}, {.available_bytes = 8 * gigabyte});
    ASSERT_FALSE(f16);
    EXPECT_THAT(f16.error().message, HasSubstr("the same model in Q4_K_M (about 4.9 GB) would fit"));
}

TEST(Fit, TheLargestWindowIsTheLastThatFits) {
    const Shape shape{.window_tokens = 0};
    const std::uint32_t window = largest_window(eight, eight_bytes, shape, 8 * gigabyte);
    EXPECT_LE(need_of(eight, eight_bytes, {.window_tokens = window}).total_bytes(), 8 * gigabyte);
    EXPECT_GT(need_of(eight, eight_bytes, {.window_tokens = window + 256}).total_bytes(), 8 * gigabyte);
    EXPECT_EQ(largest_window(eight, eight_bytes, shape, gigabyte), 0U);
    EXPECT_EQ(largest_window(eight, eight_bytes, shape, 1000 * gigabyte), 131'072U);
}

TEST(Fit, WhoHasNoModelIsToldWhichSizeFits) {
    EXPECT_THAT(which_model_fits({.available_bytes = 8 * gigabyte}),
                HasSubstr("up to 8B parameters in Q4_K_M (a file of about 4.8 GB)"));
    EXPECT_THAT(which_model_fits({.available_bytes = 8 * gigabyte}), HasSubstr("4B parameters in Q8_0"));
    EXPECT_THAT(which_model_fits({.available_bytes = 8 * gigabyte}), HasSubstr("lar create NAME --from FILE.gguf"));
    EXPECT_THAT(which_model_fits({.available_bytes = 100'000'000}), HasSubstr("no model of 500M parameters fits"));
}

class MemoryTest : public testing::Test {
protected:
    MemoryTest() {
        folder_.write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB\n");
    }
    Memory now() { return must(SystemMemory(folder_.path() / "proc", folder_.path() / "cgroup").now()); }
    Folder folder_;
};

TEST_F(MemoryTest, IsWhatTheKernelCallsAvailable) {
    EXPECT_EQ(now().available_bytes, std::uint64_t{8'000'000} * 1024);
    EXPECT_EQ(now().bound, Bound::machine);
}

TEST_F(MemoryTest, OfACgroupIsItsLimitLessWhatItHoldsAtAnyLevel) {
    folder_.write("proc/self/cgroup", "0::/user.slice/lar.service\n");
    folder_.write("cgroup/user.slice/lar.service/memory.max", "max\n");
    folder_.write("cgroup/user.slice/lar.service/memory.current", "5000\n");
    EXPECT_EQ(now().bound, Bound::machine);
    folder_.write("cgroup/user.slice/memory.max", "4000000000\n");
    folder_.write("cgroup/user.slice/memory.current", "1500000000\n");
    folder_.write("cgroup/user.slice/memory.stat", "anon 1000000000\ninactive_file 500000000\n");
    EXPECT_EQ(now().available_bytes, 3'000'000'000U);
    EXPECT_EQ(now().total_bytes, 4'000'000'000U);
    EXPECT_EQ(now().bound, Bound::cgroup);
}

TEST_F(MemoryTest, OfAnOlderCgroupIsReadFromItsOwnFiles) {
    folder_.write("proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/box\n0::/\n");
    folder_.write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    folder_.write("cgroup/memory/memory.usage_in_bytes", "1\n");
    folder_.write("cgroup/memory/box/memory.limit_in_bytes", "2000000000\n");
    folder_.write("cgroup/memory/box/memory.usage_in_bytes", "3000000000\n");
    EXPECT_EQ(now().available_bytes, 0U);
    folder_.write("cgroup/memory/box/memory.usage_in_bytes", "500000000\n");
    EXPECT_EQ(now().available_bytes, 1'500'000'000U);
}

TEST_F(MemoryTest, OfThisMachineCanBeRead) {
    const Memory memory = must(SystemMemory().now());
    EXPECT_GT(memory.available_bytes, 0U);
    EXPECT_LE(memory.available_bytes, memory.total_bytes);
}

TEST_F(MemoryTest, ThatIsNotToldIsAnErrorAndNotNone) {
    folder_.write("proc/meminfo", "nonsense");
    EXPECT_EQ(SystemMemory(folder_.path() / "proc", folder_.path()).now().error().code, Code::internal);
}

}  // namespace
}  // namespace lar::models
