#include "requests.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "ipc/channel.h"

namespace lar::engine {
namespace {

constexpr std::uint8_t least_priority = 2;
constexpr std::uint32_t limit_batch_tokens = 16384;
constexpr std::uint32_t limit_threads = 512;
constexpr std::uint32_t limit_context_tokens = 16 * 1024 * 1024;
constexpr std::int32_t limit_look_back = 16 * 1024 * 1024;
// libllama's grammar reader calls itself for every bracket.
constexpr std::ptrdiff_t limit_grammar_depth = 500;

Result<> shape_error(std::string_view what) { return fail(Code::corrupt, lar::format("a request with {}", what)); }

Result<> shape_of(const wire::LoadModel& load) {
    const std::size_t adapters = load.adapter_scales.size();
    if (load.parts == 0 || load.parts > wire::limit_model_parts || adapters > wire::limit_adapters)
        return shape_error("too many files or none");
    if (load.sequences == 0 || load.sequences > wire::limit_sequences)
        return shape_error("a wrong number of sequences");
    if (load.batch_tokens == 0 || load.batch_tokens > limit_batch_tokens) return shape_error("a wrong batch");
    if (load.threads > limit_threads || load.context_tokens > limit_context_tokens)
        return shape_error("absurd numbers");
    return {};
}
Result<> shape_of(const wire::Generate& request) {
    if (request.priority > least_priority) return shape_error("no such priority");
    if (request.stop.size() > wire::limit_stop_strings) return shape_error("too many stop strings");
    if (request.logprobs.value_or(0) > wire::limit_logprobs) return shape_error("too many alternatives");
    if (request.sampling.logit_bias.size() > wire::limit_logit_biases) return shape_error("too many biases");
    if (request.sampling.dry_sequence_breakers.size() > wire::limit_sequence_breakers)
        return shape_error("too many sequence breakers");
    return {};
}
Result<> shape_of(const wire::Embed& request) {
    if (request.priority > least_priority) return shape_error("no such priority");
    if (request.texts.size() + request.tokens.size() > wire::limit_inputs) return shape_error("too many inputs");
    if (!request.texts.empty() && !request.tokens.empty()) return shape_error("two kinds of inputs");
    return {};
}
Result<> shape_of(const wire::Score& request) {
    if (request.priority > least_priority) return shape_error("no such priority");
    if (request.texts.size() > wire::limit_score_texts) return shape_error("too many texts");
    return {};
}
template <class Other>
Result<> shape_of(const Other&) {
    return {};  // nothing that could be too many
}

struct Range {
    const char* name;
    float value, least, most;
};
Result<> within(std::initializer_list<Range> ranges) {
    for (const Range& range : ranges)
        if (!std::isfinite(range.value) || range.value < range.least || range.value > range.most)
            return fail(Code::invalid, lar::format("{} is {} and must be from {} to {}", range.name, range.value,
                                                   range.least, range.most));
    return {};
}

// The place after a literal, a class of characters or a comment that begins at `at`; `at` where there is none.
std::size_t after_quoted(std::string_view grammar, std::size_t at) {
    const char first = grammar[at];
    if (first != '"' && first != '[' && first != '#') return at;
    const char last = first == '"' ? '"' : first == '[' ? ']' : '\n';
    for (++at; at < grammar.size() && grammar[at] != last; ++at)
        if (grammar[at] == '\\' && first != '#') ++at;
    return std::min(at + 1, grammar.size());
}

// "{5,2}" sends libllama's reader on a way of four billion rules.
bool repeats_backwards(std::string_view braces) {
    const std::size_t comma = braces.find(',');
    if (comma == std::string_view::npos) return false;
    const auto number = [](std::string_view text) {
        text = trim(text);
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
    };
    const auto least = number(braces.substr(0, comma)), most = number(braces.substr(comma + 1));
    return least && most && *most < *least;
}

Result<> check_repetitions(std::string_view grammar) {
    for (std::size_t at = 0; at < grammar.size();) {
        if (const std::size_t after = after_quoted(grammar, at); after != at) {
            at = after;
            continue;
        }
        if (grammar[at] == '{') {
            const std::size_t end = std::min(grammar.find('}', at), grammar.size());
            if (repeats_backwards(grammar.substr(at + 1, end - at - 1)))
                return fail(Code::invalid, "the grammar repeats something at least more often than at most");
        }
        ++at;
    }
    return {};
}

Result<> check_grammar(const std::string& grammar) {
    if (grammar.size() > wire::limit_grammar_bytes) return fail(Code::too_large, "the grammar is too long");
    if (grammar.find('\0') != std::string::npos) return fail(Code::invalid, "the grammar holds a zero byte");
    std::ptrdiff_t depth = 0;
    for (const char c : grammar) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth > limit_grammar_depth) return fail(Code::invalid, "the grammar's brackets are nested too deeply");
    }
    return check_repetitions(grammar);
}

