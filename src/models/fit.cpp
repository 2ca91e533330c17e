#include "models/fit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/format.h"
#include "models/sizes.h"

namespace lar::models {
namespace {

constexpr std::uint64_t program_bytes = 60'000'000;  // libraries, vocabulary; with computing the promise is 150 MB
constexpr std::uint32_t window_step_tokens = 256;
constexpr std::uint32_t small_batch_tokens = 128;
constexpr std::uint32_t squared_window_tokens = 1024;  // of vectors: beyond, the engine takes flash attention
// What a step keeps for each token: so many vectors of the embedding's length, and two of the feed-forward's.
constexpr std::uint64_t activations = 9, feed_forward_activations = 2;
constexpr std::uint64_t usual_feed_forward = 4;  // times the embedding, where the file does not say
constexpr std::uint64_t mask_bytes = 2;          // of a token in the window, for each token of a step

// Numbers of a foreign file: what is too much to count is too much to load.
constexpr std::uint64_t most = std::uint64_t{1} << 60;
std::uint64_t product(std::initializer_list<std::uint64_t> factors) {
    std::uint64_t out = 1;
    for (const std::uint64_t factor : factors)
        if (__builtin_mul_overflow(out, factor, &out) || out > most) return factor == 0 ? 0 : most;
    return out;
}

// Bytes of 32 numbers of the cache.
std::uint64_t bytes_of_32(wire::KvType type) {
    switch (type) {
        case wire::KvType::f32: return 128;
        case wire::KvType::f16: return 64;
        case wire::KvType::q8_0: return 34;
        case wire::KvType::q4_0: return 18;
    }
    return 128;
}

std::string_view to_string(wire::KvType type) {
    switch (type) {
        case wire::KvType::f32: return "f32";
        case wire::KvType::f16: return "f16";
        case wire::KvType::q8_0: return "q8_0";
        case wire::KvType::q4_0: return "q4_0";
    }
    return "f32";
}

bool is_quantized(wire::KvType type) { return type == wire::KvType::q8_0 || type == wire::KvType::q4_0; }

std::uint64_t window_bytes(const wire::Facts& facts, const Shape& shape) {
    const std::uint64_t heads = std::max(facts.heads, 1U);
    const std::uint64_t head_length = facts.embedding_length / heads;
    const std::uint64_t key = facts.head_length_k != 0 ? facts.head_length_k : head_length;
    const std::uint64_t value = facts.head_length_v != 0 ? facts.head_length_v : head_length;
    const std::uint64_t kv_heads = facts.kv_heads != 0 ? facts.kv_heads : heads;
    const std::uint64_t numbers = product({facts.layers, kv_heads, key + value, shape.window_tokens, shape.sequences});
    return product({numbers, bytes_of_32(shape.kv_type)}) / 32;
}

std::uint64_t feed_forward_of(const wire::Facts& facts) {
    const auto entry =
        std::ranges::find(facts.metadata, facts.architecture + ".feed_forward_length", &wire::MetadataEntry::key);
    std::uint64_t length = 0;
    // A list, of models whose layers differ, is no number.
    if (entry != facts.metadata.end())
        std::from_chars(entry->value.data(), entry->value.data() + entry->value.size(), length);
    return length != 0 ? length : product({facts.embedding_length, usual_feed_forward});
}

std::uint64_t computing_bytes(const wire::Facts& facts, const Shape& shape) {
    // A vector is computed in one step over the whole window.
    const bool vectors = shape.output == Output::vectors;
    const std::uint64_t batch = vectors ? shape.window_tokens : std::min(shape.batch_tokens, shape.window_tokens);
    const bool keeps_scores = vectors && shape.window_tokens <= squared_window_tokens;
    const std::uint64_t scores = keeps_scores ? product({facts.heads, shape.window_tokens, batch, 4}) : 0;
    const std::uint64_t chances = vectors ? 0 : product({facts.vocabulary, shape.sequences, 4});
    const std::uint64_t mask = product({shape.window_tokens, batch, mask_bytes});
    return std::min(most, scores + chances + mask + product({batch, facts.embedding_length, activations, 4}) +
                              product({batch, feed_forward_of(facts), feed_forward_activations, 4}));
}

std::string arithmetic(const Need& need, const Shape& shape) {
    return lar::format(
        "{} weights + {} window ({} tokens × {}, {}) + {} computing + {} program = {}", human_bytes(need.weights_bytes),
        human_bytes(need.window_bytes), with_commas(shape.window_tokens), shape.sequences, to_string(shape.kv_type),
        human_bytes(need.computing_bytes), human_bytes(need.program_bytes), human_bytes(need.total_bytes()));
}

struct Quantization {
    std::string_view name;
    double bits;  // of a weight, on average
};
constexpr Quantization small_quantization{"Q4_K_M", 4.85};
constexpr Quantization large_quantization{"Q8_0", 8.5};

std::uint64_t weights_of(std::uint64_t parameters, const Quantization& quantization) {
    return static_cast<std::uint64_t>(static_cast<double>(parameters) * quantization.bits / 8);
}

// What would make it fit, the least change first.
std::string advice(const wire::Facts& facts, std::uint64_t weights_bytes, const Shape& shape,
                   std::uint64_t free_bytes) {
    const std::uint32_t window = largest_window(facts, weights_bytes, shape, free_bytes);
    Shape quantized = shape;
    quantized.kv_type = wire::KvType::q8_0;
    const bool cache_helps = shape.output == Output::text && !is_quantized(shape.kv_type) &&
                             need_of(facts, weights_bytes, quantized).total_bytes() <= free_bytes;
    if (cache_helps && window != 0)
        return lar::format("a cache of type q8_0 would make it fit, or a window of {} tokens", with_commas(window));
    if (cache_helps) return "a cache of type q8_0 would make it fit";
    if (window != 0) return lar::format("a window of {} tokens would fit", with_commas(window));
    const std::uint64_t smaller = weights_of(facts.parameters, small_quantization);
    if (smaller < weights_bytes &&
        largest_window(facts, smaller, shape, free_bytes) >= std::min(least_window_tokens, shape.window_tokens))
        return lar::format("the same model in {} (about {}) would fit", small_quantization.name, human_bytes(smaller));
    return "a smaller model is needed: " + which_model_fits({.available_bytes = free_bytes});
}

std::string free_sentence(const Memory& memory) {
    return memory.bound == Bound::cgroup
               ? lar::format("the cgroup's limit of {} leaves {}", human_bytes(memory.total_bytes),
                             human_bytes(memory.available_bytes))
               : lar::format("{} are free", human_bytes(memory.available_bytes));
}

// Shapes of the models that people run, by size: what others of that size are like.
struct Typical {
    std::uint64_t parameters;
    std::uint32_t layers, heads, kv_heads, embedding_length;
};
constexpr std::array<Typical, 8> typical{{
    {70'000'000'000, 80, 64, 8, 8192},
    {32'000'000'000, 64, 40, 8, 5120},
    {14'000'000'000, 48, 40, 8, 5120},
    {8'000'000'000, 32, 32, 8, 4096},
    {4'000'000'000, 36, 32, 8, 2560},
    {2'000'000'000, 28, 16, 8, 2048},
    {1'000'000'000, 16, 32, 8, 2048},
    {500'000'000, 24, 14, 2, 896},
}};
constexpr std::uint32_t typical_vocabulary = 150'000;

const Typical* largest(const Quantization& quantization, std::uint64_t free_bytes) {
    for (const Typical& one : typical) {
        const wire::Facts facts{.parameters = one.parameters,
                                .context_tokens = default_window_tokens,
                                .embedding_length = one.embedding_length,
                                .layers = one.layers,
                                .heads = one.heads,
                                .kv_heads = one.kv_heads,
                                .vocabulary = typical_vocabulary};
        if (need_of(facts, weights_of(one.parameters, quantization), {.window_tokens = default_window_tokens})
                .total_bytes() <= free_bytes)
            return &one;
    }
    return nullptr;
}

}  // namespace

std::uint32_t most_window(const wire::Facts& facts, Output output) {
    const std::uint32_t trained = facts.context_tokens != 0 ? facts.context_tokens : default_window_tokens;
    return output == Output::vectors ? std::min(trained, vector_window_tokens) : trained;
}

Need need_of(const wire::Facts& facts, std::uint64_t weights_bytes, const Shape& shape) {
    return {.weights_bytes = std::min(weights_bytes, most),
            .window_bytes = window_bytes(facts, shape),
            .computing_bytes = computing_bytes(facts, shape),
            .program_bytes = program_bytes};
}

std::uint32_t largest_window(const wire::Facts& facts, std::uint64_t weights_bytes, Shape shape,
                             std::uint64_t free_bytes) {
    const auto fits = [&](std::uint32_t steps) {
        shape.window_tokens = steps * window_step_tokens;
        return need_of(facts, weights_bytes, shape).total_bytes() <= free_bytes;
    };
    std::uint32_t low = 0, high = most_window(facts, shape.output) / window_step_tokens;
    while (low < high) {  // the most steps that fit: low fits, or is none
        const std::uint32_t middle = high - (high - low) / 2;
        if (fits(middle))
            low = middle;
        else
            high = middle - 1;
    }
    return low * window_step_tokens;
}

Result<Plan> plan(std::string_view name, const wire::Facts& facts, std::uint64_t weights_bytes, const Wish& wish,
                  const Memory& memory) {
    const std::uint32_t window_most = most_window(facts, wish.output);
    const std::uint32_t wished = std::min(wish.window_tokens.value_or(default_window_tokens), window_most);
    Plan out{.shape = {wished, std::max(wish.sequences, 1U), wish.batch_tokens, wish.kv_type, wish.output}};
    Shape& shape = out.shape;
    const auto fits = [&] {
        out.need = need_of(facts, weights_bytes, shape);
        return out.need.total_bytes() <= memory.available_bytes;
    };
    while (shape.sequences > 1 && (!fits() || out.need.window_bytes > memory.available_bytes / 4)) --shape.sequences;
    if (fits()) return out;
    const Shape first = shape;
    // The scores of a smaller step take less; it is slower only at reading the prompt.
    shape.batch_tokens = std::min(shape.batch_tokens, small_batch_tokens);
    if (fits()) return out;
    if (!wish.window_tokens) {
        shape.window_tokens = largest_window(facts, weights_bytes, shape, memory.available_bytes);
        if (shape.window_tokens >= std::min(least_window_tokens, window_most) && shape.window_tokens != 0 && fits())
            return out;
        shape.window_tokens = std::min(least_window_tokens, window_most);
    }
    fits();
    return fail(Code::unavailable,
                lar::format("model '{}' does not fit into memory: {}, and {}; {}", name, arithmetic(out.need, shape),
                            free_sentence(memory),
                            advice(facts, weights_bytes, wish.window_tokens ? first : shape, memory.available_bytes)));
}

std::string which_model_fits(const Memory& memory) {
    const Typical* const small = largest(small_quantization, memory.available_bytes);
    const std::string free = human_bytes(memory.available_bytes);
    if (small == nullptr)
        return lar::format("with {} of free memory no model of {} parameters fits", free,
                           human_count(typical.back().parameters));
    const auto one = [](const Typical& size, const Quantization& quantization) {
        return lar::format("{} parameters in {} (a file of about {})", human_count(size.parameters), quantization.name,
                           human_bytes(weights_of(size.parameters, quantization)));
    };
    std::string out = lar::format("with {} of free memory a model of up to {} fits, with a window of {} tokens", free,
                                  one(*small, small_quantization), with_commas(default_window_tokens));
    if (const Typical* const large = largest(large_quantization, memory.available_bytes))
        out += lar::format("; or {}", one(*large, large_quantization));
    return out + "; lar pull NAME fetches one, and of a file that you have: lar create NAME --from FILE.gguf";
}

}  // namespace lar::models
