#include "inference/graph_kernels.h"

#include <ggml-backend.h>
#include <ggml.h>

#include <cstring>
#include <utility>

namespace lar::inference {
namespace {

// The parameters that ggml_flash_attn_ext() keeps in the node.
struct Parameters {
    float scale, bias_slope, soft_cap;
};
Parameters parameters_of(const ggml_tensor& node) {
    Parameters parameters;
    std::memcpy(&parameters, node.op_params, sizeof(parameters));
    return parameters;
}

Rows rows_of(const ggml_tensor& tensor) {
    return {.data = static_cast<const std::byte*>(tensor.data),
            .row_step = tensor.nb[1],
            .head_step = tensor.nb[2],
            .stream_step = tensor.nb[3]};
}

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

// ggml_flash_attn_ext(): query {dimensions, queries, heads, streams}, key and value {dimensions, positions, kv heads,
// streams}, mask {positions, queries or more, 1, streams or 1}, result {value dimensions, heads, queries, streams}.
Attention attention_of(const ggml_tensor& node) {
    const ggml_tensor &query = *node.src[0], &key = *node.src[1], &value = *node.src[2];
    Attention attention{.streams = size(query.ne[3]),
                        .queries = size(query.ne[1]),
                        .positions = size(key.ne[1]),
                        .heads = size(query.ne[2]),
                        .kv_heads = size(key.ne[2]),
                        .key_dimensions = size(key.ne[0]),
                        .value_dimensions = size(value.ne[0]),
                        .query = rows_of(query),
                        .key = rows_of(key),
                        .value = rows_of(value),
                        .scale = parameters_of(node).scale,
                        .out = static_cast<float*>(node.data)};
    if (const ggml_tensor* mask = node.src[3]) {
        attention.mask = rows_of(*mask);
        if (mask->ne[3] == 1) attention.mask.stream_step = 0;
    }
    return attention;
}

bool can_attend_to(const ggml_tensor& node) {
    if (node.type != GGML_TYPE_F32 || !ggml_is_contiguous(&node)) return false;
    const ggml_tensor *query = node.src[0], *key = node.src[1], *value = node.src[2], *mask = node.src[3];
    const bool sinks = node.src[4] != nullptr;
    const Parameters parameters = parameters_of(node);
    if (sinks || parameters.bias_slope != 0 || parameters.soft_cap != 0) return false;
    if (query->type != GGML_TYPE_F32 || key->type != GGML_TYPE_F16 || value->type != GGML_TYPE_F16) return false;
    if (query->nb[0] != sizeof(float) || key->nb[0] != sizeof(ggml_fp16_t) || value->nb[0] != sizeof(ggml_fp16_t))
        return false;
    if (key->ne[3] != query->ne[3] || value->ne[2] != key->ne[2] || value->ne[3] != query->ne[3]) return false;
    if (mask != nullptr &&
        (mask->type != GGML_TYPE_F16 || mask->nb[0] != sizeof(ggml_fp16_t) || mask->ne[0] < key->ne[1] ||
         mask->ne[1] < query->ne[1] || mask->ne[2] != 1 || (mask->ne[3] != 1 && mask->ne[3] != query->ne[3])))
        return false;
    return can_attend(attention_of(node));
}

// Whether the vectors of all further dimensions lie one step apart.
bool in_one_row(const ggml_tensor& tensor) {
    return (tensor.ne[2] == 1 || tensor.nb[2] == tensor.nb[1] * size(tensor.ne[1])) &&
           (tensor.ne[3] == 1 || tensor.nb[3] == tensor.nb[2] * size(tensor.ne[2]));
}

// ggml_mul_mat(): weights {depth, rows}, vectors {depth, vectors, ...}, result {rows, vectors, ...}.
bool can_multiply_in(const ggml_tensor& node) {
    const ggml_tensor &weights = *node.src[0], &vectors = *node.src[1];
    if (!can_multiply(weights.type) || vectors.type != GGML_TYPE_F32 || node.type != GGML_TYPE_F32) return false;
    if (ggml_nelements(&vectors) == 0 || node.op_params[0] != GGML_PREC_DEFAULT) return false;
    if (weights.ne[2] != 1 || weights.ne[3] != 1 || !in_one_row(vectors) || !in_one_row(node)) return false;
    if (weights.nb[0] != ggml_type_size(weights.type) || vectors.nb[0] != sizeof(float) || node.nb[0] != sizeof(float))
        return false;
    // What is packed for the processor lies otherwise than its type says.
    const ggml_backend_buffer_t buffer = weights.view_src != nullptr ? weights.view_src->buffer : weights.buffer;
    return buffer != nullptr && ggml_backend_buffer_is_host(buffer);
}

Product product_of(const ggml_tensor& node) {
    const ggml_tensor &weights = *node.src[0], &vectors = *node.src[1];
    return {.type = weights.type,
            .rows = size(weights.ne[1]),
            .depth = size(weights.ne[0]),
            .vectors = size(ggml_nrows(&vectors)),
            .weights = static_cast<const std::byte*>(weights.data),
            .weights_step = weights.nb[1],
            .vector = static_cast<const std::byte*>(vectors.data),
            .vector_step = vectors.nb[1],
            .out = static_cast<std::byte*>(node.data),
            .out_step = node.nb[1]};
}

}  // namespace

void GraphKernels::install(llama_context_params& params) {
    params.cb_eval = &GraphKernels::on_node;
    params.cb_eval_user_data = this;
}

void GraphKernels::settle() {
    if (taken_ != nullptr) taken_->op = operation_;
    taken_ = nullptr;
}

// `before`: whether we want to be called again when all until this node are computed. Else they are, and true goes on.
bool GraphKernels::on_node(ggml_tensor* node, bool before, void* self) {
    auto& kernels = *static_cast<GraphKernels*>(self);
    if (before) return kernels.take(node);
    kernels.compute(node);
    return true;
}

bool GraphKernels::take(ggml_tensor* node) {
    const bool ours = (which_.attention && node->op == GGML_OP_FLASH_ATTN_EXT && can_attend_to(*node)) ||
                      (which_.products && node->op == GGML_OP_MUL_MAT && can_multiply_in(*node));
    if (!ours) return false;
    taken_ = node;
    operation_ = std::exchange(node->op, GGML_OP_NONE);
    return true;
}

void GraphKernels::compute(ggml_tensor* node) {
    settle();
    if (node->op == GGML_OP_MUL_MAT) {
        multiply(product_of(*node), threads_, product_scratch_);
        ++products_;
    } else {
        attend(attention_of(*node), threads_, attention_scratch_);
        ++attentions_;
    }
}

}  // namespace lar::inference
