#include "inference/context.h"

#include <algorithm>
#include <utility>

namespace lar::inference {
namespace {

// A vector is computed in one step over all its tokens, so the step's buffers grow with this.
constexpr std::uint32_t limit_vector_window = 8192;
constexpr std::uint32_t vector_sequences = 64;
// Without flash attention a step keeps the square of its tokens, for every head; with it, vectors are less exact.
constexpr std::uint32_t window_to_square = 1024;

// libllama lays its buffers out one behind the other, one of them with an int32 for each output: unless that fills
// whole cache lines, every row of every matrix behind it straddles two, and Q8_0 prompts are read a third slower (AMX).
std::uint32_t whole_lines(std::uint32_t outputs) {
    constexpr std::uint32_t outputs_a_line = 16;
    return (outputs + outputs_a_line - 1) / outputs_a_line * outputs_a_line;
}

ggml_type type_of(wire::KvType type) {
    switch (type) {
        case wire::KvType::f16: return GGML_TYPE_F16;
        case wire::KvType::q8_0: return GGML_TYPE_Q8_0;
        case wire::KvType::q4_0: return GGML_TYPE_Q4_0;
        case wire::KvType::f32: return GGML_TYPE_F32;
    }
    return GGML_TYPE_F16;
}

bool is_quantized(wire::KvType type) { return type == wire::KvType::q8_0 || type == wire::KvType::q4_0; }

bool uses_flash_attention(const ContextOptions& options) {
    // The values of a quantized cache can be read no other way.
    if (is_quantized(options.kv_type)) return true;
    return options.flash_attention.value_or(true);  // docs/decisions/0008
}

llama_context_params common_params(const ContextOptions& options) {
    llama_context_params params = llama_context_default_params();
    params.n_threads = params.n_threads_batch = static_cast<std::int32_t>(options.threads);
    params.type_k = params.type_v = type_of(options.kv_type);
    params.flash_attn_type =
        uses_flash_attention(options) ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.no_perf = true;
    return params;
}

std::uint32_t wanted_context(const Weights& weights, const ContextOptions& options) {
    const std::uint32_t trained = weights.traits().trained_context;
    return options.context_tokens != 0 ? options.context_tokens : std::max<std::uint32_t>(trained, 1);
}

Result<Context> create(const Weights& weights, llama_context_params params, GraphKernels::Which which,
                       std::uint32_t threads) {
    Context context;
    if (which.attention || which.products) {
        context.kernels = std::make_unique<GraphKernels>(which, threads);
        context.kernels->install(params);
    }
    last_complaint();
    measure_library_buffers();
    TRY_VOID(guarded("the model cannot be prepared for computing",
                     [&] { context.handle.reset(llama_init_from_model(weights.handle(), params)); }));
    if (!context.handle)
        return fail(
            Code::unavailable,
            "the model cannot be prepared for computing; a smaller window takes less memory" + last_complaint());
    const LibraryBuffers buffers = library_buffers();
    context.kv_bytes = buffers.kv_bytes;
    context.compute_bytes = buffers.compute_bytes;
    context.flash_attention = params.flash_attn_type == LLAMA_FLASH_ATTN_TYPE_ENABLED;
    context.sequences = params.n_seq_max;
    context.batch_tokens = params.n_ubatch;
    TRY_VOID(weights.apply_adapters(context.handle.get()));
    return context;
}

}  // namespace

Result<Context> make_text_context(const Weights& weights, const ContextOptions& options) {
    if (!weights.traits().makes_text)
        return fail(Code::invalid, "this model makes vectors, not text; load it for embeddings");
    const std::uint32_t window = wanted_context(weights, options);
    llama_context_params params = common_params(options);
    params.n_ctx = window * options.sequences;
    params.n_seq_max = options.sequences;
    params.n_ubatch = std::max(options.batch_tokens, options.sequences);
    params.n_batch = params.n_ubatch + options.sequences;   // what bridges sequences comes on top
    params.n_outputs_max = whole_lines(options.sequences);  // one token of each at a time; the vocabulary is wide
    params.kv_unified = false;
    params.swa_full = false;
    const bool attention = params.flash_attn_type == LLAMA_FLASH_ATTN_TYPE_ENABLED;
    Context context =
        TRY(create(weights, params, {.attention = attention, .products = weights.as_in_file()}, options.threads));
    context.context_tokens = std::min(window, llama_n_ctx_seq(context.handle.get()));
    return context;
}

Result<Context> make_vector_context(const Weights& weights, const ContextOptions& options) {
    const std::uint32_t window = std::min(wanted_context(weights, options), limit_vector_window);
    llama_context_params params = common_params(options);
    params.n_ctx = params.n_batch = params.n_ubatch = std::max(window, vector_sequences);
    params.n_seq_max = vector_sequences;
    params.kv_unified = true;
    params.embeddings = true;
    if (!options.flash_attention && window <= window_to_square) {
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        // Without it a quantized cache cannot be read; of so few tokens it would save nothing.
        if (is_quantized(options.kv_type)) params.type_k = params.type_v = GGML_TYPE_F16;
    }
    const std::string& named = weights.traits().pooling;
    if (named.empty()) params.pooling_type = LLAMA_POOLING_TYPE_LAST;
    Context context = TRY(create(weights, params, {.products = weights.as_in_file()}, options.threads));
    context.pooling = named.empty() ? "last" : named;
    context.context_tokens = window;
    return context;
}

}  // namespace lar::inference
