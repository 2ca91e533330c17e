// Models of a few hundred kilobytes for tests: real GGUF files of real architectures, with weights from a fixed seed,
// so that no test needs a foreign file. What they say is noise, but the same noise each time.
//
// Their vocabulary is bytes, a few words and the special tokens that engines look for, so that any text can be said and
// what the noise says is often no UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"

namespace lar::testing_support {

enum class Architecture {
    llama,      // attention over everything before
    gemma3,     // attention over a sliding window in most layers
    mamba,      // recurrent: its memory cannot be rolled back
    bert,       // embeddings, not causal
    bert_rank,  // scores
};

struct TinyModel {
    Architecture architecture = Architecture::llama;
    std::uint32_t seed = 1;
    std::uint32_t context_tokens = 256;
    std::uint32_t parts = 1;
    std::string chat_template;
    bool quantized = false;  // its matrices as Q8_0
};

// Number 1 to 3 of the vocabulary: unknown, beginning, end; the 256 bytes follow.
inline constexpr std::int32_t token_of_byte_0 = 3;

// The paths of its parts, in order, beneath `folder`.
std::vector<std::filesystem::path> write_tiny_model(const std::filesystem::path& folder, const TinyModel& model);

// A LoRA for the tiny llama, strong enough to change what it says.
std::filesystem::path write_tiny_adapter(const std::filesystem::path& folder);

// A file of ../shared/models (or of models/ in $LAR_SHARED), or an empty path where it is not.
std::filesystem::path shared_model(const std::string& name);

}  // namespace lar::testing_support
