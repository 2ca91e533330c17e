#include "inference/product_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace lar::inference {
namespace {

// Functions, and not the file: what else this file instantiates must run on any processor.
#define LAR_TILES __attribute__((target("f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16")))
#define LAR_TILES_INLINE LAR_TILES __attribute__((always_inline)) inline

using BFloat = std::uint16_t;

constexpr std::size_t side = 16;        // rows of a tile, and numbers in single precision in one of them
constexpr std::size_t tile_depth = 32;  // numbers in bfloat16 in a row of a tile
constexpr std::size_t tile_numbers = side * tile_depth;
constexpr std::size_t tile_sums = side * side;
constexpr std::size_t tile_row_bytes = 64;
constexpr std::size_t cache_line = 64;
constexpr std::size_t bytes_ahead = 4096;  // of weights, that are fetched before they are wanted
constexpr std::size_t pass_depth = 2048;   // of weights that are in the second cache at once
constexpr std::size_t pass_vectors = 512;
constexpr std::size_t most_panel_rows = 256;
constexpr std::size_t least_panel_rows = 2 * side;
constexpr std::size_t panels_a_thread = 4;  // at least: threads are not equally fast

// --- Reading weights ---

// `depth` weights of a row, as bfloat16: 32 in each tile, which follow each other a tile apart.
using ReadRow = void (*)(const std::byte* row, std::size_t depth, BFloat* into);

LAR_TILES_INLINE float half_at(const std::byte* from) {
    std::uint16_t bits;
    std::memcpy(&bits, from, sizeof(bits));
    return _cvtsh_ss(bits);
}
LAR_TILES_INLINE std::uint8_t byte_at(const std::byte* from) { return static_cast<std::uint8_t>(*from); }

LAR_TILES_INLINE __m128i load16(const std::byte* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
LAR_TILES_INLINE __m256i load32(const std::byte* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

LAR_TILES_INLINE void store(BFloat* into, __m512 first, __m512 second) {
    _mm512_store_si512(into, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first)));
}
LAR_TILES_INLINE __m512 count_up() { return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
// What each value of 4 bits stands for.
LAR_TILES_INLINE __m512i table_of(__m512 values) {
    return _mm512_castsi256_si512(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values)));
}
LAR_TILES_INLINE void look_up(BFloat* into, __m512i table, __m256i values) {
    _mm512_store_si512(into, _mm512_permutexvar_epi16(_mm512_cvtepu8_epi16(values), table));
}
LAR_TILES_INLINE __m256i low_four(__m256i bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }
LAR_TILES_INLINE __m256i high_four(__m256i bytes) { return low_four(_mm256_srli_epi16(bytes, 4)); }

// half scale; int8 values[32]
LAR_TILES void read_q8_0(const std::byte* row, std::size_t depth, BFloat* into) {
    constexpr std::size_t block = 34;
    for (std::size_t d = 0; d < depth; d += 32, row += block, into += tile_numbers) {
        const __m512 scale = _mm512_set1_ps(half_at(row));
        const __m512 first = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load16(row + 2)));
        const __m512 second = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load16(row + 18)));
        store(into, _mm512_mul_ps(first, scale), _mm512_mul_ps(second, scale));
    }
}

struct PartScale {
    float step, least;
};
// Of Q4_K and Q5_K: 8 scales and 8 leasts of 6 bits in 12 bytes.
LAR_TILES_INLINE PartScale part_scale(const std::byte* packed, std::size_t part, float step, float least) {
    unsigned scale = 0, below = 0;
    if (part < 4) {
        scale = byte_at(packed + part) & 63U;
        below = byte_at(packed + part + 4) & 63U;
    } else {
        scale = (byte_at(packed + part + 4) & 15U) | byte_at(packed + part - 4) >> 6U << 4U;
        below = byte_at(packed + part + 4) >> 4U | byte_at(packed + part) >> 6U << 4U;
    }
    return {step * static_cast<float>(scale), -least * static_cast<float>(below)};
}

// half scale of scales, of leasts; packed scales[12]; 4-bit values[256], each 32 bytes hold two parts
LAR_TILES void read_q4_k(const std::byte* row, std::size_t depth, BFloat* into) {
    constexpr std::size_t block = 144;
    for (std::size_t d = 0; d < depth; d += 256, row += block) {
        const float scale = half_at(row), least = half_at(row + 2);
        for (std::size_t part = 0; part < 8; part += 2, into += 2 * tile_numbers) {
            const PartScale low = part_scale(row + 4, part, scale, least);
            const PartScale high = part_scale(row + 4, part + 1, scale, least);
            const __m256i bytes = load32(row + 16 + 16 * part);
            const __m512 lows = _mm512_fmadd_ps(count_up(), _mm512_set1_ps(low.step), _mm512_set1_ps(low.least));
            const __m512 highs = _mm512_fmadd_ps(count_up(), _mm512_set1_ps(high.step), _mm512_set1_ps(high.least));
            look_up(into, table_of(lows), low_four(bytes));
            look_up(into + tile_numbers, table_of(highs), high_four(bytes));
        }
    }
}

