// The directions in which the rows of a large sparse matrix lie: its first right singular vectors.
//
// By randomised subspace iteration (Halko, Martinsson and Tropp, "Finding structure with randomness", 2011): a few
// random directions are multiplied with the matrix and its transpose a few times, made orthogonal in between, and what
// is left is rotated so that the first tells the most. That costs a few passes over what is not zero, and memory for
// two tall matrices. The same rows give the same directions: the random ones come from a fixed seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace lar::index {

struct SparseRows {
    std::vector<std::size_t> ends;       // of each row, in what follows
    std::vector<std::uint32_t> columns;  // below width
    std::vector<float> values;
    std::size_t width = 0;
};

// For each column, in order, its place in `dimensions` directions. Directions that the rows do not have are zero.
// unavailable: it was stopped.
Result<std::vector<float>> right_factors(const SparseRows& rows, std::size_t dimensions,
                                         const std::function<bool()>& stopping);

}  // namespace lar::index
