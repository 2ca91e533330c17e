#include "inference/product_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <utility>

namespace lar::inference {
namespace {

// Functions, and not the file: what else this file instantiates must run on any processor.
#define LAR_BYTES __attribute__((target("f16c,fma,avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define LAR_BYTES_INLINE LAR_BYTES __attribute__((always_inline)) inline

constexpr std::size_t shares_a_thread = 4;               // at least, of many rows: threads are not equally fast
constexpr std::size_t least_rows = 16, most_rows = 256;  // of a share
constexpr std::size_t line = 64;
constexpr std::size_t bytes_fetched_ahead = 4096;  // that are fetched before they are wanted
constexpr float largest_byte = 127;

LAR_BYTES_INLINE float half_from(const std::byte* from) {
    std::uint16_t bits;
    std::memcpy(&bits, from, sizeof(bits));
    return _cvtsh_ss(bits);
}
LAR_BYTES_INLINE void fetch(const std::byte* from, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += line)
        _mm_prefetch(reinterpret_cast<const char*>(from) + bytes_fetched_ahead + at, _MM_HINT_T1);
}
LAR_BYTES_INLINE __m256i load_bytes32(const std::byte* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
LAR_BYTES_INLINE __m512i load64(const void* from) { return _mm512_loadu_si512(from); }
// Sums of four products of neighbours, unsigned times signed.
LAR_BYTES_INLINE __m512i dot4(__m512i weights, __m512i numbers) {
    return _mm512_dpbusd_epi32(_mm512_setzero_si512(), weights, numbers);
}

// The number that becomes 127.
LAR_BYTES float scale_of(const float* numbers, std::size_t count) {
    __m512 most = _mm512_setzero_ps();
    for (std::size_t i = 0; i < count; i += 16) most = _mm512_max_ps(most, _mm512_abs_ps(_mm512_loadu_ps(numbers + i)));
    return _mm512_reduce_max_ps(most) / largest_byte;
}
// 16 numbers as bytes, and their sum.
LAR_BYTES_INLINE std::int32_t round_16(const float* numbers, float inverse, std::int8_t* into) {
    const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(numbers), _mm512_set1_ps(inverse)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into), _mm512_cvtsepi32_epi8(whole));
    return _mm512_reduce_add_epi32(whole);
}

// --- Q8_0: blocks of 32 with a scale each. ggml: half scale; int8 values[32] ---

constexpr std::size_t q8_block = 32, q8_bytes = 34, q8_blocks = 16;

// 512 numbers, as bytes, with a scale for each 32.
struct alignas(line) ByteGroup {
    std::int8_t values[q8_blocks * q8_block] = {};
    float scales[q8_blocks] = {};
    float offsets[q8_blocks] = {};  // what is too much when 128 is added to each weight
};

LAR_BYTES void round_to_groups(const float* numbers, std::size_t depth, ByteGroup* into) {
    for (std::size_t block = 0; block < depth / q8_block; ++block, numbers += q8_block) {
        ByteGroup& group = into[block / q8_blocks];
        const std::size_t at = block % q8_blocks;
        if (at == 0) group = {};
        const float scale = scale_of(numbers, q8_block), inverse = scale > 0 ? 1 / scale : 0;
        std::int8_t* const values = group.values + at * q8_block;
        const std::int32_t sum = round_16(numbers, inverse, values) + round_16(numbers + 16, inverse, values + 16);
        group.scales[at] = scale;
        group.offsets[at] = -128.0F * static_cast<float>(sum);
    }
}

