#include "index/vector_kernels.h"

#include <cstring>

// Compiled once for each of these; more of them win little and cost a build each. The oldest is what the compiler
// assumes anyway and must stay.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_AVX3_ZEN4 | HWY_AVX3_SPR | HWY_AVX10_2)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "index/vector_kernels.cpp"
#include <hwy/foreach_target.h>
// After it.
#include <hwy/highway.h>

#ifndef LAR_INDEX_VECTOR_KERNELS  // once, and not for each target
#define LAR_INDEX_VECTOR_KERNELS
namespace lar::index {

struct Kernels {
    void (*scan)(const std::uint8_t* codes, std::size_t blocks, const ScanQuery& query, float threshold,
                 float* estimates, std::uint32_t* above);
    std::int32_t (*dot)(const std::int8_t* row, const std::int16_t* query, std::size_t count);
    const char* name;
};

}  // namespace lar::index
#endif

HWY_BEFORE_NAMESPACE();
namespace lar::index::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Adds up, for each of eight 16-bit lanes, the 128-bit parts of a vector: they are different groups of the same rows.
template <class D16>
hn::Vec<hn::Full128<std::uint16_t>> sum_of_parts(D16 d16, hn::Vec<D16> vector) {
    const hn::Full128<std::uint16_t> d8;
    HWY_ALIGN std::uint16_t lanes[32];
    hn::Store(vector, d16, lanes);
    auto sum = hn::Load(d8, lanes);
    for (std::size_t part = 8; part < hn::Lanes(d16); part += 8) sum = hn::Add(sum, hn::Load(d8, lanes + part));
    return sum;
}

// The sums of 16 rows, in their order, from sums of pairs of bytes and of the pairs' upper bytes alone.
template <class D16>
void store_rows(D16 d16, hn::Vec<D16> pairs, hn::Vec<D16> uppers, std::uint16_t* rows) {
    const hn::Full128<std::uint16_t> d8;
    const auto odd = sum_of_parts(d16, uppers);
    const auto even = hn::Sub(sum_of_parts(d16, pairs), hn::ShiftLeft<8>(odd));
    hn::Store(hn::InterleaveLower(d8, even, odd), d8, rows);
    hn::Store(hn::InterleaveUpper(d8, even, odd), d8, rows + 8);
}

// Looks the signs of four dimensions up at once, as "FastScan" does (André, Kermarrec and Le Scouarnec, "Cache locality
// is not enough", VLDB 2015): a table of 16 bytes fits a register, and one instruction looks up as many rows as it has
// bytes. Bytes are added in pairs; the even ones are freed of the odd ones at the end, modulo 2^16.
void sum_block(const std::uint8_t* codes, std::span<const std::uint8_t> table, std::uint16_t* sums) {
    const hn::CappedTag<std::uint8_t, 64> d;
    const hn::Repartition<std::uint16_t, decltype(d)> d16;
    const auto low_half = hn::Set(d, 0x0F);
    auto low_pairs = hn::Zero(d16), low_uppers = hn::Zero(d16);
    auto high_pairs = hn::Zero(d16), high_uppers = hn::Zero(d16);
    for (std::size_t at = 0; at < table.size(); at += hn::Lanes(d)) {
        const auto packed = hn::LoadU(d, codes + at);
        const auto steps = hn::Load(d, table.data() + at);
        const auto low = hn::BitCast(d16, hn::TableLookupBytes(steps, hn::And(packed, low_half)));
        const auto high = hn::BitCast(d16, hn::TableLookupBytes(steps, hn::And(hn::ShiftRight<4>(packed), low_half)));
        low_pairs = hn::Add(low_pairs, low);
        low_uppers = hn::Add(low_uppers, hn::ShiftRight<8>(low));
        high_pairs = hn::Add(high_pairs, high);
        high_uppers = hn::Add(high_uppers, hn::ShiftRight<8>(high));
    }
    store_rows(d16, low_pairs, low_uppers, sums);
    store_rows(d16, high_pairs, high_uppers, sums + 16);
}

