// A model of lard's as `lar run` talks with it, over the endpoints that Ollama's clients use.
//
// What lard refuses is a Failure with its sentence; all of them end a command with 1. An answer that the user stopped
// is no failure: the connection was closed, which cancels it in lard, and what had come of it is there.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "failure.h"
#include "wire/ollama_client.h"

namespace lar::cli {

struct ModelSettings {
    std::string model;
    std::optional<std::string> system;
    std::map<std::string, std::string, std::less<>> parameters;  // name → JSON
    std::optional<wire::Json> keep_alive, think;
};

struct ModelAnswer {
    wire::OllamaGenerated all;  // text and thoughts of the whole answer, and what its last line says
    bool stopped = false;       // by the user
};

class ModelTalk {
public:
    // A piece of what the model thinks, or of what it answers; false: enough.
    using Take = std::function<bool(std::string_view thought, std::string_view text)>;

    ModelTalk(Connection& lard, const std::atomic<bool>& cancelled) : lard_(lard), cancelled_(cancelled) {}

    // not_found names the models there are.
    Outcome<wire::OllamaShow> show(const std::string& model);
    Outcome<> load(const ModelSettings& settings);
    Outcome<ModelAnswer> complete(const ModelSettings& settings, const std::string& prompt, const Take& take);
    Outcome<ModelAnswer> chat(const ModelSettings& settings, const std::vector<wire::OllamaSaid>& messages,
                              const Take& take);
    // `began` are the messages that the model itself begins with.
    Outcome<> save(const ModelSettings& settings, const std::string& name, std::vector<wire::OllamaSaid> began,
                   const std::vector<wire::OllamaSaid>& messages);

private:
    Outcome<Reply> ask(std::string_view target, std::string_view body);
    template <class Line>
    Outcome<ModelAnswer> follow(std::string_view target, std::string_view body, const Take& take);

    Connection& lard_;
    const std::atomic<bool>& cancelled_;
};

bool can(const wire::OllamaShow& model, std::string_view capability);

}  // namespace lar::cli
