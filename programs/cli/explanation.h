// What `lar ask --explain`, `lar search --explain` and `lar ask --explain-route` print below what they found.
#pragma once

#include <string>

#include "show.h"
#include "wire/api.h"

namespace lar::cli {

inline constexpr std::size_t shown_candidates = 20;  // on a terminal and off it; --json has all

std::string explanation_text(const wire::ApiExplanation& explanation, const wire::ApiReceipt& receipt,
                             const Look& look);

// Where the question should be answered: the decision, and each thing that was looked at.
std::string route_text(const wire::ApiRoute& route, const Look& look);

}  // namespace lar::cli
