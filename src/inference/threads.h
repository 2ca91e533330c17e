// How many threads are worth computing with: one for each physical core that this process may use, and no more than its
// control group grants it time for. Reads /proc and /sys, so it comes before the lock-down.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lar::inference {

std::uint32_t useful_threads();

// The parts of it, for tests: `root` stands for "/".
std::uint32_t physical_cores(const std::filesystem::path& root, const std::vector<int>& processors);
// Rounded up; none is a large number.
std::uint32_t granted_processors(const std::filesystem::path& root);

}  // namespace lar::inference
