// What a GGUF file says of itself, as lard's catalogue wants to know it. The format: ggml's docs/gguf.md.
//
// The file is foreign: it is read through ggml's own reader from a descriptor, after the lock-down, with at most
// limit_header_bytes of it looked at and everything told cut to wire's limits. corrupt when it is no GGUF file or
// lies about itself. Weights are not read.
#pragma once

#include <ggml.h>

#include <cstdint>
#include <set>

#include "base/result.h"
#include "wire/engine.h"

namespace lar::inference {

inline constexpr std::uint64_t limit_header_bytes = 512ULL * 1024 * 1024;

Result<wire::Facts> read_facts(int file, const wire::ReadFacts& request);

// How the weights are kept.
struct MatrixFormats {
    std::set<ggml_type> quantized;
    bool stacked = false;  // some of those are several matrices in one, as those of experts are
};
Result<MatrixFormats> read_matrix_formats(int file);

}  // namespace lar::inference
