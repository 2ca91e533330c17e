// Our attention and our products in libllama's graphs.
//
// libllama asks a callback of its user about each node before it computes it (llama_context_params::cb_eval, which is
// meant for looking at results). A node that attend() or multiply() can compute is made one without an operation, so
// that ggml passes over it, and computed here when ggml has come to it. Nothing but the public interface of ggml is
// used, and whatever they cannot compute stays with ggml.
#pragma once

#include <llama.h>

#include <cstdint>

#include "inference/attention.h"
#include "inference/product.h"

namespace lar::inference {

// One per context, at one place in memory for as long as the context lives.
class GraphKernels {
public:
    struct Which {
        bool attention = false;
        bool products = false;
    };
    GraphKernels(Which which, std::uint32_t threads) : which_(which), threads_(threads) {}
    GraphKernels(const GraphKernels&) = delete;
    GraphKernels& operator=(const GraphKernels&) = delete;

    void install(llama_context_params& params);
    // To be called when libllama's computing has returned: of one that was aborted, a node may still lack its
    // operation, and libllama uses its graphs again.
    void settle();
    std::uint64_t attentions() const { return attentions_; }  // nodes computed until now
    std::uint64_t products() const { return products_; }

private:
    static bool on_node(ggml_tensor* node, bool before, void* self);
    bool take(ggml_tensor* node);
    void compute(ggml_tensor* node);

    Which which_;
    std::uint32_t threads_;
    AttentionScratch attention_scratch_;
    ProductScratch product_scratch_;
    ggml_tensor* taken_ = nullptr;
    ggml_op operation_ = GGML_OP_NONE;  // of the node taken
    std::uint64_t attentions_ = 0, products_ = 0;
};

}  // namespace lar::inference
