// An answer of a model on its way to the user: a sign of life until it begins, its words as they come, its timings.
#pragma once

#include <functional>

#include "commands.h"
#include "run_model.h"

namespace lar::cli {

struct RunStyle {
    bool verbose = false;   // timings at the end
    bool word_wrap = true;  // on a terminal
    bool thoughts = true;
};

using AskModel = std::function<Outcome<ModelAnswer>(const ModelTalk::Take&)>;
Outcome<ModelAnswer> print_answer(Session& session, const RunStyle& style, const AskModel& ask);

// Loads the model, with a sign of life.
Outcome<> load_model(Session& session, ModelTalk& talk, const ModelSettings& settings);

// The JSON that asks the model to think. `level` is what the user said: "true", "false", a name, or nothing.
// invalid where the model cannot think.
Outcome<std::optional<wire::Json>> think_json(const std::string& name, const wire::OllamaShow& model,
                                              const std::optional<std::string>& level);

}  // namespace lar::cli
