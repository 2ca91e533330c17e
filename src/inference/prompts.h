// From what a request asks to the tokens that the model is given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "inference/template.h"
#include "inference/weights.h"
#include "wire/engine.h"

namespace lar::inference {

class Prompts {
public:
    explicit Prompts(const Weights& weights) : weights_(weights) {}

    // By the request's own template, else the model's, which is parsed when it is first needed; invalid when there is
    // none or it cannot be parsed.
    Result<std::string> render(const wire::ChatPrompt& prompt);
    Result<std::vector<Token>> tokens_of(const wire::Prompt& prompt);

private:
    Result<ChatTemplate> parse(const std::string& source) const;

    const Weights& weights_;
    std::optional<ChatTemplate> own_;    // the model's
    std::optional<ChatTemplate> other_;  // the last of a request's own: conversations come back with it
};

}  // namespace lar::inference
