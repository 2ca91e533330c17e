// How long lard waits for its workers, of whatever kind.
#pragma once

#include <cstdint>

namespace lar::lard {

inline constexpr std::int64_t ready_ms = 15'000;  // loading its libraries from a cold disk
inline constexpr std::int64_t send_ms = 10'000;
inline constexpr std::int64_t end_ms = 1000;  // from the closed channel to the spawner's word

}  // namespace lar::lard
