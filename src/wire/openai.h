// What programs written for OpenAI's API say to /v1, and what they are told: the structs of its requests and answers.
//
// Read like wire/ollama.h's: unknown keys are skipped, wrong types are told by the field's name, and what Lar cannot
// do yet is here so that api/ refuses it by name. Besides OpenAI's own keys the samplers that local servers share
// (top_k, min_p, repeat_penalty, …) are taken, as Ollama's options are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/any_json.h"
#include "wire/engine.h"

namespace lar::wire {

// ---- requests ----
struct OpenAiCommon {
    std::string model;
    bool stream = false;
    bool include_usage = false;  // stream_options.include_usage
    std::optional<double> temperature, top_p, presence_penalty, frequency_penalty;
    std::optional<std::int64_t> seed;
    std::vector<std::string> stop;
    std::int64_t n = 1;
    std::vector<LogitBias> logit_bias;
    Json samplers;                         // an object of Ollama's options; none: none were given
    std::vector<std::string> unsupported;  // keys that mean something here and cannot be done
};
struct OpenAiMessage {
    std::string role, content, name;
    std::vector<std::string> part_types;  // other than text: "image_url", …
    bool tool_calls = false;
};
struct OpenAiChat : OpenAiCommon {
    std::vector<OpenAiMessage> messages;
    std::optional<std::int64_t> max_tokens;
    bool logprobs = false;
    std::int64_t top_logprobs = 0;
    std::string reasoning_effort;
};
struct OpenAiCompletion : OpenAiCommon {
    std::vector<std::string> prompts;        // these
    std::vector<std::vector<Token>> tokens;  // or these
    std::optional<std::string> suffix;
    std::optional<std::int64_t> max_tokens;
    std::optional<std::int64_t> logprobs;
    bool echo = false;
    std::optional<std::int64_t> best_of;
};
struct OpenAiEmbeddings {
    std::string model;
    std::vector<std::string> texts;          // these
    std::vector<std::vector<Token>> tokens;  // or these
    std::optional<std::int64_t> dimensions;
    std::string encoding_format = "float";
};

Result<OpenAiChat> read_openai_chat(std::string_view json);
Result<OpenAiCompletion> read_openai_completion(std::string_view json);
Result<OpenAiEmbeddings> read_openai_embeddings(std::string_view json);

// ---- answers ----
struct OpenAiErrorBody {
    std::string message, type;
    OrNull param, code;
};
struct OpenAiError {
    OpenAiErrorBody error;
};
struct OpenAiModel {
    std::string id, object = "model";
    std::int64_t created = 0;
    std::string owned_by = "library";
};
struct OpenAiModels {
    std::string object = "list";
    std::vector<OpenAiModel> data;
};
struct OpenAiPromptDetails {
    std::uint32_t cached_tokens = 0;
};
struct OpenAiUsage {
    std::uint32_t prompt_tokens = 0, completion_tokens = 0, total_tokens = 0;
    std::optional<OpenAiPromptDetails> prompt_tokens_details;
};
struct OpenAiTopLogprob {
    std::string token;
    double logprob = 0;
    std::vector<std::uint8_t> bytes;
};
struct OpenAiLogprob {
    std::string token;
    double logprob = 0;
    std::vector<std::uint8_t> bytes;
    std::vector<OpenAiTopLogprob> top_logprobs;
};
struct OpenAiLogprobs {
    std::vector<OpenAiLogprob> content;
};
struct OpenAiTextLogprobs {  // of completions
    std::vector<std::string> tokens;
    std::vector<double> token_logprobs;
    std::vector<std::map<std::string, double>> top_logprobs;
    std::vector<std::uint64_t> text_offset;
};

struct OpenAiAnswerMessage {
    std::string role = "assistant", content;
    std::optional<std::string> reasoning;
};
struct OpenAiChatChoice {
    std::uint32_t index = 0;
    OpenAiAnswerMessage message;
    std::optional<OpenAiLogprobs> logprobs;
    std::string finish_reason;
};
struct OpenAiChatted {
    std::string id, object = "chat.completion";
    std::int64_t created = 0;
    std::string model, system_fingerprint;
    std::vector<OpenAiChatChoice> choices;
    OpenAiUsage usage;
};
struct OpenAiDelta {
    std::optional<std::string> role, content, reasoning;
};
struct OpenAiChatDelta {
    std::uint32_t index = 0;
    OpenAiDelta delta;
    std::optional<OpenAiLogprobs> logprobs;
    OrNull finish_reason;
};
struct OpenAiChatChunk {
    std::string id, object = "chat.completion.chunk";
    std::int64_t created = 0;
    std::string model, system_fingerprint;
    std::vector<OpenAiChatDelta> choices;
    std::optional<OpenAiUsage> usage;
};
struct OpenAiTextChoice {
    std::uint32_t index = 0;
    std::string text;
    std::optional<OpenAiTextLogprobs> logprobs;
    OrNull finish_reason;
};
struct OpenAiCompleted {  // whole, or one chunk of it
    std::string id, object = "text_completion";
    std::int64_t created = 0;
    std::string model, system_fingerprint;
    std::vector<OpenAiTextChoice> choices;
    std::optional<OpenAiUsage> usage;
};

struct OpenAiEmbedding {
    std::string object = "embedding";
    std::uint32_t index = 0;
    Json embedding;  // an array of numbers, or a string of base64
};
struct OpenAiEmbeddingUsage {
    std::uint32_t prompt_tokens = 0, total_tokens = 0;
};
struct OpenAiEmbedded {
    std::string object = "list";
    std::vector<OpenAiEmbedding> data;
    std::string model;
    OpenAiEmbeddingUsage usage;
};

}  // namespace lar::wire
