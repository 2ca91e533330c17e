// What programs written for Ollama say to /api, and what they are told: the structs of its requests and answers.
//
// Names, types and what may be left out are Ollama's (reference/field.md, 3a). Requests are read field by field
// (wire/fields.h): keys that Ollama does not have are skipped as Ollama skips them, and what Lar cannot do yet is here
// all the same, so that api/ refuses it by name. Durations of answers are nanoseconds, times RFC 3339.
// What Lar says besides, Ollama's clients skip: `truncated`, and `lar` in the version.
#pragma once

#include <cstddef>
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

inline constexpr std::size_t limit_chat_messages = 10'000;  // of one request

// ---- requests ----
struct OllamaCommon {
    std::string model;
    bool stream = true;
    Json format;      // "json" or a schema
    Json keep_alive;  // "5m", or a number of seconds
    Json options;     // an object, or none
    Json think;       // true, false, "high", …
    std::optional<bool> truncate, shift;
    bool logprobs = false;
    std::int64_t top_logprobs = 0;
    bool debug_render_only = false;  // "_debug_render_only"
};
struct OllamaGenerate : OllamaCommon {
    std::string prompt, suffix, system;
    std::optional<std::string> tmpl;  // "template"
    std::vector<Token> context;
    bool raw = false;
    std::vector<Json> images;
};
struct OllamaMessage {
    std::string role, content, thinking;
    std::vector<Json> images, tool_calls;
    std::string tool_name, tool_call_id;
};
struct OllamaChat : OllamaCommon {
    std::vector<OllamaMessage> messages;
    std::vector<Json> tools;
};
struct OllamaEmbed {
    std::string model;
    std::optional<std::vector<std::string>> input;  // none: only load the model
    bool input_is_list = false;
    std::optional<bool> truncate;
    std::optional<std::int64_t> dimensions;
    Json keep_alive;
    Json options;
};
struct OllamaEmbeddings {  // the older endpoint
    std::string model, prompt;
    Json keep_alive;
    Json options;
};
struct OllamaName {  // show, delete, pull, push: a model
    std::string model;
    bool verbose = false;
    bool insecure = false;
    bool stream = true;
};
struct OllamaCopy {
    std::string source, destination;
};
struct OllamaCreate {
    std::string model, from;
    std::map<std::string, std::string> files, adapters;  // name → digest
    std::optional<std::string> tmpl, system;
    std::vector<std::string> license;
    Json parameters;
    std::vector<OllamaMessage> messages;
    std::string quantize;
    std::vector<std::string> unsupported;  // other keys of Ollama's that are set
    // Lar's own, for clients that may read the user's files: a Modelfile's text with the folder that its paths are
    // relative to and the one that '~' means, and whether a file is copied rather than used where it is. `from` may be
    // an absolute path, too.
    std::string modelfile, base, home;
    bool copy = false;
    bool stream = true;
};
// The same as `lar create` sends it, and how `lar stop` says that a model is not to be kept.
struct OllamaCreateHere {
    std::string model;
    std::optional<std::string> from, modelfile, base, home;
    bool copy = false;
};
struct OllamaStop {
    std::string model;
    std::int64_t keep_alive = 0;
    bool stream = false;
};

Result<OllamaGenerate> read_ollama_generate(std::string_view json);
Result<OllamaChat> read_ollama_chat(std::string_view json);
Result<OllamaEmbed> read_ollama_embed(std::string_view json);
Result<OllamaEmbeddings> read_ollama_embeddings(std::string_view json);
Result<OllamaName> read_ollama_name(std::string_view json);
Result<OllamaCopy> read_ollama_copy(std::string_view json);
Result<OllamaCreate> read_ollama_create(std::string_view json);

// One message as chat templates know it: what ChatPrompt::messages is an array of.
struct TemplateMessage {
    std::string role, content;
    std::optional<std::string> name, reasoning_content;
};