template <std::size_t count>
LAR_BYTES void rows_of_q8_0(const Product& p, std::size_t first, std::size_t last, const ByteGroup* vectors) {
    const std::size_t blocks = p.depth / q8_block, groups = (blocks + q8_blocks - 1) / q8_blocks;
    const __m512i places = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                              _mm512_set1_epi32(q8_bytes));
    const __m512i pair = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    const __m512i sign = _mm512_set1_epi8(-128);
    for (std::size_t row = first; row < last; ++row) {
        const std::byte* weights = p.weights + row * p.weights_step;
        __m512 sums[count], others[count];
        for (std::size_t v = 0; v < count; ++v) sums[v] = others[v] = _mm512_setzero_ps();
        for (std::size_t g = 0; g < groups; ++g, weights += q8_blocks * q8_bytes) {
            const std::size_t here = std::min(q8_blocks, blocks - g * q8_blocks);
            fetch(weights, q8_blocks * q8_bytes);
            // Four bytes are read for each scale; the two behind it are weights.
            const __m512i halves = _mm512_mask_i32gather_epi32(
                _mm512_setzero_si512(), static_cast<__mmask16>((1U << here) - 1), places, weights, 1);
            const __m512 scales = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(halves));
            __m512 products[count];
            for (std::size_t v = 0; v < count; ++v) {
                const ByteGroup& vector = vectors[v * groups + g];
                products[v] = _mm512_mul_ps(scales, _mm512_load_ps(vector.scales));
                others[v] = _mm512_fmadd_ps(products[v], _mm512_load_ps(vector.offsets), others[v]);
            }
            __m512i which = pair;
            for (std::size_t block = 0; block < here; block += 2) {
                const std::byte* const at = weights + block * q8_bytes + 2;
                __m512i bytes = _mm512_castsi256_si512(load_bytes32(at));
                // The last block may stand alone. Its neighbour's numbers are zeros then.
                if (block + 1 < here) bytes = _mm512_inserti64x4(bytes, load_bytes32(at + q8_bytes), 1);
                bytes = _mm512_xor_si512(bytes, sign);
                for (std::size_t v = 0; v < count; ++v) {
                    const __m512i dots = dot4(bytes, load64(vectors[v * groups + g].values + block * q8_block));
                    sums[v] =
                        _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots), _mm512_permutexvar_ps(which, products[v]), sums[v]);
                }
                which = _mm512_add_epi32(which, _mm512_set1_epi32(2));
            }
        }
        for (std::size_t v = 0; v < count; ++v)
            reinterpret_cast<float*>(p.out + v * p.out_step)[row] =
                _mm512_reduce_add_ps(_mm512_add_ps(sums[v], others[v]));
    }
}

// --- Blocks of 256 whose parts have whole numbers as scales ---

constexpr std::size_t wide_block = 256, wide_part = 16, wide_parts = wide_block / wide_part;

// 256 numbers, as bytes.
struct alignas(line) ByteBlock {
    std::int8_t values[wide_block] = {};
    std::int16_t sums[wide_parts] = {};  // of each part that has a scale; zeros behind them
    float scale = 0;
};

// `crossed`: of each four 32s the third comes before the second, as where one register holds the lower halves of all
// bytes and the next the upper ones. Parts of `part` numbers are summed.
LAR_BYTES void round_to_blocks(const float* numbers, std::size_t depth, bool crossed, std::size_t part,
                               ByteBlock* into) {
    constexpr std::size_t piece = 32, straight_order[] = {0, 1, 2, 3}, crossed_order[] = {0, 2, 1, 3};
    const std::size_t* const order = crossed ? crossed_order : straight_order;
    for (std::size_t d = 0; d < depth; d += wide_block, numbers += wide_block, ++into) {
        *into = {};
        into->scale = scale_of(numbers, wide_block);
        const float inverse = into->scale > 0 ? 1 / into->scale : 0;
        for (std::size_t at = 0; at < wide_block; at += 16) {
            const std::size_t place = at / (4 * piece) * 4 * piece + order[at / piece % 4] * piece + at % piece;
            const std::int32_t sum = round_16(numbers + at, inverse, into->values + place);
            into->sums[at / part] = static_cast<std::int16_t>(into->sums[at / part] + sum);
        }
    }
}

