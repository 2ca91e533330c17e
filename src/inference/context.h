// What a model computes with: its memory of the sequences (the KV cache), its buffers and its threads.
//
// Private to this room. The memory has one stream for each sequence, so that a sequence attends only to its own
// cells, however many neighbours are remembered.
#pragma once

#include <memory>

#include "inference/graph_kernels.h"
#include "inference/library.h"
#include "inference/weights.h"

namespace lar::inference {

struct ContextOptions {
    std::uint32_t context_tokens = 0;  // of one sequence; 0: what the model was trained for
    std::uint32_t sequences = 1;
    std::uint32_t batch_tokens = 512;
    std::uint32_t threads = 1;
    wire::KvType kv_type = wire::KvType::f16;
    std::optional<bool> flash_attention;
};

struct Context {
    std::unique_ptr<GraphKernels> kernels;  // none: all is ggml's; the handle refers to it
    ContextHandle handle;
    std::uint32_t context_tokens = 0;
    std::uint32_t batch_tokens = 0;
    std::uint32_t sequences = 0;
    bool flash_attention = false;
    std::uint64_t kv_bytes = 0, compute_bytes = 0;
    std::string pooling;
};

Result<Context> make_text_context(const Weights& weights, const ContextOptions& options);
// Inputs share one window, each in one piece; `pooling` is the model's, or the last token's where it names none.
Result<Context> make_vector_context(const Weights& weights, const ContextOptions& options);

}  // namespace lar::inference
