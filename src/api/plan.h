// What a request asks of a model, whichever family it came by: options, prompts, what may be cut.
//
// The families' requests become a Plan (ollama_plans.h, openai_plans.h), which generation.h carries out. Everything
// here is a pure function of the request and the model. What is set nowhere has the engine's defaults, which are
// llama.cpp's: a request without options gives what llama.cpp's own programs give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/model.h"
#include "wire/engine.h"
#include "wire/models.h"
#include "wire/ollama.h"

namespace lar::api {

inline constexpr std::size_t limit_choices = 16;  // answers to one request, computed together

struct Plan {
    wire::ModelOptions options;                 // the model's own, with the request's over them
    std::optional<std::int64_t> keep_alive_us;  // negative: for ever; none: what is usual
    std::vector<wire::Generate>
        choices;                      // one for each answer; their `overflow` counts when no larger window is to be had
    std::vector<std::string> echoes;  // for each: what the answer begins with; may be empty
    // A conversation that may lose its oldest messages: the choices' prompt is made of these.
    std::vector<wire::TemplateMessage> messages;
    bool may_drop_messages = false;
    std::vector<wire::Token> before;  // tokens of an earlier answer, which the prompt goes on from
    bool thinks = false;              // thoughts are told apart from the answer
    enum class Work : std::uint8_t { generate, load, unload } work = Work::generate;
};

// The options of a request: known ones checked by name. What no parameter is called is skipped, as Ollama does, and
// its name returned in `skipped`.
struct RequestOptions {
    wire::ModelOptions options;
    std::vector<std::string> skipped;
};
Result<RequestOptions> request_options(std::string_view json);

// "5m", "1h30m", a number of seconds; none: none.
Result<std::optional<std::int64_t>> keep_alive_us(const wire::Json& keep_alive);

// Sampling, limits and stop strings of a request to an engine. num_predict -1 and -2 mean no limit, seed -1 a random
// one.
void apply(const wire::ModelOptions& options, wire::Generate& generate);

// A conversation for the model's template: the one it was made with if engines render its language, else its file's,
// else none but the messages' texts.
wire::ChatPrompt chat_prompt(const std::vector<wire::TemplateMessage>& messages, const models::Model& model,
                             std::optional<bool> think);
// Drops the oldest messages that are no system messages, as many as it seems to take for `tokens` to become `fitting`;
// at least one, never the last message. How many went; 0: no more can.
std::size_t drop_messages(std::vector<wire::TemplateMessage>& messages, std::uint32_t tokens, std::uint32_t fitting);

bool can(const models::Model& model, models::Capability capability);
// The name by which people know it.
std::string name_of(const models::Model& model);

}  // namespace lar::api