// What each value of 5 bits stands for.
LAR_TILES_INLINE __m512i table_of_32(PartScale scale) {
    const __m512 step = _mm512_set1_ps(scale.step), least = _mm512_set1_ps(scale.least);
    const __m512 upper = _mm512_add_ps(count_up(), _mm512_set1_ps(16));
    return reinterpret_cast<__m512i>(
        _mm512_cvtne2ps_pbh(_mm512_fmadd_ps(upper, step, least), _mm512_fmadd_ps(count_up(), step, least)));
}
// The fifth bit of a part, in its place.
LAR_TILES_INLINE __m256i fifth(__m256i bits, std::size_t part) {
    const __m256i set =
        _mm256_and_si256(_mm256_srl_epi16(bits, _mm_cvtsi64_si128(static_cast<long long>(part))), _mm256_set1_epi8(1));
    return _mm256_slli_epi16(set, 4);
}

// As Q4_K, with the fifth bits of all parts in 32 bytes before the values
LAR_TILES void read_q5_k(const std::byte* row, std::size_t depth, BFloat* into) {
    constexpr std::size_t block = 176;
    for (std::size_t d = 0; d < depth; d += 256, row += block) {
        const float scale = half_at(row), least = half_at(row + 2);
        const __m256i bits = load32(row + 16);
        for (std::size_t part = 0; part < 8; part += 2, into += 2 * tile_numbers) {
            const __m256i bytes = load32(row + 48 + 16 * part);
            look_up(into, table_of_32(part_scale(row + 4, part, scale, least)),
                    _mm256_or_si256(low_four(bytes), fifth(bits, part)));
            look_up(into + tile_numbers, table_of_32(part_scale(row + 4, part + 1, scale, least)),
                    _mm256_or_si256(high_four(bytes), fifth(bits, part + 1)));
        }
    }
}

LAR_TILES_INLINE void store_scaled(BFloat* into, __m256i values, float first_scale, float second_scale) {
    const __m512 first = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(values)));
    const __m512 second = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(values, 1)));
    store(into, _mm512_mul_ps(first, _mm512_set1_ps(first_scale)), _mm512_mul_ps(second, _mm512_set1_ps(second_scale)));
}

// lower 4 bits[128]; upper 2 bits[64]; int8 scales[16]; half scale of those. Values are less 32.
LAR_TILES void read_q6_k(const std::byte* row, std::size_t depth, BFloat* into) {
    constexpr std::size_t block = 210;
    for (std::size_t d = 0; d < depth; d += 256, row += block) {
        const float scale = half_at(row + 208);
        for (std::size_t half = 0; half < 2; ++half) {
            const __m256i upper = load32(row + 128 + 32 * half);
            const std::byte* scales = row + 192 + 8 * half;
            for (std::size_t part = 0; part < 4; ++part, into += tile_numbers) {
                const __m256i bytes = load32(row + 64 * half + 32 * (part % 2));
                const __m256i lower = part < 2 ? low_four(bytes) : high_four(bytes);
                const __m256i two = _mm256_and_si256(
                    _mm256_srl_epi16(upper, _mm_cvtsi64_si128(static_cast<long long>(2 * part))), _mm256_set1_epi8(3));
                const __m256i values =
                    _mm256_sub_epi8(_mm256_or_si256(lower, _mm256_slli_epi16(two, 4)), _mm256_set1_epi8(32));
                store_scaled(into, values, scale * static_cast<std::int8_t>(scales[2 * part]),
                             scale * static_cast<std::int8_t>(scales[2 * part + 1]));
            }
        }
    }
}

ReadRow reader_of(ggml_type type) {
    switch (type) {
        case GGML_TYPE_Q8_0: return read_q8_0;
        case GGML_TYPE_Q4_K: return read_q4_k;
        case GGML_TYPE_Q5_K: return read_q5_k;
        case GGML_TYPE_Q6_K: return read_q6_k;
        default: return nullptr;
    }
}

// --- Multiplying ---

