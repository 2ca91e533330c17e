#include "bench_figures.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/format.h"
#include "metrics.h"

namespace lar::cli::bench {
namespace {

using Values = std::vector<double>;

std::optional<double> share_of(const Values& values, double share) {
    return values.empty() ? std::nullopt : std::optional(percentile(values, share));
}
std::optional<double> median(const Values& values) { return share_of(values, 0.5); }

template <class Measure>
Values all_of(std::span<const Answer> answers, Measure measure) {
    Values values;
    for (const Answer& answer : answers)
        if (const std::optional<double> value = measure(answer)) values.push_back(*value);
    return values;
}

// What takes less arrived in one go, and its end says nothing about when its tokens were made.
constexpr std::int64_t least_decode_us = 1000;

std::optional<double> first_token(const Answer& answer) { return answer.first_token_ms(); }

std::optional<double> prefill(const Answer& answer) {
    const std::uint64_t cached = std::min(answer.cached_tokens.value_or(0), answer.prompt_tokens);
    const std::uint64_t computed = answer.prompt_tokens - cached;
    if (computed == 0 || answer.first_token_ms() <= 0) return std::nullopt;
    return static_cast<double>(computed) * 1000 / answer.first_token_ms();
}

std::optional<double> decode(const Answer& answer) {
    const std::int64_t took_us = answer.end_us - answer.pieces_us.front();
    if (answer.tokens < 2 || took_us < least_decode_us) return std::nullopt;
    return static_cast<double>(answer.tokens - 1) * 1e6 / static_cast<double>(took_us);
}

std::optional<double> cached(const Answer& answer) {
    return answer.cached_tokens ? std::optional(static_cast<double>(*answer.cached_tokens)) : std::nullopt;
}
std::optional<double> prompt_tokens(const Answer& answer) {
    return answer.prompt_tokens > 0 ? std::optional(static_cast<double>(answer.prompt_tokens)) : std::nullopt;
}
std::optional<double> own_prefill(const Answer& answer) {
    return answer.own ? answer.own->prompt_per_second : std::nullopt;
}
std::optional<double> own_decode(const Answer& answer) {
    return answer.own ? answer.own->predicted_per_second : std::nullopt;
}

std::optional<std::uint64_t> whole(const std::optional<double>& value) {
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Values gaps_ms(std::span<const Answer> answers) {
    Values gaps;
    for (const Answer& answer : answers)
        for (std::size_t i = 1; i < answer.pieces_us.size(); ++i)
            gaps.push_back(static_cast<double>(answer.pieces_us[i] - answer.pieces_us[i - 1]) / 1000);
    return gaps;
}

std::optional<double> ratio(const std::optional<double>& first, const std::optional<double>& second) {
    if (!first || !second || *second <= 0) return std::nullopt;
    return *first / *second;
}

template <class Row>
const Row* row_of(const std::vector<Row>& rows, std::uint32_t Row::* key, std::uint32_t value) {
    const auto found = std::ranges::find(rows, value, key);
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

wire::BenchDepth figures_of(const DepthAnswers& answers) {
    wire::BenchDepth row;
    row.depth = answers.depth;
    row.samples = {.prefill_tokens_per_second = all_of(answers.cold, prefill),
                   .decode_tokens_per_second = all_of(answers.cold, decode),
                   .ttft_cold_ms = all_of(answers.cold, first_token),
                   .ttft_warm_ms = all_of(answers.warm, first_token),
                   .ttft_turn_ms = all_of(answers.turn, first_token)};
    row.prefill_tokens_per_second = median(row.samples.prefill_tokens_per_second);
    row.decode_tokens_per_second = median(row.samples.decode_tokens_per_second);
    row.ttft_cold_ms = median(row.samples.ttft_cold_ms);
    row.ttft_warm_ms = median(row.samples.ttft_warm_ms);
    row.ttft_turn_ms = median(row.samples.ttft_turn_ms);
    const Values gaps = gaps_ms(answers.cold);
    row.inter_token_p50_ms = share_of(gaps, 0.5);
    row.inter_token_p95_ms = share_of(gaps, 0.95);
    row.prompt_tokens = whole(median(all_of(answers.cold, prompt_tokens))).value_or(0);
    row.tokens = whole(median(all_of(answers.cold, [](const Answer& answer) {
                     return std::optional(static_cast<double>(answer.tokens));
                 }))).value_or(0);
    row.cold_cached_tokens = whole(median(all_of(answers.cold, cached)));
    row.warm_cached_tokens = whole(median(all_of(answers.warm, cached)));
    row.turn_cached_tokens = whole(median(all_of(answers.turn, cached)));
    row.turn_prompt_tokens = whole(median(all_of(answers.turn, prompt_tokens)));
    row.server_prefill_tokens_per_second = median(all_of(answers.cold, own_prefill));
    row.server_decode_tokens_per_second = median(all_of(answers.cold, own_decode));
    return row;
}

wire::BenchLevel figures_of(const LevelAnswers& level) {
    wire::BenchLevel row;
    row.clients = level.clients;
    row.requests = level.answers.size();
    if (level.answers.empty()) return row;
    std::int64_t begin_us = level.answers.front().asked_us, end_us = level.answers.front().end_us;
    for (const Answer& answer : level.answers) {
        row.tokens += answer.tokens;
        row.prompt_tokens += answer.prompt_tokens;
        begin_us = std::min(begin_us, answer.asked_us);
        end_us = std::max(end_us, answer.end_us);
    }
    row.seconds = static_cast<double>(end_us - begin_us) / 1e6;
    if (row.seconds > 0) row.tokens_per_second = static_cast<double>(row.tokens) / row.seconds;
    const Values first = all_of(level.answers, first_token);
    row.ttft_p50_ms = percentile(first, 0.5);
    row.ttft_p95_ms = percentile(first, 0.95);
    return row;
}

wire::BenchRatios ratios_of(const wire::BenchServer& first, const wire::BenchServer& second) {
    wire::BenchRatios ratios;
    for (const wire::BenchDepth& a : first.depths)
        if (const auto* b = row_of(second.depths, &wire::BenchDepth::depth, a.depth))
            ratios.depths.push_back({.depth = a.depth,
                                     .prefill = ratio(a.prefill_tokens_per_second, b->prefill_tokens_per_second),
                                     .decode = ratio(a.decode_tokens_per_second, b->decode_tokens_per_second),
                                     .ttft_cold = ratio(a.ttft_cold_ms, b->ttft_cold_ms),
                                     .ttft_warm = ratio(a.ttft_warm_ms, b->ttft_warm_ms),
                                     .ttft_turn = ratio(a.ttft_turn_ms, b->ttft_turn_ms),
                                     .inter_token_p50 = ratio(a.inter_token_p50_ms, b->inter_token_p50_ms),
                                     .inter_token_p95 = ratio(a.inter_token_p95_ms, b->inter_token_p95_ms)});
    for (const wire::BenchLevel& a : first.concurrency)
        if (const auto* b = row_of(second.concurrency, &wire::BenchLevel::clients, a.clients))
            ratios.concurrency.push_back({.clients = a.clients,
                                          .tokens_per_second = ratio(a.tokens_per_second, b->tokens_per_second),
                                          .ttft_p50 = ratio(a.ttft_p50_ms, b->ttft_p50_ms),
                                          .ttft_p95 = ratio(a.ttft_p95_ms, b->ttft_p95_ms)});
    return ratios;
}

std::vector<std::string> notes_on(std::span<const DepthAnswers> depths, std::span<const LevelAnswers> levels,
                                  const wire::BenchSettings& settings) {
    std::uint64_t tokens = 0, pieces = 0, uncounted = 0, short_ones = 0, lumped = 0, asked = 0;
    const auto look_at = [&](const Answer& answer) {
        ++asked;
        tokens += answer.tokens;
        pieces += answer.pieces_us.size();
        uncounted += answer.counted_by_server ? 0 : 1;
        short_ones += answer.tokens < settings.tokens ? 1 : 0;
        lumped += answer.tokens > 1 && !decode(answer) ? 1U : 0U;
    };
    for (const DepthAnswers& depth : depths) std::ranges::for_each(depth.cold, look_at);
    for (const LevelAnswers& level : levels) std::ranges::for_each(level.answers, look_at);
    std::vector<std::string> notes;
    if (asked == 0) return notes;
    if (uncounted > 0)
        notes.push_back(
            "it sends no usage: tokens are counted as the pieces of its stream, prompts as words, and prefill is not "
            "known");
    else if (pieces * 4 < tokens * 3)
        notes.push_back(lar::format("it sends {:.1f} tokens in a piece: inter-token latency is that between pieces",
                                    static_cast<double>(tokens) / static_cast<double>(pieces)));
    if (short_ones > 0)
        notes.push_back(lar::format("{} of {} answers ended before {} tokens; rates are of those there were",
                                    short_ones, asked, settings.tokens));
    if (lumped > 0)
        notes.push_back(
            lar::format("{} of {} answers arrived in one go: they have no rate of decoding", lumped, asked));
    for (const DepthAnswers& depth : depths) {
        const wire::BenchDepth row = figures_of(depth);
        if (row.warm_cached_tokens && row.prompt_tokens > 0 && *row.warm_cached_tokens * 2 < row.prompt_tokens)
            notes.push_back(lar::format("depth {}: of the same prompt again it took {} of {} tokens from its cache",
                                        depth.depth, *row.warm_cached_tokens, row.prompt_tokens));
    }
    return notes;
}

}  // namespace lar::cli::bench
