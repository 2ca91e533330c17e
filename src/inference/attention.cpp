#include "inference/attention.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <span>

// Compiled once for each of these (src/index/vector_kernels.cpp says why no more).
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_AVX3_ZEN4 | HWY_AVX3_SPR | HWY_AVX10_2 | HWY_ALL_SVE)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/attention.cpp"
#include <hwy/foreach_target.h>
// After it.
#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef LAR_INFERENCE_ATTENTION  // once, and not for each target
#define LAR_INFERENCE_ATTENTION
namespace lar::inference {

constexpr std::size_t tile = 64;          // positions that are looked at together
constexpr std::size_t limit_rows = 128;   // of one matrix of queries: with a tile, half of a core's second cache
constexpr std::size_t rows_to_turn = 12;  // from so many on a tile of keys is turned on its side
constexpr std::size_t limit_dimensions = 512;
constexpr std::size_t line_halves = 32;    // numbers of half precision in a cache line
constexpr std::size_t rows_ahead = 16;     // that are fetched before they are wanted
constexpr std::size_t tasks_a_thread = 4;  // at least: threads are not equally fast
constexpr std::size_t least_share = 4 * tile;
constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

// Queries of one head of keys, and the positions that they look at.
struct Task {
    std::size_t stream, kv_head;
    std::size_t first_row, rows;  // row = query * heads per head of keys + head among those
    std::size_t first_position, last_position;
};

// What comes of a task, not yet divided by `sums`.
struct Partial {
    float* values;  // rows * value_dimensions
    float* most;    // rows: the highest score so far
    float* sums;    // rows
};

struct Workspace {
    float *queries, *scores, *keys, *turned, *values;
};

using Attend = void (*)(const Attention&, const Task&, const Workspace&, const Partial&);

}  // namespace lar::inference
#endif

HWY_BEFORE_NAMESPACE();
namespace lar::inference::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Floats>;

// Registers' worth of columns that a block of a product has: 6 rows of them fill the registers.
constexpr std::size_t block_vectors = hn::MaxLanes(Floats()) == 16 ? 4 : 2;

HWY_INLINE Vector load_half(Floats d, const std::byte* from) {
    const hn::Rebind<hwy::float16_t, Floats> half;
    return hn::PromoteTo(d, hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(from)));
}

template <std::size_t rows, std::size_t vectors>
HWY_INLINE void multiply_block(const float* a, std::size_t a_row, const float* b, std::size_t b_row, std::size_t depth,
                               float* c, std::size_t c_row, bool onto) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    Vector sums[rows][vectors];
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t v = 0; v < vectors; ++v)
            sums[r][v] = onto ? hn::LoadU(d, c + r * c_row + v * lanes) : hn::Zero(d);
    for (std::size_t k = 0; k < depth; ++k) {
        Vector right[vectors];
        for (std::size_t v = 0; v < vectors; ++v) right[v] = hn::LoadU(d, b + k * b_row + v * lanes);
        for (std::size_t r = 0; r < rows; ++r) {
            const auto left = hn::Set(d, a[r * a_row + k]);
            for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = hn::MulAdd(left, right[v], sums[r][v]);
        }
    }
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sums[r][v], d, c + r * c_row + v * lanes);
}

template <std::size_t vectors>
HWY_INLINE void multiply_columns(const float* a, std::size_t a_row, const float* b, std::size_t b_row,
                                 std::size_t depth, float* c, std::size_t c_row, std::size_t rows, bool onto) {
    std::size_t r = 0;
    for (; r + 6 <= rows; r += 6)
        multiply_block<6, vectors>(a + r * a_row, a_row, b, b_row, depth, c + r * c_row, c_row, onto);
    if (r + 4 <= rows) {
        multiply_block<4, vectors>(a + r * a_row, a_row, b, b_row, depth, c + r * c_row, c_row, onto);
        r += 4;
    }
    for (; r < rows; ++r) multiply_block<1, vectors>(a + r * a_row, a_row, b, b_row, depth, c + r * c_row, c_row, onto);
}

// c = a * b, or c += a * b: a of `rows` times `depth`, b of `depth` times `columns`, a multiple of the lanes.
void multiply(const float* a, std::size_t a_row, const float* b, std::size_t depth, std::size_t columns, float* c,
              std::size_t rows, bool onto) {
    const std::size_t lanes = hn::Lanes(Floats());
    std::size_t column = 0;
    for (; column + block_vectors * lanes <= columns; column += block_vectors * lanes)
        multiply_columns<block_vectors>(a, a_row, b + column, columns, depth, c + column, columns, rows, onto);
    for (; column < columns; column += lanes)
        multiply_columns<1>(a, a_row, b + column, columns, depth, c + column, columns, rows, onto);
}

