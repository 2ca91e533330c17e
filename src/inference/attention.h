// Attention of few or many queries over a cache of half-precision keys and values, on the processor.
//
// ggml's flash attention takes 64 queries or more at once quickly, and fewer one after the other, each converting every
// key and value anew. A turn of a conversation has some thirty, an answer one. Here the queries of all heads that share
// a head of keys are rows of one matrix: a key is converted once for all of them, and what is added up is in single
// precision. The softmax is computed as the keys come by (Milakov and Gimelshein, "Online normalizer calculation for
// softmax", 2018; Dao et al., "FlashAttention", 2022).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lar::inference {

// Rows of `dimensions` numbers that follow each other; the steps are in bytes.
struct Rows {
    const std::byte* data = nullptr;
    std::size_t row_step = 0, head_step = 0, stream_step = 0;
};

// out[stream][query][head] = sum over positions of softmax(scale * query . key + mask) * value.
//
// Head h of the queries attends to head h / (heads / kv_heads) of the keys. A query whose mask shuts out every position
// gets zeros.
struct Attention {
    std::size_t streams = 1, queries = 0, positions = 0, heads = 0, kv_heads = 0;
    std::size_t key_dimensions = 0, value_dimensions = 0;
    Rows query;       // float
    Rows key, value;  // half precision (IEEE 754 binary16), a row for each position
    Rows mask;        // half precision, a row of `positions` for each query, the same for all heads; no data: no mask
    float scale = 1;
    float* out = nullptr;  // contiguous
};

// Whether attend() can compute this: the dimensions are multiples of 16 and not too many.
bool can_attend(const Attention& attention);

// What threads work in; kept by the caller, so that it is not allocated for each layer.
using AttentionScratch = std::vector<float>;

// Computes on `threads` threads of OpenMP, as ggml does.
void attend(const Attention& attention, std::size_t threads, AttentionScratch& scratch);

}  // namespace lar::inference
