// A random rotation, fixed by a seed: what makes one bit a dimension tell something about every vector.
//
// Codes of one bit assume that no dimension matters more than another. Models give vectors where some do; turned by a
// random orthogonal matrix they do not any more, and lengths and inner products stay what they were. The matrix is
// never written out: three rounds of random signs and Walsh-Hadamard transforms (over the longest power of two at the
// front, then at the back, which overlap) are orthogonal, mix all dimensions and cost n log n.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lar::index {

class Rotation {
public:
    Rotation(std::size_t dimensions, std::uint64_t seed);

    std::size_t dimensions() const { return dimensions_; }
    // A multiple of 16, which the codes' layout needs; what is beyond dimensions() is zero before the rotation.
    std::size_t padded() const { return padded_; }
    // `vector` has dimensions() numbers, `rotated` padded().
    void apply(std::span<const float> vector, std::span<float> rotated) const;

private:
    static constexpr std::size_t rounds = 3;

    std::size_t dimensions_, padded_, block_;
    std::vector<float> signs_;  // ±1, padded_ a round
};

}  // namespace lar::index