// acc + each sum of four (which fits 16 bits, its sign above) times the scale in the lower half of its place.
LAR_BYTES_INLINE __m512i add_scaled(__m512i acc, __m512i dots, __m512i scales) {
    return _mm512_dpwssd_epi32(acc, dots, scales);
}
// The same for half a block: 64 weights and another 64, with their scales.
LAR_BYTES_INLINE __m512i add_half(__m512i acc, __m512i low, __m512i high, __m512i low_scales, __m512i high_scales,
                                  const std::int8_t* numbers) {
    acc = add_scaled(acc, dot4(low, load64(numbers)), low_scales);
    return add_scaled(acc, dot4(high, load64(numbers + 64)), high_scales);
}

struct PartScales {
    __m512i scales;  // 32 bits each, in the first eight
    __m128i leasts;  // 16 bits each
};
// Of Q4_K and Q5_K: 8 scales and 8 leasts of 6 bits in 12 bytes: the lower 4 of the later ones stand by themselves,
// their upper 2 above the earlier ones.
LAR_BYTES_INLINE PartScales part_scales(const std::byte* packed) {
    std::uint32_t a, b, c;
    std::memcpy(&a, packed, 4);
    std::memcpy(&b, packed + 4, 4);
    std::memcpy(&c, packed + 8, 4);
    constexpr std::uint32_t six = 0x3f3f3f3f, four = 0x0f0f0f0f, two = 0x03030303;
    const std::uint64_t early = a & six, late = (c & four) | (a >> 6 & two) << 4;
    const std::uint64_t early_least = b & six, late_least = (c >> 4 & four) | (b >> 6 & two) << 4;
    return {.scales = _mm512_castsi256_si512(
                _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(early | late << 32)))),
            .leasts = _mm_cvtepu8_epi16(_mm_cvtsi64_si128(static_cast<long long>(early_least | late_least << 32)))};
}

// Q4_K. ggml: half scale of scales, of leasts; packed scales[12]; 4-bit values[256], each 32 bytes two parts.
// Q5_K: the same, with the fifth bits of all parts in 32 bytes before the values.
template <std::size_t count, bool fifth>
LAR_BYTES void rows_of_q4_k(const Product& p, std::size_t first, std::size_t last, const ByteBlock* vectors) {
    constexpr std::size_t bytes_of_block = fifth ? 176 : 144, values_at = fifth ? 48 : 16;
    const std::size_t blocks = p.depth / wide_block;
    const __m512i lower_four = _mm512_set1_epi8(15), bit_five = _mm512_set1_epi8(16);
    const __m512i first_parts = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2);
    // Rotated by so much, the bits of parts 0 and 2 stand in the fifth place.
    const __m512i first_turn = _mm512_setr_epi32(4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2);
    for (std::size_t row = first; row < last; ++row) {
        const std::byte* weights = p.weights + row * p.weights_step;
        __m512 sums[count];
        __m128 leasts[count];
        for (std::size_t v = 0; v < count; ++v) {
            sums[v] = _mm512_setzero_ps();
            leasts[v] = _mm_setzero_ps();
        }
        for (std::size_t b = 0; b < blocks; ++b, weights += bytes_of_block) {
            fetch(weights, bytes_of_block);
            const PartScales parts = part_scales(weights + 4);
            __m512i dots[count];
            for (std::size_t v = 0; v < count; ++v) dots[v] = _mm512_setzero_si512();
            __m512i fifths{};
            if constexpr (fifth) fifths = _mm512_broadcast_i64x4(load_bytes32(weights + 16));
            for (std::size_t half = 0; half < 2; ++half) {
                const __m512i bytes = load64(weights + values_at + half * 64);
                __m512i low = _mm512_and_si512(bytes, lower_four);
                __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), lower_four);
                const __m512i low_parts = _mm512_add_epi32(first_parts, _mm512_set1_epi32(static_cast<int>(4 * half)));
                const __m512i high_parts = _mm512_add_epi32(low_parts, _mm512_set1_epi32(1));
                if constexpr (fifth) {
                    const __m512i low_turn =
                        _mm512_sub_epi32(first_turn, _mm512_set1_epi32(static_cast<int>(4 * half)));
                    const __m512i high_turn = _mm512_sub_epi32(low_turn, _mm512_set1_epi32(1));
                    low = _mm512_or_si512(low, _mm512_and_si512(_mm512_rolv_epi32(fifths, low_turn), bit_five));
                    high = _mm512_or_si512(high, _mm512_and_si512(_mm512_rolv_epi32(fifths, high_turn), bit_five));
                }
                const __m512i low_scales = _mm512_permutexvar_epi32(low_parts, parts.scales);
                const __m512i high_scales = _mm512_permutexvar_epi32(high_parts, parts.scales);
                for (std::size_t v = 0; v < count; ++v)
                    dots[v] = add_half(dots[v], low, high, low_scales, high_scales,
                                       vectors[v * blocks + b].values + half * 128);
            }
            const float scale = half_from(weights), least = half_from(weights + 2);
            for (std::size_t v = 0; v < count; ++v) {
                const ByteBlock& vector = vectors[v * blocks + b];
                sums[v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[v]), _mm512_set1_ps(scale * vector.scale), sums[v]);
                const __m128i below =
                    _mm_madd_epi16(parts.leasts, _mm_load_si128(reinterpret_cast<const __m128i*>(vector.sums)));
                leasts[v] = _mm_fmadd_ps(_mm_cvtepi32_ps(below), _mm_set1_ps(least * vector.scale), leasts[v]);
            }
        }
        for (std::size_t v = 0; v < count; ++v) {
            const __m512 below = _mm512_zextps128_ps512(leasts[v]);
            reinterpret_cast<float*>(p.out + v * p.out_step)[row] = _mm512_reduce_add_ps(_mm512_sub_ps(sums[v], below));
        }
    }
}

