#include "api/plan.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "models/keep_alive.h"
#include "models/parameters.h"
#include "models/reference.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

constexpr std::size_t limit_name_told = 40;
// For a model that brings no template: the texts alone, as Ollama hands them to such a model.
constexpr std::string_view texts_alone =
    "{% for message in messages %}{{ message.content }}{% if not loop.last %}\n\n{% endif %}{% endfor %}";
constexpr std::uint32_t random_seed = 0xFFFFFFFF;

template <class To, class From>
void take(const std::optional<From>& from, To& into) {
    if (from) into = static_cast<To>(*from);
}

}  // namespace

Result<RequestOptions> request_options(std::string_view json) {
    RequestOptions out;
    if (json.empty()) return out;
    for (const wire::JsonMember& member : TRY(wire::json_members(json))) {
        if (!models::is_parameter(member.name)) {
            out.skipped.push_back(printable(utf8_prefix(member.name, limit_name_told)));
            continue;
        }
        const auto one = TRY(models::options_from_json(lar::format("{{\"{}\":{}}}", member.name, member.json)));
        out.options = models::merge(std::move(out.options), one);
    }
    return out;
}

Result<std::optional<std::int64_t>> keep_alive_us(const wire::Json& keep_alive) {
    if (!keep_alive.present()) return std::nullopt;
    std::string text = keep_alive.text;
    if (text.starts_with('"')) text = TRY(wire::from_json<std::string>(text));
    Result<std::int64_t> us = models::parse_keep_alive_us(text);
    if (!us) return fail(Code::invalid, lar::format("'keep_alive' is wrong: {}", us.error().message));
    return *us;
}

void apply(const wire::ModelOptions& options, wire::Generate& generate) {
    wire::Sampling& sampling = generate.sampling;
    if (options.seed) sampling.seed = *options.seed < 0 ? random_seed : static_cast<std::uint32_t>(*options.seed);
    take(options.temperature, sampling.temperature);
    if (options.top_k) sampling.top_k = static_cast<std::int32_t>(std::max<std::int64_t>(0, *options.top_k));
    take(options.top_p, sampling.top_p);
    take(options.min_p, sampling.min_p);
    take(options.typical_p, sampling.typical_p);
    take(options.repeat_last_n, sampling.repeat_last_n);
    take(options.repeat_penalty, sampling.repeat_penalty);
    take(options.presence_penalty, sampling.presence_penalty);
    take(options.frequency_penalty, sampling.frequency_penalty);
    take(options.mirostat, sampling.mirostat);
    take(options.mirostat_tau, sampling.mirostat_tau);
    take(options.mirostat_eta, sampling.mirostat_eta);
    take(options.top_n_sigma, sampling.top_n_sigma);
    take(options.xtc_probability, sampling.xtc_probability);
    take(options.xtc_threshold, sampling.xtc_threshold);
    take(options.dynatemp_range, sampling.dynamic_temperature_range);
    take(options.dynatemp_exponent, sampling.dynamic_temperature_exponent);
    take(options.dry_multiplier, sampling.dry_multiplier);
    take(options.dry_base, sampling.dry_base);
    take(options.dry_allowed_length, sampling.dry_allowed_length);
    take(options.dry_penalty_last_n, sampling.dry_penalty_last_n);
    take(options.min_tokens, generate.min_tokens);
    if (options.num_predict)
        generate.max_tokens =
            *options.num_predict < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(*options.num_predict));
    // -1 keeps the whole prompt: then nothing of it may be dropped.
    if (options.num_keep && *options.num_keep >= 0)
        generate.keep_tokens = static_cast<std::uint32_t>(*options.num_keep);
    if (options.num_keep && *options.num_keep < 0) generate.overflow = wire::Overflow::refuse;
    if (options.stop) generate.stop = *options.stop;
}

wire::ChatPrompt chat_prompt(const std::vector<wire::TemplateMessage>& messages, const models::Model& model,
                             std::optional<bool> think) {
    wire::ChatPrompt prompt{.messages = wire::to_json(messages)};
    if (!model.tmpl.empty() && models::language_of(model.tmpl) == models::TemplateLanguage::jinja)
        prompt.tmpl = model.tmpl;
    if (models::chat_template(model.tmpl, model.facts).empty()) prompt.tmpl = texts_alone;
    if (think) prompt.extra = *think ? R"({"enable_thinking":true})" : R"({"enable_thinking":false})";
    return prompt;
}

std::size_t drop_messages(std::vector<wire::TemplateMessage>& messages, std::uint32_t tokens, std::uint32_t fitting) {
    std::size_t bytes = 0;
    for (const wire::TemplateMessage& message : messages) bytes += message.content.size();
    const double over = tokens > fitting ? 1.0 - static_cast<double>(fitting) / tokens : 0;
    const auto wanted = static_cast<std::size_t>(over * static_cast<double>(bytes));
    std::size_t dropped = 0, dropped_bytes = 0;
    for (std::size_t i = 0; i + 1 < messages.size() && (dropped == 0 || dropped_bytes < wanted);) {
        if (messages[i].role == "system") {
            ++i;
            continue;
        }
        dropped_bytes += messages[i].content.size();
        ++dropped;
        messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return dropped;
}

bool can(const models::Model& model, models::Capability capability) {
    return std::ranges::contains(model.capabilities, capability);
}

std::string name_of(const models::Model& model) { return models::short_form(model.reference); }

}  // namespace lar::api
