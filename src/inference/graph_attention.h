// Our attention in libllama's graphs.
//
// libllama asks a callback of its user about each node before it computes it (llama_context_params::cb_eval, which is
// meant for looking at results). A node of flash attention that attend() can compute is made one without an operation,
// so that ggml passes over it, and computed here when ggml has come to it. Nothing but the public interface of ggml is
// used, and whatever attend() cannot compute stays with ggml.
#pragma once

#include <llama.h>

#include <cstdint>

#include "inference/attention.h"

namespace lar::inference {

// One per context, at one place in memory for as long as the context lives.
class GraphAttention {
public:
    explicit GraphAttention(std::uint32_t threads) : threads_(threads) {}
    GraphAttention(const GraphAttention&) = delete;
    GraphAttention& operator=(const GraphAttention&) = delete;

    void install(llama_context_params& params);
    // To be called when libllama's computing has returned: of one that was aborted, a node may still lack its
    // operation, and libllama uses its graphs again.
    void settle();
    std::uint64_t computed() const { return computed_; }  // nodes, until now

private:
    static bool on_node(ggml_tensor* node, bool before, void* self);
    bool take(ggml_tensor* node);
    void compute(ggml_tensor* node);

    std::uint32_t threads_;
    AttentionScratch scratch_;
    ggml_tensor* taken_ = nullptr;
    std::uint64_t computed_ = 0;
};

}  // namespace lar::inference