void read_tile(const Rows& from, const Task& task, std::size_t first, std::size_t count, std::size_t dimensions,
               float* into) {
    const Floats d;
    const std::byte* head = from.data + task.stream * from.stream_step + task.kv_head * from.head_step;
    for (std::size_t j = 0; j < count; ++j) {
        const std::byte* row = head + (first + j) * from.row_step;
        // A head's part of a row is small and the next row a stride away, which the processor does not foresee.
        for (std::size_t at = 0; at < dimensions; at += line_halves)
            hwy::Prefetch(row + rows_ahead * from.row_step + at * sizeof(std::uint16_t));
        for (std::size_t at = 0; at < dimensions; at += hn::Lanes(d))
            hn::Store(load_half(d, row + at * sizeof(std::uint16_t)), d, into + j * dimensions + at);
    }
    std::fill_n(into + count * dimensions, (tile - count) * dimensions, 0.0F);
}

void turn(const float* rows, std::size_t dimensions, float* into) {
    for (std::size_t at = 0; at < dimensions; ++at)
        for (std::size_t j = 0; j < tile; ++j) into[at * tile + j] = rows[j * dimensions + at];
}

// scores[row][position] by products of single rows: for few rows it costs less than turning the keys. Four positions at
// a time, so that no sum waits for the one before.
void score_by_rows(const float* queries, const float* keys, std::size_t dimensions, std::size_t rows, float* scores) {
    const Floats d;
    for (std::size_t j = 0; j < tile; j += 4)
        for (std::size_t r = 0; r < rows; ++r) {
            auto sum0 = hn::Zero(d), sum1 = hn::Zero(d), sum2 = hn::Zero(d), sum3 = hn::Zero(d);
            const float* key = keys + j * dimensions;
            for (std::size_t at = 0; at < dimensions; at += hn::Lanes(d)) {
                const auto query = hn::Load(d, queries + r * dimensions + at);
                sum0 = hn::MulAdd(query, hn::Load(d, key + at), sum0);
                sum1 = hn::MulAdd(query, hn::Load(d, key + dimensions + at), sum1);
                sum2 = hn::MulAdd(query, hn::Load(d, key + 2 * dimensions + at), sum2);
                sum3 = hn::MulAdd(query, hn::Load(d, key + 3 * dimensions + at), sum3);
            }
            float* score = scores + r * tile + j;
            score[0] = hn::ReduceSum(d, sum0);
            score[1] = hn::ReduceSum(d, sum1);
            score[2] = hn::ReduceSum(d, sum2);
            score[3] = hn::ReduceSum(d, sum3);
        }
}

bool shuts_out(const std::byte* mask, std::size_t count) {
    constexpr std::uint16_t half_minus_infinity = 0xfc00;
    const auto* halves = reinterpret_cast<const std::uint16_t*>(mask);
    return std::all_of(halves, halves + count, [](std::uint16_t half) { return half == half_minus_infinity; });
}

// Scores become weights: masked, and e to the power of how far they are below the highest until now. What was added up
// with a lower highest one is scaled down.
void weigh(const std::byte* mask, std::size_t count, float* scores, float* values, std::size_t dimensions, float& most,
           float& sum) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    if (mask != nullptr) {
        if (count == tile) {
            for (std::size_t j = 0; j < tile; j += lanes)
                hn::Store(hn::Add(hn::Load(d, scores + j), load_half(d, mask + j * sizeof(std::uint16_t))), d,
                          scores + j);
        } else {
            for (std::size_t j = 0; j < count; ++j)
                scores[j] += hwy::ConvertScalarTo<float>(reinterpret_cast<const hwy::float16_t*>(mask)[j]);
        }
    }
    std::fill(scores + count, scores + tile, minus_infinity);
    auto highest = hn::Load(d, scores);
    for (std::size_t j = lanes; j < tile; j += lanes) highest = hn::Max(highest, hn::Load(d, scores + j));
    const float higher = std::max(most, hn::ReduceMax(d, highest));
    if (higher == minus_infinity) {
        std::fill_n(scores, tile, 0.0F);
        return;
    }
    auto added = hn::Zero(d);
    for (std::size_t j = 0; j < tile; j += lanes) {
        const auto weight = hn::Exp(d, hn::Sub(hn::Load(d, scores + j), hn::Set(d, higher)));
        hn::Store(weight, d, scores + j);
        added = hn::Add(added, weight);
    }
    const float before = std::exp(most - higher);
    sum = sum * before + hn::ReduceSum(d, added);
    if (most != minus_infinity && before != 1)
        for (std::size_t at = 0; at < dimensions; at += lanes)
            hn::Store(hn::Mul(hn::Load(d, values + at), hn::Set(d, before)), d, values + at);
    most = higher;
}