Result<> values_of(const wire::Sampling& sampling) {
    constexpr float large = 1e6F;
    TRY_VOID(within({{"temperature", sampling.temperature, 0, 100},
                     {"the dynamic temperature's range", sampling.dynamic_temperature_range, 0, 100},
                     {"the dynamic temperature's exponent", sampling.dynamic_temperature_exponent, 0, 100},
                     {"top_p", sampling.top_p, 0, large},
                     {"min_p", sampling.min_p, 0, 1},
                     {"typical_p", sampling.typical_p, 0, large},
                     {"top_n_sigma", sampling.top_n_sigma, -large, large},
                     {"xtc_probability", sampling.xtc_probability, 0, 1},
                     {"xtc_threshold", sampling.xtc_threshold, 0, large},
                     {"repeat_penalty", sampling.repeat_penalty, 1e-3F, large},
                     {"frequency_penalty", sampling.frequency_penalty, -large, large},
                     {"presence_penalty", sampling.presence_penalty, -large, large},
                     {"dry_multiplier", sampling.dry_multiplier, 0, large},
                     {"dry_base", sampling.dry_base, 0, large},
                     {"mirostat_tau", sampling.mirostat_tau, 0, large},
                     {"mirostat_eta", sampling.mirostat_eta, 0, large}}));
    if (sampling.mirostat > 2) return fail(Code::invalid, "mirostat is 0, 1 or 2");
    for (const std::int32_t tokens : {sampling.repeat_last_n, sampling.dry_penalty_last_n})
        if (tokens < -1 || tokens > limit_look_back)
            return fail(Code::invalid, "a penalty looks back on a number of tokens, or on all with -1");
    if (sampling.dry_allowed_length < 0) return fail(Code::invalid, "dry_allowed_length is negative");
    for (const wire::LogitBias& bias : sampling.logit_bias)
        TRY_VOID(within({{"a logit bias", bias.bias, -std::numeric_limits<float>::max(), large}}));
    return check_grammar(sampling.grammar);
}

Result<> values_of(const wire::Generate& request) {
    for (const std::string& stop : request.stop)
        if (stop.empty() || stop.size() > wire::limit_stop_bytes)
            return fail(Code::invalid, lar::format("a stop string has 1 to {} bytes", wire::limit_stop_bytes));
    for (const std::string& breaker : request.sampling.dry_sequence_breakers)
        if (breaker.empty() || breaker.size() > wire::limit_stop_bytes)
            return fail(Code::invalid, lar::format("a sequence breaker has 1 to {} bytes", wire::limit_stop_bytes));
    return values_of(request.sampling);
}
Result<> values_of(const wire::Embed& request) {
    if (request.texts.empty() && request.tokens.empty()) return fail(Code::invalid, "there is nothing to embed");
    return {};
}
Result<> values_of(const wire::Score& request) {
    if (request.texts.empty()) return fail(Code::invalid, "there is nothing to score");
    return {};
}
Result<> values_of(const wire::LoadModel& load) {
    for (const float scale : load.adapter_scales) TRY_VOID(within({{"an adapter's scale", scale, -100, 100}}));
    return {};
}
template <class Other>
Result<> values_of(const Other&) {
    return {};
}

}  // namespace

Result<> check_shape(const wire::EngineRequest& request) {
    return std::visit([](const auto& message) { return shape_of(message); }, request);
}
Result<> check_values(const wire::EngineRequest& request) {
    return std::visit([](const auto& message) { return values_of(message); }, request);
}

}  // namespace lar::engine
