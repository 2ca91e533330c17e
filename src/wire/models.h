// What stores of models keep as JSON: manifests, configurations, parameters, messages, and Lar's own record of
// what a model file says of itself.
//
// The layout is Ollama's, which is OCI's: a manifest names blobs by their SHA-256, each with a media type. Others
// write these files too, so keys that are not named here are skipped, and nothing here may be believed before
// src/models has checked it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/engine.h"

namespace lar::wire {

struct ModelLayer {
    std::string media_type;  // "mediaType"
    std::string digest;      // "sha256:" and 64 hex digits
    std::uint64_t size = 0;
    std::optional<std::map<std::string, std::string>> annotations;  // OCI's; Lar tells in it where an adopted file lies
};
struct ModelManifest {
    std::uint32_t schema_version = 2;  // "schemaVersion"
    std::string media_type;            // "mediaType"
    ModelLayer config;
    std::vector<ModelLayer> layers;
};

struct ModelRootFs {
    std::string type = "layers";
    std::optional<std::vector<std::string>> diff_ids;
};
struct ModelConfig {
    std::optional<std::string> model_format;  // "gguf"
    std::optional<std::string> model_family;  // "llama"
    std::optional<std::vector<std::string>> model_families;
    std::optional<std::string> model_type;                          // "1.2B"
    std::optional<std::string> file_type;                           // "Q4_K_M"
    std::optional<std::string> renderer, parser, requires_version;  // "requires"
    std::optional<std::string> remote_host, remote_model;           // a model that is computed elsewhere
    std::optional<std::string> architecture, os;
    std::optional<ModelRootFs> rootfs;
};

// One message of the conversation that a model begins with.
struct ModelMessage {
    std::string role;
    std::string content;
};

// What a model or a request sets; names, meaning and JSON are those of Ollama's options, and after them what
// Lar's engine knows besides. What is not set is left to whoever comes next: request, model, default.
struct ModelOptions {
    std::optional<std::int64_t> num_ctx, num_batch, num_thread, num_gpu, main_gpu;
    std::optional<bool> use_mmap, use_mlock;
    std::optional<std::int64_t> num_keep, seed, num_predict, top_k;
    std::optional<double> top_p, min_p, typical_p;
    std::optional<std::int64_t> repeat_last_n;
    std::optional<double> temperature, repeat_penalty, presence_penalty, frequency_penalty;
    std::optional<std::int64_t> mirostat;
    std::optional<double> mirostat_tau, mirostat_eta;
    std::optional<std::vector<std::string>> stop;
    std::optional<std::int64_t> min_tokens;
    std::optional<double> top_n_sigma, xtc_probability, xtc_threshold;
    std::optional<double> dynatemp_range, dynatemp_exponent;
    std::optional<double> dry_multiplier, dry_base;
    std::optional<std::int64_t> dry_allowed_length, dry_penalty_last_n;
};

// What an engine said of the file with that digest, so that none is started for what is known.
struct StoredFacts {
    std::uint32_t format = 0;
    Facts facts;
};

// The members of a JSON object in their order of names, each value as the JSON that it is.
struct JsonMember {
    std::string name;
    std::string json;
};
Result<std::vector<JsonMember>> json_members(std::string_view json);

}  // namespace lar::wire
