// Products of a quantized matrix with vectors, on processors that multiply tiles (Intel AMX).
//
// ggml multiplies the integers of the weights with vectors that it rounds to integers, and scales each block of 32
// anew; for that it keeps the weights in a layout of its own, which for Q8_0 is an eighth larger than the file. Here
// they stay as the file has them, mapped. For many vectors, some rows of weights at a time become bfloat16 in the
// second cache and are multiplied by tiles with vectors in bfloat16; sums are in single precision and scaled by nobody.
// For few, vectors become bytes as with ggml, and the time is that of reading the weights (docs/decisions/0016).
//
// Formats of blocks: ggml's (the specification is in llama.cpp, gguf-py/gguf/quants.py). Tiles: Intel 64 and IA-32
// Architectures Software Developer's Manual, volume 1, chapter 18.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <vector>

namespace lar::inference {

// out[v][row] = sum over d of weights[row][d] * vectors[v][d]. Steps are in bytes; numbers of a row follow each other.
struct Product {
    ggml_type type = GGML_TYPE_Q8_0;  // of the weights
    std::size_t rows = 0, depth = 0, vectors = 0;
    const std::byte* weights = nullptr;
    std::size_t weights_step = 0;
    const std::byte* vector = nullptr;  // float
    std::size_t vector_step = 0;
    std::byte* out = nullptr;  // float
    std::size_t out_step = 0;
};

// Whether this processor has such tiles and the kernel lets this process use them. The first call asks for them; under
// a filter of system calls that allows it, or before.
bool has_tiles();

// Whether multiply() knows the format; it also wants has_tiles().
bool can_multiply(ggml_type type);

// What threads work in; kept by the caller, so that it is not allocated for each product.
class ProductScratch {
public:
    std::byte* of(std::size_t bytes);  // aligned to cache lines; what was in it is lost

private:
    std::vector<std::byte> memory_;
};

// Computes on `threads` threads of OpenMP, as ggml does.
void multiply(const Product& product, std::size_t threads, ProductScratch& scratch);

}  // namespace lar::inference
