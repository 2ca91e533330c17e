#include "inference/sampler.h"

#include <sys/random.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "inference/library.h"

namespace lar::inference {
namespace {

constexpr float never = -std::numeric_limits<float>::infinity();
constexpr std::size_t at_least = 1;            // tokens that a filter leaves
constexpr std::int32_t mirostat_tokens = 100;  // what mirostat 1 estimates from; its paper's number

std::uint32_t random_seed() {
    std::uint32_t seed = 0;
    ASSERT(::getrandom(&seed, sizeof(seed), 0) == sizeof(seed));
    return seed == LLAMA_DEFAULT_SEED ? 0 : seed;
}

bool has_penalties(const wire::Sampling& sampling) {
    return sampling.repeat_last_n != 0 &&
           (sampling.repeat_penalty != 1 || sampling.frequency_penalty != 0 || sampling.presence_penalty != 0);
}

}  // namespace

struct Sampler::Parts {
    SamplerHandle chain;
    SamplerHandle grammar;  // may be none
    const Vocabulary* vocabulary = nullptr;
    std::uint32_t seed = 0;
    bool likeliest = false;      // and nothing else changes the numbers
    std::size_t looks_back = 0;  // at so many tokens of the prompt
    std::vector<llama_token_data> candidates;

    llama_token_data_array fill(std::span<const float> logits, End end) {
        candidates.resize(logits.size());
        for (std::size_t i = 0; i < logits.size(); ++i)
            candidates[i] = {.id = static_cast<Token>(i), .logit = logits[i], .p = 0};
        if (end == End::is_forbidden)
            for (const Token token : vocabulary->ends()) candidates[static_cast<std::size_t>(token)].logit = never;
        return {.data = candidates.data(), .size = candidates.size(), .selected = -1, .sorted = false};
    }
    Token argmax(std::span<const float> logits, End end) const {
        Token best = 0;
        float most = never;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            if (!(logits[i] > most)) continue;
            if (end == End::is_forbidden && vocabulary->is_end(static_cast<Token>(i))) continue;
            most = logits[i];
            best = static_cast<Token>(i);
        }
        return best;
    }
    bool grammar_allows(Token token) const {
        llama_token_data one{.id = token, .logit = 1, .p = 0};
        llama_token_data_array array{.data = &one, .size = 1, .selected = -1, .sorted = false};
        llama_sampler_apply(grammar.get(), &array);
        return one.logit != never;
    }
    std::optional<Token> draw(llama_token_data_array array) const {
        llama_sampler_apply(chain.get(), &array);
        if (array.selected < 0 || static_cast<std::size_t>(array.selected) >= array.size) return std::nullopt;
        const llama_token_data& chosen = array.data[array.selected];
        return chosen.logit == never ? std::nullopt : std::optional(chosen.id);
    }
    std::optional<Token> choose(std::span<const float> logits, End end) {
        if (likeliest) return argmax(logits, end);
        std::optional<Token> token = draw(fill(logits, end));
        if (grammar && token && !grammar_allows(*token)) {
            llama_token_data_array array = fill(logits, end);
            llama_sampler_apply(grammar.get(), &array);
            const auto allowed = std::ranges::any_of(std::span(array.data, array.size),
                                                     [](const llama_token_data& data) { return data.logit != never; });
            token = allowed ? draw(array) : std::nullopt;
        }
        if (!token) return token;
        // An end is no part of what the grammar describes; it was asked whether it may come.
        if (grammar && !vocabulary->is_end(*token)) llama_sampler_accept(grammar.get(), *token);
        llama_sampler_accept(chain.get(), *token);
        return token;
    }
};

namespace {

class Chain {
public:
    Chain(const wire::Sampling& sampling, const Vocabulary& vocabulary, std::uint32_t context_tokens,
          std::uint32_t seed)
        : sampling_(sampling),
          vocabulary_(vocabulary),
          context_(static_cast<std::int32_t>(context_tokens)),
          seed_(seed),
          chain_(llama_sampler_chain_init({.no_perf = true})) {}

    SamplerHandle build() {
        add_what_changes_the_numbers();
        if (sampling_.temperature <= 0)
            add(llama_sampler_init_greedy());
        else if (sampling_.mirostat != 0)
            add_mirostat();
        else
            add_filters_and_draw();
        return std::move(chain_);
    }

private:
    void add(llama_sampler* sampler) { llama_sampler_chain_add(chain_.get(), sampler); }
    std::int32_t size() const { return static_cast<std::int32_t>(vocabulary_.size()); }
    std::int32_t or_window(std::int32_t tokens) const { return tokens < 0 ? context_ : tokens; }

