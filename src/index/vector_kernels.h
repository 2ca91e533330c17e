// The two loops that all of vector search's time goes into, for whatever instructions the processor has (Highway,
// chosen when the program runs). What the numbers mean is said in vector_segment.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lar::index {

inline constexpr std::size_t rows_in_block = 32;
inline constexpr std::size_t dimensions_in_group = 4;

// One block of codes: for each group of four dimensions 16 bytes, byte j with the signs of row j in its low half and of
// row j + 16 in its high one; then for each of the 32 rows a scale, then for each an offset, as float.
constexpr std::size_t block_bytes(std::size_t padded_dimensions) {
    return padded_dimensions / dimensions_in_group * 16 + rows_in_block * 2 * sizeof(float);
}

// A query as the first pass wants it: for each group what each of its 16 patterns of signs adds, in steps.
struct ScanQuery {
    std::span<const std::uint8_t> table;  // 16 for each group, aligned to 64; all maxima together fit 16 bits
    float step = 0, base = 0;             // a sum of steps s stands for base + step * s
};

// For each row of `blocks` blocks its estimate, offset + scale * (base + step * sum), and for each block a mask of the
// rows whose estimate is above the threshold.
void scan_codes(const std::uint8_t* codes, std::size_t blocks, const ScanQuery& query, float threshold,
                float* estimates, std::uint32_t* above);

// The sum of the products. `query` must be small enough that no sum leaves 32 bits.
std::int32_t dot_bytes(const std::int8_t* row, std::span<const std::int16_t> query);

// The instructions that are used here: "AVX2".
const char* kernel_target();

}  // namespace lar::index
