// What `lar run` says to /api: the requests of wire/ollama.h as their client writes them.
//
// There a request is read field by field, because clients of all kinds send it; here it is written, and what is left
// out keeps the daemon's default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/any_json.h"
#include "wire/ollama.h"

namespace lar::wire {

struct OllamaAskGenerate {
    std::string model, prompt;  // no prompt: only load the model
    std::optional<std::string> system;
    std::optional<Json> options, keep_alive, think;
    bool stream = true;
};
struct OllamaAskChat {
    std::string model;
    std::vector<OllamaSaid> messages;
    std::optional<Json> options, keep_alive, think;
    bool stream = true;
};
struct OllamaAskShow {
    std::string model;
};
struct OllamaAskPull {
    std::string model;
    bool insecure = false;
    bool stream = true;
};
// A model made of another one and of what was set and said.
struct OllamaAskCreate {
    std::string model, from;
    std::optional<std::string> system;
    std::optional<Json> parameters;
    std::optional<std::vector<OllamaSaid>> messages;
    bool stream = false;
};

}  // namespace lar::wire