// Q6_K. ggml: lower 4 bits[128]; upper 2 bits[64]; int8 scales[16]; half scale of those. Values are less 32.
template <std::size_t count>
LAR_BYTES void rows_of_q6_k(const Product& p, std::size_t first, std::size_t last, const ByteBlock* vectors) {
    constexpr std::size_t bytes_of_block = 210;
    const std::size_t blocks = p.depth / wide_block;
    const __m512i lower_four = _mm512_set1_epi8(15), upper_two = _mm512_set1_epi8(0x30);
    const __m512i first_parts = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    // Rotated by so much, the bits of the lower and the upper 32 values stand in the fifth and sixth place.
    const __m512i low_turn = _mm512_setr_epi32(4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2);
    const __m512i high_turn = _mm512_sub_epi32(low_turn, _mm512_set1_epi32(4));
    for (std::size_t row = first; row < last; ++row) {
        const std::byte* weights = p.weights + row * p.weights_step;
        __m512 sums[count];
        __m256 offsets[count];
        for (std::size_t v = 0; v < count; ++v) {
            sums[v] = _mm512_setzero_ps();
            offsets[v] = _mm256_setzero_ps();
        }
        for (std::size_t b = 0; b < blocks; ++b, weights += bytes_of_block) {
            fetch(weights, bytes_of_block);
            const __m256i scales =
                _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + 192)));
            const __m512i wide_scales = _mm512_cvtepu16_epi32(scales);
            __m512i dots[count];
            for (std::size_t v = 0; v < count; ++v) dots[v] = _mm512_setzero_si512();
            for (std::size_t half = 0; half < 2; ++half) {
                const __m512i bytes = load64(weights + half * 64);
                const __m512i upper = _mm512_broadcast_i64x4(load_bytes32(weights + 128 + half * 32));
                const __m512i low = _mm512_or_si512(_mm512_and_si512(bytes, lower_four),
                                                    _mm512_and_si512(_mm512_rolv_epi32(upper, low_turn), upper_two));
                const __m512i high = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(bytes, 4), lower_four),
                                                     _mm512_and_si512(_mm512_rolv_epi32(upper, high_turn), upper_two));
                const __m512i low_parts = _mm512_add_epi32(first_parts, _mm512_set1_epi32(static_cast<int>(8 * half)));
                const __m512i high_parts = _mm512_add_epi32(low_parts, _mm512_set1_epi32(4));
                const __m512i low_scales = _mm512_permutexvar_epi32(low_parts, wide_scales);
                const __m512i high_scales = _mm512_permutexvar_epi32(high_parts, wide_scales);
                for (std::size_t v = 0; v < count; ++v)
                    dots[v] = add_half(dots[v], low, high, low_scales, high_scales,
                                       vectors[v * blocks + b].values + half * 128);
            }
            const float scale = half_from(weights + 208);
            for (std::size_t v = 0; v < count; ++v) {
                const ByteBlock& vector = vectors[v * blocks + b];
                const float both = scale * vector.scale;
                sums[v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[v]), _mm512_set1_ps(both), sums[v]);
                const __m256i above =
                    _mm256_madd_epi16(scales, _mm256_load_si256(reinterpret_cast<const __m256i*>(vector.sums)));
                offsets[v] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(above), _mm256_set1_ps(32 * both), offsets[v]);
            }
        }
        for (std::size_t v = 0; v < count; ++v) {
            const __m512 above = _mm512_zextps256_ps512(offsets[v]);
            reinterpret_cast<float*>(p.out + v * p.out_step)[row] = _mm512_reduce_add_ps(_mm512_sub_ps(sums[v], above));
        }
    }
}