// ---- answers ----
struct OllamaError {
    std::string error;
};
struct OllamaVersion {
    std::string version;  // Ollama's, whose endpoints these are
    std::string lar;      // ours
};
struct OllamaStatus {  // of create, pull: one line each
    std::string status;
    std::optional<std::string> digest;
    std::optional<std::uint64_t> total, completed;
};

struct OllamaDetails {
    std::string parent_model;
    std::string format;
    std::string family;
    std::vector<std::string> families;
    std::string parameter_size;
    std::string quantization_level;
    std::optional<std::uint32_t> context_length, embedding_length;
};
struct OllamaModel {
    std::string name, model;
    std::optional<std::string> problem;  // why it cannot be used; Lar's own
    std::optional<bool> answers;         // it does where no model is named; Lar's own
    std::string modified_at;
    std::uint64_t size = 0;
    std::string digest;  // 64 hex digits
    OllamaDetails details;
    std::vector<std::string> capabilities;
};
struct OllamaTags {
    std::vector<OllamaModel> models;
};
struct OllamaRunning {
    std::string name, model;
    std::uint64_t size = 0;
    std::string digest;
    OllamaDetails details;
    std::string expires_at;
    std::uint64_t size_vram = 0;
    std::uint32_t context_length = 0;
};
struct OllamaPs {
    std::vector<OllamaRunning> models;
};
struct OllamaTensor {
    std::string name, type;
    std::vector<std::uint64_t> shape;
};
struct OllamaSaid {  // one message of the conversation that a model begins with
    std::string role, content;
};
struct OllamaShow {
    std::optional<std::string> license;
    std::string modelfile, parameters, tmpl;
    std::optional<std::string> system;
    OllamaDetails details;
    std::optional<std::vector<OllamaSaid>> messages;
    std::map<std::string, Json> model_info;
    std::optional<std::vector<OllamaTensor>> tensors;  // when asked verbosely
    std::vector<std::string> capabilities;
    std::string modified_at;
};

struct OllamaTopLogprob {
    std::string token;
    double logprob = 0;
    std::vector<std::uint8_t> bytes;
};
struct OllamaLogprob {
    std::string token;
    double logprob = 0;
    std::vector<std::uint8_t> bytes;
    std::optional<std::vector<OllamaTopLogprob>> top_logprobs;
};
// What was cut because the request allowed it.
struct OllamaTruncated {
    std::uint32_t dropped_tokens = 0, dropped_messages = 0;
};
struct OllamaGenerated {
    std::string model, created_at, response;
    std::optional<std::string> thinking;
    bool done = false;
    std::optional<std::string> done_reason;
    std::optional<std::vector<Token>> context;
    std::optional<std::vector<OllamaLogprob>> logprobs;
    // Of the last line:
    std::optional<OllamaTruncated> truncated;
    std::optional<std::int64_t> total_duration, load_duration;
    std::optional<std::uint32_t> prompt_eval_count;
    std::optional<std::int64_t> prompt_eval_duration;
    std::optional<std::uint32_t> eval_count;
    std::optional<std::int64_t> eval_duration;
};
struct OllamaAnswerMessage {
    std::string role = "assistant", content;
    std::optional<std::string> thinking;
};
struct OllamaChatted {
    std::string model, created_at;
    OllamaAnswerMessage message;
    bool done = false;
    std::optional<std::string> done_reason;
    std::optional<std::vector<OllamaLogprob>> logprobs;
    // Of the last line:
    std::optional<OllamaTruncated> truncated;
    std::optional<std::int64_t> total_duration, load_duration;
    std::optional<std::uint32_t> prompt_eval_count;
    std::optional<std::int64_t> prompt_eval_duration;
    std::optional<std::uint32_t> eval_count;
    std::optional<std::int64_t> eval_duration;
};
struct OllamaEmbedded {
    std::string model;
    std::vector<std::vector<float>> embeddings;
    std::int64_t total_duration = 0, load_duration = 0;
    std::uint32_t prompt_eval_count = 0;
    std::optional<std::vector<std::uint32_t>> truncated;  // which inputs were cut
};
struct OllamaEmbedding {
    std::vector<float> embedding;
};

}  // namespace lar::wire
