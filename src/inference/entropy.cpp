#include "inference/entropy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

// Compiled once for each of these (src/index/vector_kernels.cpp says why no more).
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_AVX3_ZEN4 | HWY_AVX3_SPR | HWY_AVX10_2 | HWY_ALL_SVE)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/entropy.cpp"
#include <hwy/foreach_target.h>
// After it.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef LAR_INFERENCE_ENTROPY  // once, and not for each target
#define LAR_INFERENCE_ENTROPY
namespace lar::inference {

// Over the numbers x: of exp(x - most), and of (x - most) * exp(x - most).
struct ExponentialSums {
    double weights = 0, weighted = 0;
};
struct EntropyKernels {
    float (*most)(const float*, std::size_t);
    ExponentialSums (*sums)(const float*, std::size_t, float);
};

constexpr float least_exponent = -87;            // below, exp() is nothing beside 1
constexpr std::size_t numbers_in_floats = 4096;  // that are summed in single precision before they go to the total

}  // namespace lar::inference
#endif

HWY_BEFORE_NAMESPACE();
namespace lar::inference::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

float Most(const float* numbers, std::size_t count) {
    const hn::ScalableTag<float> d;
    auto most = hn::Set(d, numbers[0]);
    std::size_t at = 0;
    for (; at + hn::Lanes(d) <= count; at += hn::Lanes(d)) most = hn::Max(most, hn::LoadU(d, numbers + at));
    float result = hn::ReduceMax(d, most);
    for (; at < count; ++at) result = numbers[at] > result ? numbers[at] : result;
    return result;
}

ExponentialSums Sums(const float* numbers, std::size_t count, float most) {
    const hn::ScalableTag<float> d;
    const auto least = hn::Set(d, least_exponent), highest = hn::Set(d, most);
    ExponentialSums total;
    std::size_t at = 0;
    while (at + hn::Lanes(d) <= count) {
        auto weights = hn::Zero(d), weighted = hn::Zero(d);
        const std::size_t end = count - at < numbers_in_floats ? count : at + numbers_in_floats;
        for (; at + hn::Lanes(d) <= end; at += hn::Lanes(d)) {
            const auto exponent = hn::Max(hn::Sub(hn::LoadU(d, numbers + at), highest), least);
            const auto weight = hn::Exp(d, exponent);
            weights = hn::Add(weights, weight);
            weighted = hn::MulAdd(exponent, weight, weighted);
        }
        total.weights += static_cast<double>(hn::ReduceSum(d, weights));
        total.weighted += static_cast<double>(hn::ReduceSum(d, weighted));
    }
    for (; at < count; ++at) {
        const double exponent = std::max(numbers[at] - most, least_exponent);
        total.weights += std::exp(exponent);
        total.weighted += exponent * std::exp(exponent);
    }
    return total;
}

EntropyKernels TargetEntropy() { return {.most = Most, .sums = Sums}; }

}  // namespace lar::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lar::inference {
namespace {

// As src/index/vector_kernels.cpp chooses, for the reason that it gives.
EntropyKernels choose_entropy() {
#if HWY_TARGETS & HWY_AVX3
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("bmi2"))
        return N_AVX3::TargetEntropy();
#endif
#if HWY_TARGETS & HWY_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("f16c"))
        return N_AVX2::TargetEntropy();
#endif
    return HWY_STATIC_DISPATCH(TargetEntropy)();
}

}  // namespace

double entropy_of(std::span<const float> logits) {
    static const EntropyKernels kernels = choose_entropy();
    if (logits.empty()) return 0;
    const double anything = std::log(static_cast<double>(logits.size()));
    const float most = kernels.most(logits.data(), logits.size());
    if (!std::isfinite(most)) return anything;
    const ExponentialSums sums = kernels.sums(logits.data(), logits.size(), most);
    // log(sum) - sum(x exp(x)) / sum
    const double entropy = std::log(sums.weights) - sums.weighted / sums.weights;
    return std::isfinite(entropy) ? std::clamp(entropy, 0.0, anything) : anything;
}

}  // namespace lar::inference
#endif
