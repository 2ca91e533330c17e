// From what a request asks to the tokens that the model is given.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "inference/weights.h"
#include "wire/engine.h"

namespace lar::inference {

Result<std::string> render(const Weights& weights, const wire::ChatPrompt& prompt);
Result<std::vector<Token>> tokens_of(const Weights& weights, const wire::Prompt& prompt);

}  // namespace lar::inference
