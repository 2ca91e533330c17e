// How long a model stays in memory after its last request, as Ollama's clients write it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace lar::models {

inline constexpr std::int64_t keep_forever_us = -1;

// "5m", "1h30m", "90s", "250ms"; a bare number is seconds. 0 unloads when nothing runs, any negative means for ever.
// invalid for anything else.
Result<std::int64_t> parse_keep_alive_us(std::string_view text);

}  // namespace lar::models