// Rows that lie a tile apart become columns that follow each other.
LAR_TILES_INLINE void turn(__m512 (&row)[side]) {
    __m512 half[side];
    for (std::size_t i = 0; i < side; i += 2) {
        half[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        half[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
    for (std::size_t i = 0; i < side; i += 4)
        for (std::size_t j = 0; j < 2; ++j) {
            const __m512d low = _mm512_castps_pd(half[i + j]), high = _mm512_castps_pd(half[i + j + 2]);
            row[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            row[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < side; j += 8) {
            half[i + j] = _mm512_shuffle_f32x4(row[i + j], row[i + j + 4], 0x88);
            half[i + j + 4] = _mm512_shuffle_f32x4(row[i + j], row[i + j + 4], 0xdd);
        }
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 8; j += 4) {
            row[i + j] = _mm512_shuffle_f32x4(half[i + j], half[i + j + 8], 0x88);
            row[i + j + 8] = _mm512_shuffle_f32x4(half[i + j], half[i + j + 8], 0xdd);
        }
}

// The vectors in tiles: [16 vectors][32 numbers of depth][pair of numbers][vector], as the second factor must lie.
LAR_TILES void pack_vectors(const Product& p, std::size_t first, BFloat* into) {
    const std::size_t count = std::min(side, p.vectors - first);
    for (std::size_t d = 0; d < p.depth; d += tile_depth, into += tile_numbers) {
        __m512 pairs[side];
        for (std::size_t v = 0; v < side; ++v) {
            pairs[v] = _mm512_setzero_ps();
            if (v >= count) continue;
            const auto* numbers = reinterpret_cast<const float*>(p.vector + (first + v) * p.vector_step) + d;
            pairs[v] = reinterpret_cast<__m512>(
                _mm512_cvtne2ps_pbh(_mm512_loadu_ps(numbers + side), _mm512_loadu_ps(numbers)));
        }
        turn(pairs);
        for (std::size_t pair = 0; pair < side; ++pair)
            _mm512_store_ps(reinterpret_cast<float*>(into + pair * tile_depth), pairs[pair]);
    }
}

// Sums of a tile, [row][vector], to their places.
LAR_TILES void write_out(const Product& p, const float* sums, std::size_t row, std::size_t vector) {
    if (row >= p.rows || vector >= p.vectors) return;
    __m512 columns[side];
    for (std::size_t i = 0; i < side; ++i) columns[i] = _mm512_load_ps(sums + i * side);
    turn(columns);
    const std::size_t rows = std::min(side, p.rows - row);
    const auto mask = static_cast<__mmask16>((1U << rows) - 1);
    for (std::size_t v = 0; v < std::min(side, p.vectors - vector); ++v)
        _mm512_mask_storeu_ps(reinterpret_cast<float*>(p.out + (vector + v) * p.out_step) + row, mask, columns[v]);
}

struct alignas(64) TileShapes {
    std::uint8_t palette = 1, first_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
};
LAR_TILES void begin_tiles() {
    TileShapes shapes;
    for (std::size_t tile = 0; tile < 8; ++tile) {
        shapes.row_bytes[tile] = tile_row_bytes;
        shapes.rows[tile] = side;
    }
    _tile_loadconfig(&shapes);
}
LAR_TILES void end_tiles() { _tile_release(); }

// What the passes over the depth of a panel of rows have in common.
struct Pass {
    std::size_t first_row, panel_rows;  // a multiple of 32
    std::size_t first_depth, depth;
    bool first, last;
};

// 32 rows times 16 or 32 vectors; what earlier passes added up is in `sums`, [4 tiles].
template <bool two>
LAR_TILES_INLINE void multiply_block(const BFloat* rows, std::size_t row_tiles, const BFloat* vectors,
                                     std::size_t vector_tiles, std::size_t depth, float* sums, bool onto) {
    if (onto) {
        _tile_loadd(0, sums, tile_row_bytes);
        _tile_loadd(1, sums + tile_sums, tile_row_bytes);
        if constexpr (two) {
            _tile_loadd(2, sums + 2 * tile_sums, tile_row_bytes);
            _tile_loadd(3, sums + 3 * tile_sums, tile_row_bytes);
        }
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (std::size_t d = 0; d < depth; d += tile_depth, rows += tile_numbers, vectors += tile_numbers) {
        _tile_loadd(4, rows, tile_row_bytes);
        _tile_loadd(6, vectors, tile_row_bytes);
        _tile_loadd(5, rows + row_tiles, tile_row_bytes);
        if constexpr (two) _tile_loadd(7, vectors + vector_tiles, tile_row_bytes);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 5, 6);
        if constexpr (two) {
            _tile_dpbf16ps(2, 4, 7);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, sums, tile_row_bytes);
    _tile_stored(1, sums + tile_sums, tile_row_bytes);
    if constexpr (two) {
        _tile_stored(2, sums + 2 * tile_sums, tile_row_bytes);
        _tile_stored(3, sums + 3 * tile_sums, tile_row_bytes);
    }
}

// `panel`: [16 rows][32 numbers][row][number]; `packed`: of pack_vectors(); `sums`: [32 vectors][32 rows][4 tiles].
LAR_TILES void multiply_panel(const Product& p, const Pass& pass, const BFloat* panel, const BFloat* packed,
                              float* sums) {
    const std::size_t row_tiles = side * pass.depth, vector_tiles = side * p.depth;
    for (std::size_t vector = 0; vector < p.vectors; vector += 2 * side)
        for (std::size_t row = 0; row < pass.panel_rows; row += 2 * side, sums += 4 * tile_sums) {
            const BFloat* const rows = panel + row * pass.depth;
            const BFloat* const vectors = packed + vector * p.depth + pass.first_depth * side;
            const bool two = vector + side < p.vectors;
            if (two)
                multiply_block<true>(rows, row_tiles, vectors, vector_tiles, pass.depth, sums, !pass.first);
            else
                multiply_block<false>(rows, row_tiles, vectors, vector_tiles, pass.depth, sums, !pass.first);
            if (!pass.last) continue;
            for (std::size_t tile = 0; tile < (two ? 4 : 2); ++tile)
                write_out(p, sums + tile * tile_sums, pass.first_row + row + tile % 2 * side, vector + tile / 2 * side);
        }
}

void read_panel(const Product& p, const Pass& pass, ReadRow read, BFloat* into) {
    const std::size_t bytes_before = ggml_row_size(p.type, static_cast<std::int64_t>(pass.first_depth));
    const std::size_t bytes = ggml_row_size(p.type, static_cast<std::int64_t>(pass.depth));
    for (std::size_t r = 0; r < pass.panel_rows; ++r) {
        BFloat* const row = into + r / side * side * pass.depth + r % side * tile_depth;
        if (pass.first_row + r < p.rows) {
            const std::byte* const weights = p.weights + (pass.first_row + r) * p.weights_step + bytes_before;
            for (std::size_t at = 0; at < bytes; at += cache_line)
                _mm_prefetch(reinterpret_cast<const char*>(weights) + bytes_ahead + at, _MM_HINT_T1);
            read(weights, pass.depth, row);
        } else {
            for (std::size_t d = 0; d < pass.depth; d += tile_depth) std::fill_n(row + d * side, tile_depth, BFloat{0});
        }
    }
}

std::size_t rows_of_panel(const Product& p, std::size_t threads) {
    const std::size_t wanted = p.rows / (threads * panels_a_thread);
    return std::clamp(wanted / least_panel_rows * least_panel_rows, least_panel_rows, most_panel_rows);
}

// At most `pass_vectors` vectors.
void multiply_some(const Product& p, std::size_t threads, ProductScratch& scratch) {
    const ReadRow read = reader_of(p.type);
    const std::size_t panel_rows = rows_of_panel(p, threads);
    const std::size_t panels = (p.rows + panel_rows - 1) / panel_rows;
    const std::size_t vector_blocks = (p.vectors + side - 1) / side;
    const std::size_t packed_bytes = vector_blocks * side * p.depth * sizeof(BFloat);
    const std::size_t panel_bytes = panel_rows * std::min(p.depth, pass_depth) * sizeof(BFloat);
    const std::size_t sums_bytes = panel_rows * ((vector_blocks + 1) / 2 * 2) * side * sizeof(float);
    std::byte* const memory = scratch.of(packed_bytes + threads * (panel_bytes + sums_bytes));
    auto* const packed = reinterpret_cast<BFloat*>(memory);
    std::atomic<std::size_t> next_vectors = 0, next_panel = 0, place = 0;
#pragma omp parallel num_threads(static_cast<int>(threads))
    {
        std::byte* const own = memory + packed_bytes + place.fetch_add(1) * (panel_bytes + sums_bytes);
        auto* const panel = reinterpret_cast<BFloat*>(own);
        auto* const sums = reinterpret_cast<float*>(own + panel_bytes);
        for (std::size_t block = next_vectors.fetch_add(1); block < vector_blocks; block = next_vectors.fetch_add(1))
            pack_vectors(p, block * side, packed + block * side * p.depth);
#pragma omp barrier
        begin_tiles();
        for (std::size_t number = next_panel.fetch_add(1); number < panels; number = next_panel.fetch_add(1))
            for (std::size_t first = 0; first < p.depth; first += pass_depth) {
                const Pass pass{.first_row = number * panel_rows,
                                .panel_rows = panel_rows,
                                .first_depth = first,
                                .depth = std::min(pass_depth, p.depth - first),
                                .first = first == 0,
                                .last = first + pass_depth >= p.depth};
                read_panel(p, pass, read, panel);
                multiply_panel(p, pass, panel, packed, sums);
            }
        end_tiles();
    }
}

}  // namespace

void multiply_many(const Product& product, std::size_t threads, ProductScratch& scratch) {
    for (std::size_t first = 0; first < product.vectors; first += pass_vectors) {
        Product some = product;
        some.vectors = std::min(pass_vectors, product.vectors - first);
        some.vector += first * product.vector_step;
        some.out += first * product.out_step;
        multiply_some(some, threads, scratch);
    }
}

}  // namespace lar::inference
#endif
