// Numbers that look random and are the same wherever and whenever they are drawn from the same seed.
#pragma once

#include <cstdint>

namespace lar::index {

// Splitmix64 (Steele, Lea and Flood 2014).
inline std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t mixed = state += 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31U);
}

}  // namespace lar::index
