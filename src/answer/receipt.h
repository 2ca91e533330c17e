// What is said with every answer and every search: where it was computed, from what, and what was left out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "answer/answer.h"

namespace lar::answer {

wire::ApiReceipt receipt_of(const recall::Recalled& recalled, std::size_t used, std::int64_t took_us, const Zone& zone,
                            const Facts& facts);

}  // namespace lar::answer
