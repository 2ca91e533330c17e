// The threads that compute: how many are worth it, and how they take numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lar::inference {

// Of a model: what threads gain by sharing fewer than that they lose by waiting for each other, and while other
// programs are at work a hundred times over.
inline constexpr std::uint64_t least_bytes_a_thread = 4'000'000;

// One for each physical core that this process may use, no more than its control group grants it time for, and no more
// than the model keeps busy. Reads /proc and /sys, so it comes before the lock-down.
std::uint32_t useful_threads(std::uint64_t model_bytes);

// From now on this thread, and each that it begins, takes numbers below the smallest normal one (1e-38) for zero.
// Weights of a softmax get there, and each computation with one costs a hundred others.
void flush_denormals();

// The parts of it, for tests: `root` stands for "/".
std::uint32_t physical_cores(const std::filesystem::path& root, const std::vector<int>& processors);
// Rounded up; none is a large number.
std::uint32_t granted_processors(const std::filesystem::path& root);

}  // namespace lar::inference