    void add_what_changes_the_numbers() {
        std::vector<llama_logit_bias> biases;
        for (const wire::LogitBias& bias : sampling_.logit_bias)
            if (vocabulary_.holds(bias.token))
                biases.push_back({bias.token, bias.bias <= wire::no_token ? never : bias.bias});
        if (!biases.empty())
            add(llama_sampler_init_logit_bias(size(), static_cast<std::int32_t>(biases.size()), biases.data()));
        if (has_penalties(sampling_))
            add(llama_sampler_init_penalties(size(), or_window(sampling_.repeat_last_n), sampling_.repeat_penalty,
                                             sampling_.frequency_penalty, sampling_.presence_penalty));
        if (sampling_.dry_multiplier > 0) {
            std::vector<const char*> breakers;
            for (const std::string& breaker : sampling_.dry_sequence_breakers) breakers.push_back(breaker.c_str());
            add(llama_sampler_init_dry(vocabulary_.handle(), sampling_.dry_multiplier, sampling_.dry_base,
                                       sampling_.dry_allowed_length, or_window(sampling_.dry_penalty_last_n),
                                       breakers.data(), breakers.size()));
        }
    }
    void add_mirostat() {
        add(llama_sampler_init_temp(sampling_.temperature));
        add(sampling_.mirostat == 1
                ? llama_sampler_init_mirostat(size(), seed_, sampling_.mirostat_tau, sampling_.mirostat_eta,
                                              mirostat_tokens)
                : llama_sampler_init_mirostat_v2(seed_, sampling_.mirostat_tau, sampling_.mirostat_eta));
    }
    void add_filters_and_draw() {
        if (sampling_.top_n_sigma > 0) add(llama_sampler_init_top_n_sigma(sampling_.top_n_sigma));
        if (sampling_.top_k > 0) add(llama_sampler_init_top_k(sampling_.top_k));
        if (sampling_.typical_p < 1) add(llama_sampler_init_typical(sampling_.typical_p, at_least));
        if (sampling_.top_p < 1) add(llama_sampler_init_top_p(sampling_.top_p, at_least));
        if (sampling_.min_p > 0) add(llama_sampler_init_min_p(sampling_.min_p, at_least));
        if (sampling_.xtc_probability > 0)
            add(llama_sampler_init_xtc(sampling_.xtc_probability, sampling_.xtc_threshold, at_least, seed_));
        add(llama_sampler_init_temp_ext(sampling_.temperature, sampling_.dynamic_temperature_range,
                                        sampling_.dynamic_temperature_exponent));
        add(llama_sampler_init_dist(seed_));
    }

    const wire::Sampling& sampling_;
    const Vocabulary& vocabulary_;
    std::int32_t context_;
    std::uint32_t seed_;
    SamplerHandle chain_;
};

}  // namespace

Sampler::Sampler(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

Result<Sampler> Sampler::make(const wire::Sampling& sampling, const Vocabulary& vocabulary,
                              std::uint32_t context_tokens) {
    auto parts = std::make_unique<Parts>();
    parts->vocabulary = &vocabulary;
    parts->seed = sampling.seed == LLAMA_DEFAULT_SEED ? random_seed() : sampling.seed;
    TRY_VOID(guarded("the sampling settings cannot be used",
                     [&] { parts->chain = Chain(sampling, vocabulary, context_tokens, parts->seed).build(); }));
    if (!sampling.grammar.empty()) {
        const Result<> parsed = guarded("the grammar cannot be used", [&] {
            parts->grammar.reset(llama_sampler_init_grammar(vocabulary.handle(), sampling.grammar.c_str(), "root"));
        });
        if (!parsed) return fail(Code::invalid, parsed.error().message);
        if (!parts->grammar) return fail(Code::invalid, "the grammar cannot be parsed" + last_complaint());
    }
    const bool dry = sampling.dry_multiplier > 0;
    parts->likeliest = sampling.temperature <= 0 && !has_penalties(sampling) && !dry && sampling.logit_bias.empty() &&
                       sampling.grammar.empty();
    const auto back = [&](std::int32_t tokens) {
        return tokens < 0 ? context_tokens : static_cast<std::uint32_t>(tokens);
    };
    if (has_penalties(sampling)) parts->looks_back = back(sampling.repeat_last_n);
    if (dry) parts->looks_back = std::max<std::size_t>(parts->looks_back, back(sampling.dry_penalty_last_n));
    return Sampler(std::move(parts));
}

std::uint32_t Sampler::seed() const { return parts_->seed; }

void Sampler::remember(std::span<const Token> prompt) {
    for (const Token token : prompt.last(std::min(prompt.size(), parts_->looks_back)))
        llama_sampler_accept(parts_->chain.get(), token);
}

Result<std::optional<Token>> Sampler::choose(std::span<const float> logits, End end) {
    return guarded("no token can be chosen", [&] { return parts_->choose(logits, end); });
}

wire::ChosenToken chances(std::span<const float> logits, Token chosen, std::size_t alternatives,
                          const Vocabulary& vocabulary) {
    const float most = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - most);
    const double normal = most + std::log(sum);
    const auto chance_of = [&](Token token) {
        const std::string bytes = vocabulary.piece(token, Vocabulary::Special::is_spelled_out);
        const double logprob = logits[static_cast<std::size_t>(token)] - normal;
        return wire::TokenChance{.token = token,
                                 .text = to_utf8_lossy(bytes),
                                 .bytes = {bytes.begin(), bytes.end()},
                                 .logprob = std::isfinite(logprob)
                                                ? std::max(static_cast<float>(logprob), wire::least_logprob)
                                                : wire::least_logprob};
    };
    wire::ChosenToken result{.chosen = chance_of(chosen)};
    std::vector<Token> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const std::size_t count = std::min(alternatives, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), [&](Token a, Token b) {
        const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
        return x != y ? x > y : a < b;
    });
    for (std::size_t i = 0; i < count; ++i) result.alternatives.push_back(chance_of(order[i]));
    return result;
}

}  // namespace lar::inference
