// The channel between lard and lar-engine: one model, computing for any number of requests at a time.
//
// The first request is ReadFacts or LoadModel. ReadFacts carries one descriptor, a GGUF file opened for
// reading, is answered by Facts and ends the process: what a file says of itself is read in an engine
// and nowhere else. LoadModel carries the model's files, its parts in order and then its adapters, and
// is answered by Loading… and Loaded; from then on the engine opens nothing and takes no descriptor. Where
// either fails, Failed is the last message and the process ends with status 0. A file that its reader cannot
// survive ends the process otherwise: whoever supervises must take that for an answer, too.
//
// Requests after Loaded run together, each under its own id, decoded in one batch. Each ends with exactly
// one Finished, Embedded, Scored, Tokens, Rendered or Failed; Cancel ends the one it names within one step
// of the batch with Finished{cancelled}, or Failed{unavailable} if it had not begun. Tokens are the
// model's own numbers. Text is UTF-8: a piece never ends within a character, and bytes that are no
// character come out as U+FFFD. Times are microseconds. Numbers are finite: JSON has no infinity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

inline constexpr std::size_t limit_model_parts = 6;  // files of one split model
inline constexpr std::size_t limit_adapters = 2;
inline constexpr std::size_t limit_prompt_bytes = 3 * 1024 * 1024;  // of one request's text, in a frame of 4 MiB
inline constexpr std::size_t limit_stop_strings = 64;
inline constexpr std::size_t limit_stop_bytes = 1024;  // of one stop string
inline constexpr std::size_t limit_logprobs = 20;      // alternatives of one token
inline constexpr std::size_t limit_inputs = 2048;      // of one embedding request
inline constexpr std::size_t limit_score_texts = 1024;
inline constexpr std::size_t limit_grammar_bytes = 256 * 1024;
inline constexpr std::size_t limit_logit_biases = 4096;
inline constexpr std::size_t limit_sequence_breakers = 64;
inline constexpr std::size_t limit_requests = 512;  // under way and waiting, in one engine; beyond: Failed{unavailable}
inline constexpr std::size_t limit_sequences = 64;
inline constexpr std::size_t limit_context_told = 256 * 1024;  // tokens of Finished::context; longer ones stay untold

using Token = std::int32_t;

// What a GGUF file says of itself. The format: ggml's docs/gguf.md.
struct ReadFacts {
    std::uint64_t id = 0;
    bool tensors = false;  // name each
};

enum class KvType : std::uint8_t { f16, q8_0, q4_0, f32 };

struct LoadModel {
    std::uint64_t id = 0;
    std::uint32_t parts = 1;              // descriptors that are the model's
    std::vector<float> adapter_scales;    // one for each of the descriptors after them
    std::uint32_t context_tokens = 0;     // of one sequence; 0: what the model was trained for
    std::uint32_t sequences = 1;          // decoded together
    std::uint32_t batch_tokens = 512;     // computed in one step
    std::uint32_t threads = 0;            // 0: as many as the cgroup and the cores give
    KvType kv_type = KvType::f16;         // q8_0 and q4_0 need flash attention, and bring it
    std::optional<bool> flash_attention;  // none: what is faster here (docs/decisions/0008)
    bool embeddings = false;              // Embed and Score instead of Generate
    bool lock_memory = false;
};

// One message of a conversation as templates know it: JSON, because a template may ask for any key.
struct ChatPrompt {
    std::string messages;  // JSON array of {role, content, …}
    std::string tools;     // JSON array, or empty
    std::string extra;     // JSON object of further variables ("enable_thinking"), or empty
    std::string tmpl;      // instead of the model's own; empty: the model's
    bool add_generation_prompt = true;
    std::optional<std::int16_t> utc_offset_min;  // the user's zone now, for templates that tell the day; none: UTC
};
struct TextPrompt {
    std::string text;
    bool add_special = true;    // the beginning-of-sequence token, where the model wants one
    bool parse_special = true;  // "<|im_start|>" is the token and not these letters
};
struct InfillPrompt {  // what stands before and after the place to fill, by the model's own infill tokens
    std::string before, after;
};
struct TokenPrompt {
    std::vector<Token> tokens;
};
using Prompt = std::variant<TextPrompt, TokenPrompt, ChatPrompt, InfillPrompt>;

struct LogitBias {
    Token token = 0;
    float bias = 0;  // no_token or less: never
};
inline constexpr float no_token = -1e6F;

