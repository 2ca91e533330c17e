// How a hand-off looks: every byte that leaves, and what stays here.
#pragma once

#include <string>

#include "show.h"
#include "wire/handoff.h"

namespace lar::cli {

// Whom to, why, what it costs, what leaves and what stays. Lines are broken after each \n that the bytes hold as JSON
// has it; nothing else differs from them, or it is said.
std::string handoff_preview(const wire::ApiHandoff& handoff, const Look& look);
// What came of it: the reply, marked with where it is from and what left for it, or why there is none.
std::string handoff_outcome(const wire::ApiHandoff& handoff, const Look& look);
std::string handoff_list(const wire::ApiHandoffs& list, const Look& look);

}  // namespace lar::cli