// --- Which ---

using Rows = void (*)(const Product&, std::size_t first, std::size_t last, const std::byte* vectors);

template <auto rows, class Rounded>
void on_rounded(const Product& p, std::size_t first, std::size_t last, const std::byte* vectors) {
    rows(p, first, last, reinterpret_cast<const Rounded*>(vectors));
}

template <std::size_t count>
Rows rows_of(ggml_type type) {
    switch (type) {
        case GGML_TYPE_Q8_0: return on_rounded<rows_of_q8_0<count>, ByteGroup>;
        case GGML_TYPE_Q4_K: return on_rounded<rows_of_q4_k<count, false>, ByteBlock>;
        case GGML_TYPE_Q5_K: return on_rounded<rows_of_q4_k<count, true>, ByteBlock>;
        default: return on_rounded<rows_of_q6_k<count>, ByteBlock>;
    }
}
template <std::size_t... before>
Rows rows_of(ggml_type type, std::size_t count, std::index_sequence<before...>) {
    constexpr Rows (*of_count[])(ggml_type) = {rows_of<before + 1>...};
    return of_count[count - 1](type);
}

std::size_t rounded_bytes(const Product& p) {
    if (p.type == GGML_TYPE_Q8_0) return (p.depth / q8_block + q8_blocks - 1) / q8_blocks * sizeof(ByteGroup);
    return p.depth / wide_block * sizeof(ByteBlock);
}

void round_vector(const Product& p, std::size_t v, std::byte* into) {
    const auto* numbers = reinterpret_cast<const float*>(p.vector + v * p.vector_step);
    if (p.type == GGML_TYPE_Q8_0) return round_to_groups(numbers, p.depth, reinterpret_cast<ByteGroup*>(into));
    const bool six = p.type == GGML_TYPE_Q6_K;
    round_to_blocks(numbers, p.depth, !six, six ? wide_part : 2 * wide_part, reinterpret_cast<ByteBlock*>(into));
}

}  // namespace

void multiply_few(const Product& p, std::size_t threads, ProductScratch& scratch) {
    const Rows rows = rows_of(p.type, p.vectors, std::make_index_sequence<most_few_vectors>());
    const std::size_t each = rounded_bytes(p);
    std::byte* const vectors = scratch.of(p.vectors * each);
    for (std::size_t v = 0; v < p.vectors; ++v) round_vector(p, v, vectors + v * each);
    const std::size_t share = std::clamp(p.rows / (threads * shares_a_thread), least_rows, most_rows);
    std::atomic<std::size_t> next = 0;
#pragma omp parallel num_threads(static_cast<int>(threads))
    for (std::size_t first = next.fetch_add(share); first < p.rows; first = next.fetch_add(share))
        rows(p, first, std::min(first + share, p.rows), vectors);
}

}  // namespace lar::inference
#endif