// In the order in which they are applied; names, meaning and defaults are llama.cpp's.
struct Sampling {
    std::uint32_t seed = 0xFFFFFFFF;  // all bits: a random one, told in Finished
    float temperature = 0.8F;         // 0: the likeliest token, always
    float dynamic_temperature_range = 0, dynamic_temperature_exponent = 1;
    std::int32_t top_k = 40;  // 0: all
    float top_p = 0.95F, min_p = 0.05F, typical_p = 1;
    float top_n_sigma = -1;  // negative: off
    float xtc_probability = 0, xtc_threshold = 0.1F;
    std::int32_t repeat_last_n = 64;  // -1: the whole window
    float repeat_penalty = 1, frequency_penalty = 0, presence_penalty = 0;
    float dry_multiplier = 0, dry_base = 1.75F;
    std::int32_t dry_allowed_length = 2, dry_penalty_last_n = -1;
    std::vector<std::string> dry_sequence_breakers{"\n", ":", "\"", "*"};
    std::uint32_t mirostat = 0;  // 1 or 2 take the place of top_k … xtc
    float mirostat_tau = 5, mirostat_eta = 0.1F;
    std::string grammar;  // GBNF with the rule "root"; empty: none
    std::vector<LogitBias> logit_bias;
};

// What happens to a prompt that does not fit with room for an answer. Refused: Failed{too_large} with the counts.
enum class Overflow : std::uint8_t { refuse, drop_oldest };

struct Generate {
    std::uint64_t id = 0;
    Prompt prompt;
    Sampling sampling;
    std::optional<std::uint32_t> max_tokens;  // none: until the model ends or the window is full
    std::uint32_t min_tokens = 0;             // no end and no stop string before these
    std::vector<std::string> stop;
    bool ignore_end = false;                // never choose an end-of-generation token
    bool special = false;                   // spell special tokens out, as calls of tools need in some models
    std::optional<std::uint32_t> logprobs;  // alternatives told with each token; 0: the chosen one's alone
    bool entropy = false;                   // how sure the model was, told in Finished
    Overflow overflow = Overflow::refuse;
    std::uint32_t keep_tokens = 0;  // of the prompt's beginning, when the oldest are dropped
    bool shift = false;             // a full window drops its oldest half and goes on
    bool reuse_prefix = true;
    std::uint8_t priority = 1;  // 0 first: a person waits; 2: nobody does
};

// Vectors by the model's own pooling.
struct Embed {
    std::uint64_t id = 0;
    std::vector<std::string> texts;          // either these
    std::vector<std::vector<Token>> tokens;  // or these
    bool normalise = true;                   // to length 1
    bool truncate = true;                    // false: an input beyond the window is Failed{too_large}
    std::uint8_t priority = 1;
};
// How well each text answers the query, by a reranking model.
struct Score {
    std::uint64_t id = 0;
    std::string query;
    std::vector<std::string> texts;
    std::uint8_t priority = 1;
};
struct Tokenize {
    std::uint64_t id = 0;
    Prompt prompt;
};
struct Detokenize {
    std::uint64_t id = 0;
    std::vector<Token> tokens;
    bool special = false;  // spell special tokens out
};
struct Render {
    std::uint64_t id = 0;
    ChatPrompt prompt;
};
struct CancelRequest {
    std::uint64_t id = 0;
};
using EngineRequest =
    std::variant<ReadFacts, LoadModel, Generate, Embed, Score, Tokenize, Detokenize, Render, CancelRequest>;

struct EngineReady {
    std::string build;
    std::string library;  // "llama 0.7.0"
};

