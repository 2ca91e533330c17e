#include "wire/bench.h"

#include "wire/json.h"

using namespace lar::wire;

namespace lar::wire {
template <>
inline constexpr Unknown unknown_keys<BenchChunk> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<BenchRefusal> = Unknown::is_skipped;
template <>
inline constexpr Unknown unknown_keys<BenchModels> = Unknown::is_skipped;
}  // namespace lar::wire

LAR_WIRE_TYPE(BenchChatRequest);
LAR_WIRE_TYPE(BenchChunk);
LAR_WIRE_TYPE(BenchRefusal);
LAR_WIRE_TYPE(BenchModels);
LAR_WIRE_TYPE(BenchReport);
