#include "inference/product.h"

#include <cstdint>

#include "base/result.h"
#include "inference/product_kernels.h"

#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lar::inference {

std::byte* ProductScratch::of(std::size_t bytes) {
    constexpr std::size_t line = 64;
    if (memory_.size() < bytes + line) memory_ = std::vector<std::byte>(bytes + line);
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + ((line - address % line) % line);
}

bool can_multiply(ggml_type type) {
    return type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_K || type == GGML_TYPE_Q5_K || type == GGML_TYPE_Q6_K;
}

#if defined(__x86_64__)

bool has_tiles() {
    static const bool has = [] {
        // The compiler's question also asks whether the kernel keeps the registers.
        if (!__builtin_cpu_supports("amx-tile") || !__builtin_cpu_supports("amx-bf16") ||
            !__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512vnni") ||
            !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
            !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("f16c"))
            return false;
        constexpr long ask_for_component = 0x1023, tile_data = 18;  // Linux, Documentation/arch/x86/xstate.rst
        return ::syscall(SYS_arch_prctl, ask_for_component, tile_data) == 0;
    }();
    return has;
}

void multiply(const Product& product, std::size_t threads, ProductScratch& scratch) {
    (product.vectors <= most_few_vectors ? multiply_few : multiply_many)(product, threads, scratch);
}

#else

bool has_tiles() { return false; }
void multiply(const Product&, std::size_t, ProductScratch&) { ASSERT(!"there are no tiles here"); }

#endif

}  // namespace lar::inference