struct MetadataEntry {
    std::string key;
    std::string type;          // "uint32", "string", "array of string", …
    std::string value;         // JSON; empty for an array or a text that is over its limit
    std::uint64_t length = 0;  // of an array, in elements; of a text, in bytes
};
inline constexpr std::size_t limit_metadata_array = 64;
inline constexpr std::size_t limit_metadata_text = 16 * 1024;  // of one text; the chat template has a field of its own
inline constexpr std::size_t limit_metadata_entries = 4096;
inline constexpr std::size_t limit_metadata_bytes = 1024 * 1024;  // of all keys and values; what is beyond is left out
inline constexpr std::size_t limit_template_bytes = 512 * 1024;   // of a longer one only the metadata's length is told
inline constexpr std::size_t limit_tensors = 16384;
inline constexpr std::size_t limit_tensor_name = 64;
struct TensorFact {
    std::string name;
    std::string type;  // "Q4_K"
    std::vector<std::uint64_t> shape;
};
struct Facts {
    std::uint64_t id = 0;
    std::string architecture;  // "llama", "bert"; "clip" is a projector
    std::string name;
    std::uint64_t parameters = 0;
    std::string quantization;  // "Q4_K - Medium", as llama.cpp names it
    std::uint64_t file_bytes = 0;
    std::uint32_t context_tokens = 0;  // trained for
    std::uint32_t embedding_length = 0, layers = 0, heads = 0, kv_heads = 0, head_length_k = 0, head_length_v = 0;
    std::uint32_t vocabulary = 0;
    std::uint32_t parts = 1;    // of a split model: this file is one of so many
    std::string pooling;        // "mean", "cls", "last", "rank"; empty: none named
    std::string chat_template;  // empty: none
    bool adapter = false;       // a LoRA, no model by itself
    bool infill = false;        // has tokens for a prefix, a suffix and a middle
    std::vector<MetadataEntry> metadata;
    std::vector<TensorFact> tensors;
};

struct Loading {
    std::uint64_t id = 0;
    float progress = 0;  // 0..1
};
struct Loaded {
    std::uint64_t id = 0;
    std::uint32_t context_tokens = 0;  // of one sequence
    std::uint32_t sequences = 0;
    std::uint32_t threads = 0;
    std::uint32_t embedding_length = 0;
    bool flash_attention = false;
    std::uint64_t weights_bytes = 0, kv_bytes = 0, compute_bytes = 0;
    std::int64_t load_us = 0;
    std::string pooling;
    std::string device;  // "cpu haswell"
    std::string layers;  // of the sandbox, for status: "seccomp, landlock 7"
};

inline constexpr float least_logprob = -10'000;
struct TokenChance {
    Token token = 0;
    std::string text;  // U+FFFD where a token is part of a character
    std::vector<std::uint8_t> bytes;
    float logprob = 0;  // natural, of the model's distribution before any sampler; never below least_logprob
};
struct ChosenToken {
    TokenChance chosen;
    std::vector<TokenChance> alternatives;  // likeliest first, the chosen one among them if it is
};
// The prompt is in the window; the first token follows.
struct Started {
    std::uint64_t id = 0;
    std::uint32_t prompt_tokens = 0, reused_tokens = 0, dropped_tokens = 0;
};
struct Piece {
    std::uint64_t id = 0;
    std::string text;
    std::uint32_t tokens = 0;           // that this text ends
    std::vector<ChosenToken> logprobs;  // when asked for
};
enum class FinishReason : std::uint8_t {
    end,     // the model ended
    stop,    // a stop string, which is not part of the text
    length,  // max_tokens
    window,  // no room is left
    cancelled,
};
struct Finished {
    std::uint64_t id = 0;
    FinishReason reason = FinishReason::end;
    std::string stopped_by;  // the stop string
    std::uint32_t prompt_tokens = 0, reused_tokens = 0, dropped_tokens = 0, generated_tokens = 0;
    std::int64_t queued_us = 0, prompt_us = 0, generation_us = 0;
    std::uint32_t seed = 0;
    // When asked for, and a token was generated: mean over those of the entropy of the model's distribution before any
    // sampler, in nats, from 0 (sure) to the logarithm of the vocabulary.
    std::optional<double> entropy;
    std::vector<Token> context;  // prompt and answer, to go on from; empty beyond limit_context_told
};
// One for each input, in order, then the last with `last`.
struct Embedded {
    std::uint64_t id = 0;
    std::uint32_t index = 0;
    std::uint32_t tokens = 0;
    bool truncated = false, last = false;
    std::vector<float> values;
};
struct Scored {
    std::uint64_t id = 0;
    std::vector<float> scores;  // in the order of the texts
    std::uint32_t tokens = 0;
};
struct Tokens {
    std::uint64_t id = 0;
    std::vector<Token> tokens;
    std::string text;  // Detokenize
};
struct Rendered {
    std::uint64_t id = 0;
    std::string text;
};
struct EngineFailed {
    std::uint64_t id = 0;
    std::string code;  // a name of lar::Code
    std::string message;
    std::uint32_t prompt_tokens = 0, context_tokens = 0;  // of too_large: what there was and what fits
};
using EngineEvent = std::variant<EngineReady, Facts, Loading, Loaded, Started, Piece, Finished, Embedded, Scored,
                                 Tokens, Rendered, EngineFailed>;

}  // namespace lar::wire
