// The two ways of multiply(). Private to it.
#pragma once

#include "inference/product.h"

namespace lar::inference {

// Up to so many, reading the weights is most of the work.
inline constexpr std::size_t most_few_vectors = 8;

// Vectors are rounded to bytes, as ggml does, and multiplied with the integers of the weights.
void multiply_few(const Product& product, std::size_t threads, ProductScratch& scratch);
// Weights and vectors become bfloat16, and are multiplied by tiles.
void multiply_many(const Product& product, std::size_t threads, ProductScratch& scratch);

}  // namespace lar::inference
