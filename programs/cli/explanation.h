// What `lar ask --explain` and `lar search --explain` print below what they found.
#pragma once

#include <string>

#include "show.h"
#include "wire/api.h"

namespace lar::cli {

inline constexpr std::size_t shown_candidates = 20;  // on a terminal and off it; --json has all

std::string explanation_text(const wire::ApiExplanation& explanation, const wire::ApiReceipt& receipt,
                             const Look& look);

}  // namespace lar::cli
