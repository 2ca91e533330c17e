// Whether a model fits into memory, by arithmetic that can be shown:
//
//     weights                the files' sizes
//   + window                 layers × KV heads × (key + value length) × bytes of a number × tokens × sequences
//   + computing              a step's vectors and its mask over the window; where vectors are made without flash
//   attention
//                            also its scores for every head
//   + the program
//
// The engine that does the computing is lar-engine: flash attention keeps no scores, and the vocabulary's chances are
// computed of one token a sequence. bench/memory.py compares this with what it comes to. Models that forget, or share
// layers, need less than this says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "models/memory.h"
#include "wire/engine.h"

namespace lar::models {

inline constexpr std::uint32_t default_window_tokens = 8192;  // of a model that says nothing, when it fits
inline constexpr std::uint32_t least_window_tokens = 2048;    // below, a default is no use to anybody
inline constexpr std::uint32_t vector_window_tokens = 8192;   // at most, of a model that gives vectors

enum class Output { text, vectors };

struct Shape {
    std::uint32_t window_tokens = 0;  // of one sequence
    std::uint32_t sequences = 1;
    std::uint32_t batch_tokens = 512;
    wire::KvType kv_type = wire::KvType::f16;
    Output output = Output::text;
};

struct Need {
    std::uint64_t weights_bytes = 0, window_bytes = 0, computing_bytes = 0, program_bytes = 0;
    std::uint64_t total_bytes() const { return weights_bytes + window_bytes + computing_bytes + program_bytes; }
};
Need need_of(const wire::Facts& facts, std::uint64_t weights_bytes, const Shape& shape);

// What the model was trained for; for vectors, no more than is computed in one step.
std::uint32_t most_window(const wire::Facts& facts, Output output);

// The largest window, in steps of 256 and at most what the model was trained for, with which it fits; 0: none.
std::uint32_t largest_window(const wire::Facts& facts, std::uint64_t weights_bytes, Shape shape,
                             std::uint64_t free_bytes);

// How a model is to be loaded. A window that somebody asked for is kept (up to what the model was trained for) or
// refused; otherwise it is the default, or as much of it as fits. There are as many sequences as wished while their
// windows take no more than a quarter of what is free, and one at least.
struct Wish {
    std::optional<std::uint32_t> window_tokens;
    std::uint32_t sequences = 1;
    std::uint32_t batch_tokens = 512;
    wire::KvType kv_type = wire::KvType::f16;
    Output output = Output::text;
};
struct Plan {
    Shape shape;
    Need need;
};
// unavailable, with the arithmetic and what would help, when it does not fit.
Result<Plan> plan(std::string_view name, const wire::Facts& facts, std::uint64_t weights_bytes, const Wish& wish,
                  const Memory& memory);

// What to tell who has no model: the size that fits this machine, and how to get one in.
std::string which_model_fits(const Memory& memory);

}  // namespace lar::models