void AttendTask(const Attention& a, const Task& task, const Workspace& work, const Partial& into) {
    const Floats d;
    const std::size_t sharing = a.heads / a.kv_heads;
    const auto query_of = [&](std::size_t row) { return (task.first_row + row) / sharing; };
    for (std::size_t r = 0; r < task.rows; ++r) {
        const std::size_t head = task.kv_head * sharing + (task.first_row + r) % sharing;
        const auto* row = reinterpret_cast<const float*>(a.query.data + task.stream * a.query.stream_step +
                                                         head * a.query.head_step + query_of(r) * a.query.row_step);
        for (std::size_t at = 0; at < a.key_dimensions; at += hn::Lanes(d))
            hn::Store(hn::Mul(hn::LoadU(d, row + at), hn::Set(d, a.scale)), d,
                      work.queries + r * a.key_dimensions + at);
        into.most[r] = minus_infinity;
        into.sums[r] = 0;
    }
    std::fill_n(into.values, task.rows * a.value_dimensions, 0.0F);
    for (std::size_t first = task.first_position; first < task.last_position; first += tile) {
        const std::size_t count = std::min(tile, task.last_position - first);
        const auto mask_of = [&](std::size_t query) {
            return a.mask.data == nullptr ? nullptr
                                          : a.mask.data + task.stream * a.mask.stream_step + query * a.mask.row_step +
                                                first * sizeof(std::uint16_t);
        };
        if (a.mask.data != nullptr) {
            bool seen = false;
            for (std::size_t query = query_of(0); query <= query_of(task.rows - 1) && !seen; ++query)
                seen = !shuts_out(mask_of(query), count);
            if (!seen) continue;
        }
        read_tile(a.key, task, first, count, a.key_dimensions, work.keys);
        if (task.rows >= rows_to_turn) {
            turn(work.keys, a.key_dimensions, work.turned);
            multiply(work.queries, a.key_dimensions, work.turned, a.key_dimensions, tile, work.scores, task.rows,
                     false);
        } else {
            score_by_rows(work.queries, work.keys, a.key_dimensions, task.rows, work.scores);
        }
        for (std::size_t r = 0; r < task.rows; ++r)
            weigh(mask_of(query_of(r)), count, work.scores + r * tile, into.values + r * a.value_dimensions,
                  a.value_dimensions, into.most[r], into.sums[r]);
        read_tile(a.value, task, first, count, a.value_dimensions, work.values);
        multiply(work.scores, tile, work.values, tile, a.value_dimensions, into.values, task.rows, true);
    }
}

Attend TargetAttend() { return AttendTask; }

}  // namespace lar::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lar::inference {
namespace {

// The compiler's question also asks whether the kernel keeps the registers.
Attend choose() {
#if HWY_TARGETS & HWY_AVX3
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("bmi2"))
        return N_AVX3::TargetAttend();
#endif
#if HWY_TARGETS & HWY_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("f16c"))
        return N_AVX2::TargetAttend();
#endif
    return HWY_STATIC_DISPATCH(TargetAttend)();
}

constexpr std::size_t floats_of_line = 16;  // 64 bytes: a cache line, and the widest vector

std::size_t whole_lines(std::size_t floats) { return (floats + floats_of_line - 1) / floats_of_line * floats_of_line; }

// How a computation is cut into tasks, and where each finds its memory.
struct Plan {
    std::size_t rows, row_blocks, rows_of_block, chunks, positions_of_chunk, tasks;
    std::size_t workspace, partial;  // floats
    std::size_t partials;

    Plan(const Attention& a, std::size_t threads) {
        rows = a.queries * (a.heads / a.kv_heads);
        row_blocks = (rows + limit_rows - 1) / limit_rows;
        rows_of_block = (rows + row_blocks - 1) / row_blocks;
        const std::size_t blocks = a.streams * a.kv_heads * row_blocks;
        // Few queries on many processors: the positions are shared out too.
        const std::size_t wanted = (tasks_a_thread * threads + blocks - 1) / blocks;
        const std::size_t most = (a.positions + least_share - 1) / least_share;
        const std::size_t shares = std::min(wanted, most);
        positions_of_chunk = ((a.positions + shares - 1) / shares + tile - 1) / tile * tile;
        chunks = (a.positions + positions_of_chunk - 1) / positions_of_chunk;
        tasks = blocks * chunks;
        workspace =
            whole_lines(rows_of_block * (a.key_dimensions + tile) + tile * (2 * a.key_dimensions + a.value_dimensions));
        partial = whole_lines(rows_of_block * a.value_dimensions) + whole_lines(2 * rows_of_block);
        partials = chunks == 1 ? threads : tasks;
    }

