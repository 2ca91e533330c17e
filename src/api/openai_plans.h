// Requests to /v1/chat/completions and /v1/completions as plans for an engine. What cannot be done yet is refused by
// its name; what does not fit the window always is.
#pragma once

#include "api/plan.h"
#include "base/result.h"
#include "models/model.h"
#include "wire/openai.h"

namespace lar::api {

Result<Plan> plan_of(const wire::OpenAiChat& request, const models::Model& model);
Result<Plan> plan_of(const wire::OpenAiCompletion& request, const models::Model& model);

}  // namespace lar::api
