// Requests to /api/generate and /api/chat as plans for an engine.
//
// What Ollama can do and Lar cannot yet is refused by its name, never skipped. What does not fit the window is
// refused, too, unless the request says `truncate` (drop the oldest) or `shift` (go on when the window is full).
#pragma once

#include "api/plan.h"
#include "base/result.h"
#include "models/model.h"
#include "wire/ollama.h"

namespace lar::api {

inline constexpr std::int64_t limit_top_logprobs = 20;

Result<Plan> plan_of(const wire::OllamaGenerate& request, const models::Model& model);
Result<Plan> plan_of(const wire::OllamaChat& request, const models::Model& model);

// "this Lar cannot do 'tools' yet; leave it out".
std::unexpected<Error> not_yet(std::string_view key);

}  // namespace lar::api