    Task task(const Attention& a, std::size_t number) const {
        const std::size_t chunk = number % chunks, block = number / chunks;
        const std::size_t first_row = block % row_blocks * rows_of_block;
        const std::size_t first_position = chunk * positions_of_chunk;
        return {.stream = block / row_blocks / a.kv_heads,
                .kv_head = block / row_blocks % a.kv_heads,
                .first_row = first_row,
                .rows = std::min(rows_of_block, rows - first_row),
                .first_position = first_position,
                .last_position = std::min(first_position + positions_of_chunk, a.positions)};
    }
};

Partial partial_at(float* memory, const Attention& a, const Plan& plan) {
    float* const after = memory + whole_lines(plan.rows_of_block * a.value_dimensions);
    return {.values = memory, .most = after, .sums = after + plan.rows_of_block};
}

// The parts of one row, which looked at different positions, become the row of `out`.
void finish_row(const Attention& a, const Task& task, std::size_t row, std::span<const Partial> parts) {
    const std::size_t sharing = a.heads / a.kv_heads, dimensions = a.value_dimensions;
    const std::size_t query = (task.first_row + row) / sharing;
    const std::size_t head = task.kv_head * sharing + (task.first_row + row) % sharing;
    float* const out = a.out + ((task.stream * a.queries + query) * a.heads + head) * dimensions;
    float most = minus_infinity, sum = 0;
    for (const Partial& part : parts) most = std::max(most, part.most[row]);
    std::fill_n(out, dimensions, 0.0F);
    if (most == minus_infinity) return;
    for (const Partial& part : parts) sum += part.sums[row] * std::exp(part.most[row] - most);
    for (const Partial& part : parts) {
        const float share = std::exp(part.most[row] - most) / sum;
        for (std::size_t at = 0; at < dimensions; ++at) out[at] += share * part.values[row * dimensions + at];
    }
}

}  // namespace

bool can_attend(const Attention& a) {
    const auto fits = [](std::size_t dimensions) {
        return dimensions > 0 && dimensions % floats_of_line == 0 && dimensions <= limit_dimensions;
    };
    return fits(a.key_dimensions) && fits(a.value_dimensions) && a.kv_heads > 0 && a.heads % a.kv_heads == 0 &&
           a.streams > 0 && a.queries > 0 && a.positions > 0;
}

void attend(const Attention& a, std::size_t threads, AttentionScratch& scratch) {
    static const Attend attend_task = choose();
    const Plan plan(a, threads);
    const std::size_t needed = threads * plan.workspace + plan.partials * plan.partial + floats_of_line;
    if (scratch.size() < needed) scratch.resize(needed);
    auto memory = reinterpret_cast<std::uintptr_t>(scratch.data());
    memory = (memory + floats_of_line * sizeof(float) - 1) / (floats_of_line * sizeof(float)) * floats_of_line *
             sizeof(float);
    float* const workspaces = reinterpret_cast<float*>(memory);
    float* const partials = workspaces + threads * plan.workspace;
    std::atomic<std::size_t> next = 0, place = 0;
#pragma omp parallel num_threads(static_cast<int>(threads))
    {
        const std::size_t thread = place.fetch_add(1);
        float* const own = workspaces + thread * plan.workspace;
        const Workspace work{
            .queries = own,
            .scores = own + plan.rows_of_block * a.key_dimensions,
            .keys = own + plan.rows_of_block * (a.key_dimensions + tile),
            .turned = own + plan.rows_of_block * (a.key_dimensions + tile) + tile * a.key_dimensions,
            .values = own + plan.rows_of_block * (a.key_dimensions + tile) + 2 * tile * a.key_dimensions};
        for (std::size_t number = next.fetch_add(1); number < plan.tasks; number = next.fetch_add(1)) {
            const Task task = plan.task(a, number);
            const Partial part = partial_at(partials + (plan.chunks == 1 ? thread : number) * plan.partial, a, plan);
            attend_task(a, task, work, part);
            if (plan.chunks == 1)
                for (std::size_t row = 0; row < task.rows; ++row) finish_row(a, task, row, std::span(&part, 1));
        }
    }
    if (plan.chunks == 1) return;
    std::vector<Partial> parts(plan.chunks);
    for (std::size_t first = 0; first < plan.tasks; first += plan.chunks) {
        for (std::size_t chunk = 0; chunk < plan.chunks; ++chunk)
            parts[chunk] = partial_at(partials + (first + chunk) * plan.partial, a, plan);
        const Task task = plan.task(a, first);
        for (std::size_t row = 0; row < task.rows; ++row) finish_row(a, task, row, parts);
    }
}

}  // namespace lar::inference
#endif