void ScanCodes(const std::uint8_t* codes, std::size_t blocks, const ScanQuery& query, float threshold, float* estimates,
               std::uint32_t* above) {
    const hn::CappedTag<float, 16> d;
    const hn::RebindToUnsigned<decltype(d)> d32;
    const hn::Rebind<std::uint16_t, decltype(d)> d16;
    const auto step = hn::Set(d, query.step), base = hn::Set(d, query.base), least = hn::Set(d, threshold);
    const std::size_t stride = query.table.size() + rows_in_block * 2 * sizeof(float);
    HWY_ALIGN std::uint16_t sums[rows_in_block];
    for (std::size_t block = 0; block < blocks; ++block, codes += stride, estimates += rows_in_block) {
        sum_block(codes, query.table, sums);
        const auto* scales = reinterpret_cast<const float*>(codes + query.table.size());
        const float* offsets = scales + rows_in_block;
        std::uint32_t mask = 0;
        for (std::size_t row = 0; row < rows_in_block; row += hn::Lanes(d)) {
            const auto sum = hn::ConvertTo(
                d, hn::BitCast(hn::RebindToSigned<decltype(d)>(), hn::PromoteTo(d32, hn::Load(d16, sums + row))));
            const auto estimate =
                hn::MulAdd(hn::LoadU(d, scales + row), hn::MulAdd(step, sum, base), hn::LoadU(d, offsets + row));
            hn::StoreU(estimate, d, estimates + row);
            std::uint8_t bits[8] = {};
            hn::StoreMaskBits(d, hn::Gt(estimate, least), bits);
            mask |= static_cast<std::uint32_t>(bits[0] | (bits[1] << 8)) << row;
        }
        above[block] = mask;
    }
}

std::int32_t DotBytes(const std::int8_t* row, const std::int16_t* query, std::size_t count) {
    const hn::CappedTag<std::int16_t, 32> d16;
    const hn::Rebind<std::int8_t, decltype(d16)> d8;
    const hn::Repartition<std::int32_t, decltype(d16)> d32;
    auto sum = hn::Zero(d32);
    std::size_t at = 0;
    for (; at + hn::Lanes(d16) <= count; at += hn::Lanes(d16))
        sum = hn::Add(
            sum, hn::WidenMulPairwiseAdd(d32, hn::PromoteTo(d16, hn::LoadU(d8, row + at)), hn::LoadU(d16, query + at)));
    std::int32_t total = hn::ReduceSum(d32, sum);
    for (; at < count; ++at) total += row[at] * query[at];
    return total;
}

Kernels TargetKernels() { return {.scan = ScanCodes, .dot = DotBytes, .name = hwy::TargetName(HWY_TARGET)}; }

}  // namespace lar::index::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lar::index {
namespace {

// Highway's own choice is made in a shared library, which a static program cannot have. The compiler's question
// also asks whether the kernel keeps the registers.
Kernels choose() {
#if HWY_TARGETS & HWY_AVX3
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("bmi2"))
        return N_AVX3::TargetKernels();
#endif
#if HWY_TARGETS & HWY_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("f16c"))
        return N_AVX2::TargetKernels();
#endif
    return HWY_STATIC_DISPATCH(TargetKernels)();
}

const Kernels& chosen() {
    static const Kernels kernels = choose();
    return kernels;
}

}  // namespace

void scan_codes(const std::uint8_t* codes, std::size_t blocks, const ScanQuery& query, float threshold,
                float* estimates, std::uint32_t* above) {
    chosen().scan(codes, blocks, query, threshold, estimates, above);
}

std::int32_t dot_bytes(const std::int8_t* row, std::span<const std::int16_t> query) {
    return chosen().dot(row, query.data(), query.size());
}

const char* kernel_target() { return chosen().name; }

}  // namespace lar::index
#endif
