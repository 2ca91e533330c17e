// What `lar bench` says to a server that speaks OpenAI's API, what it reads of the answers, and its own report.
//
// The answers are others' and say more than is named here; unknown keys are skipped. The report is what
// `lar bench --json` prints: times in milliseconds, rates in tokens per second, absent where it was not measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

struct BenchMessage {
    std::string role;
    std::string content;
};
struct BenchStreamOptions {
    bool include_usage = true;
};
struct BenchChatRequest {
    std::string model;
    std::vector<BenchMessage> messages;
    std::uint32_t max_tokens = 1;
    std::uint32_t temperature = 0;
    bool stream = true;
    BenchStreamOptions stream_options;
    std::optional<bool> ignore_eos;  // an extension of llama.cpp's and vLLM's: go on to max_tokens
};

struct BenchProblem {
    std::optional<std::string> message;
};
using BenchError = std::variant<std::string, BenchProblem>;

// One event of a stream.
struct BenchDelta {
    std::optional<std::string> content;
    std::optional<std::string> reasoning_content;  // of models that think first; some servers say `reasoning`
    std::optional<std::string> reasoning;
};
struct BenchChoice {
    std::optional<BenchDelta> delta;
    std::optional<std::string> finish_reason;
};
struct BenchTokenDetails {
    std::optional<std::uint64_t> cached_tokens;
};
struct BenchUsage {
    std::uint64_t prompt_tokens = 0, completion_tokens = 0;
    std::optional<BenchTokenDetails> prompt_tokens_details;
};
struct BenchTimings {  // llama.cpp's own measurement
    std::optional<double> prompt_per_second, predicted_per_second;
};
struct BenchChunk {
    std::vector<BenchChoice> choices;
    std::optional<BenchUsage> usage;
    std::optional<BenchTimings> timings;
    std::optional<BenchError> error;
};

// The body of a refusal, in the shapes that servers use.
struct BenchRefusal {
    std::optional<BenchError> error;
    std::optional<std::string> message;
    std::optional<std::string> detail;
};

struct BenchModel {
    std::string id;
};
struct BenchModels {
    std::vector<BenchModel> data;
};

struct BenchSettings {
    std::uint32_t prompt_tokens = 512, tokens = 128;
    std::uint32_t turn_tokens = 30;  // new in the second turn of a conversation
    std::vector<std::uint32_t> depth{0, 2000};
    std::vector<std::uint32_t> concurrency{1, 2, 4, 8, 16};
    std::uint32_t repeat = 3, warmup = 1;
};

// Every repetition, in the order of measuring.
struct BenchSamples {
    std::vector<double> prefill_tokens_per_second, decode_tokens_per_second;
    std::vector<double> ttft_cold_ms, ttft_warm_ms, ttft_turn_ms;
};
// One client, with `depth` tokens before the prompt; medians over the repetitions.
struct BenchDepth {
    std::uint32_t depth = 0;
    std::uint64_t prompt_tokens = 0;  // depth and prompt together, as the server counts them
    std::uint64_t tokens = 0;         // of an answer
    std::optional<double> prefill_tokens_per_second, decode_tokens_per_second;
    std::optional<double> ttft_cold_ms, ttft_warm_ms, ttft_turn_ms;
    std::optional<double> inter_token_p50_ms, inter_token_p95_ms;
    // What the server took from its cache, of how much, where it says so.
    std::optional<std::uint64_t> cold_cached_tokens, warm_cached_tokens, turn_cached_tokens, turn_prompt_tokens;
    // The server's own measurement of the same, where it sends one.
    std::optional<double> server_prefill_tokens_per_second, server_decode_tokens_per_second;
    BenchSamples samples;
};
// `clients` at once, each request with a prompt of its own.
struct BenchLevel {
    std::uint32_t clients = 1;
    std::uint64_t requests = 0, tokens = 0, prompt_tokens = 0;
    double seconds = 0;            // from the first request to the last token
    double tokens_per_second = 0;  // generated, all clients together
    double ttft_p50_ms = 0, ttft_p95_ms = 0;
};
struct BenchServer {
    std::string url;
    std::string model;
    std::vector<std::string> notes;  // what a reader of the figures must know
    std::vector<BenchDepth> depths;
    std::vector<BenchLevel> concurrency;
};

// First server over second.
struct BenchDepthRatio {
    std::uint32_t depth = 0;
    std::optional<double> prefill, decode, ttft_cold, ttft_warm, ttft_turn, inter_token_p50, inter_token_p95;
};
struct BenchLevelRatio {
    std::uint32_t clients = 1;
    std::optional<double> tokens_per_second, ttft_p50, ttft_p95;
};
struct BenchRatios {
    std::vector<BenchDepthRatio> depths;
    std::vector<BenchLevelRatio> concurrency;
};

struct BenchReport {
    bool complete = false;  // all that was asked for was measured
    BenchSettings settings;
    std::vector<BenchServer> servers;   // one, or two that were measured in alternation
    std::optional<BenchRatios> ratios;  // of two
};

}  // namespace lar::wire
