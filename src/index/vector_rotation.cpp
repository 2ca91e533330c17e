#include "index/vector_rotation.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/result.h"
#include "index/random.h"

namespace lar::index {
namespace {

constexpr std::size_t granule = 16;

// Walsh-Hadamard without its factor; the size is a power of two.
void hadamard(std::span<float> values) {
    for (std::size_t half = 1; half < values.size(); half *= 2) {
        for (std::size_t first = 0; first < values.size(); first += 2 * half) {
            float* low = values.data() + first;
            float* high = low + half;
            for (std::size_t i = 0; i < half; ++i) {
                const float sum = low[i] + high[i], difference = low[i] - high[i];
                low[i] = sum;
                high[i] = difference;
            }
        }
    }
}

}  // namespace

Rotation::Rotation(std::size_t dimensions, std::uint64_t seed)
    : dimensions_(dimensions),
      padded_((dimensions + granule - 1) / granule * granule),
      block_(std::bit_floor(padded_)),
      signs_(rounds * padded_) {
    for (std::size_t i = 0; i < signs_.size(); i += 64) {
        const std::uint64_t bits = next_random(seed);
        for (std::size_t j = i; j < std::min(i + 64, signs_.size()); ++j)
            signs_[j] = ((bits >> (j - i)) & 1) != 0 ? 1.0F : -1.0F;
    }
}

void Rotation::apply(std::span<const float> vector, std::span<float> rotated) const {
    ASSERT(vector.size() == dimensions_ && rotated.size() == padded_);
    std::ranges::fill(std::ranges::copy(vector, rotated.begin()).out, rotated.end(), 0.0F);
    const float factor = 1 / std::sqrt(static_cast<float>(block_));
    for (std::size_t round = 0; round < rounds; ++round) {
        const float* signs = signs_.data() + round * padded_;
        for (std::size_t i = 0; i < padded_; ++i) rotated[i] *= signs[i];
        for (const std::size_t first : {std::size_t{0}, padded_ - block_}) {
            const auto part = rotated.subspan(first, block_);
            hadamard(part);
            for (float& value : part) value *= factor;
            if (padded_ == block_) break;
        }
    }
}

}  // namespace lar::index
