#include "models/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <variant>

#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::models {
namespace {

using wire::ModelOptions;

template <class T>
using FieldOf = std::optional<T> ModelOptions::*;
using Field = std::variant<FieldOf<std::int64_t>, FieldOf<double>, FieldOf<bool>, FieldOf<std::vector<std::string>>>;

struct Parameter {
    std::string_view name;
    Field field;
    double least = 0, most = 0;  // of numbers
};

constexpr std::size_t limit_part_shown = 40;  // of a wrong name or value
constexpr double tokens_most = 1 << 24;
constexpr double weight_most = 100;
constexpr std::array<Parameter, 33> parameters{{
    {"num_ctx", &ModelOptions::num_ctx, 1, tokens_most},
    {"num_batch", &ModelOptions::num_batch, 1, 65'536},
    {"num_thread", &ModelOptions::num_thread, 0, 1024},
    {"num_gpu", &ModelOptions::num_gpu, -1, 10'000},
    {"main_gpu", &ModelOptions::main_gpu, 0, 64},
    {"use_mmap", &ModelOptions::use_mmap},
    {"use_mlock", &ModelOptions::use_mlock},
    {"num_keep", &ModelOptions::num_keep, -1, tokens_most},
    {"seed", &ModelOptions::seed, -1, std::numeric_limits<std::uint32_t>::max()},
    {"num_predict", &ModelOptions::num_predict, -2, tokens_most},
    {"top_k", &ModelOptions::top_k, -1, 1'000'000},
    {"top_p", &ModelOptions::top_p, 0, 1},
    {"min_p", &ModelOptions::min_p, 0, 1},
    {"typical_p", &ModelOptions::typical_p, 0, 1},
    {"repeat_last_n", &ModelOptions::repeat_last_n, -1, tokens_most},
    {"temperature", &ModelOptions::temperature, 0, weight_most},
    {"repeat_penalty", &ModelOptions::repeat_penalty, 0.01, weight_most},
    {"presence_penalty", &ModelOptions::presence_penalty, -weight_most, weight_most},
    {"frequency_penalty", &ModelOptions::frequency_penalty, -weight_most, weight_most},
    {"mirostat", &ModelOptions::mirostat, 0, 2},
    {"mirostat_tau", &ModelOptions::mirostat_tau, 0, weight_most},
    {"mirostat_eta", &ModelOptions::mirostat_eta, 0, weight_most},
    {"stop", &ModelOptions::stop},
    {"min_tokens", &ModelOptions::min_tokens, 0, tokens_most},
    {"top_n_sigma", &ModelOptions::top_n_sigma, -1, weight_most},
    {"xtc_probability", &ModelOptions::xtc_probability, 0, 1},
    {"xtc_threshold", &ModelOptions::xtc_threshold, 0, 1},
    {"dynatemp_range", &ModelOptions::dynatemp_range, 0, weight_most},
    {"dynatemp_exponent", &ModelOptions::dynatemp_exponent, 0, weight_most},
    {"dry_multiplier", &ModelOptions::dry_multiplier, 0, weight_most},
    {"dry_base", &ModelOptions::dry_base, 0, weight_most},
    {"dry_allowed_length", &ModelOptions::dry_allowed_length, 0, tokens_most},
    {"dry_penalty_last_n", &ModelOptions::dry_penalty_last_n, -1, tokens_most},
}};

struct Refused {
    std::string_view name, why;
};
constexpr std::string_view gone = "no engine knows it any more; leave it out";
constexpr std::array<Refused, 10> refused{{
    {"penalize_newline", gone},
    {"tfs_z", gone},
    {"f16_kv", gone},
    {"low_vram", gone},
    {"vocab_only", gone},
    {"logits_all", gone},
    {"embedding_only", gone},
    {"numa", gone},
    {"num_gqa", gone},
    {"draft_num_predict", "Lar has no draft models yet; leave it out"},
}};

const Parameter* find(std::string_view name) {
    const auto* const found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : found;
}

std::unexpected<Error> unknown(std::string_view name) {
    for (const Refused& one : refused)
        if (one.name == name)
            return fail(Code::invalid, lar::format("the parameter '{}' is not taken: {}", name, one.why));
    std::array<std::string_view, parameters.size()> names;
    std::ranges::transform(parameters, names.begin(), &Parameter::name);
    const std::string shown = printable(utf8_prefix(name, limit_part_shown));
    const std::string_view meant = nearest(name, names);
    if (meant.empty()) return fail(Code::invalid, lar::format("there is no parameter '{}'", shown));
    return fail(Code::invalid, lar::format("there is no parameter '{}'; did you mean '{}'?", shown, meant));
}

std::unexpected<Error> wrong(const Parameter& parameter, std::string_view expected, std::string_view text) {
    return fail(Code::invalid, lar::format("the parameter '{}' must be {}, not '{}'", parameter.name, expected,
                                           printable(utf8_prefix(text, limit_part_shown))));
}

template <class T>
Result<T> number(const Parameter& parameter, std::string_view text) {
    constexpr bool whole = std::is_integral_v<T>;
    const std::string expected =
        lar::format("a {} from {} to {}", whole ? "whole number" : "number", parameter.least, parameter.most);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // "8192.0" is a whole number too; clients whose numbers are all floating write it.
    const bool fits = error == std::errc() && end == text.data() + text.size() && std::isfinite(value) &&
                      value >= parameter.least && value <= parameter.most && (!whole || value == std::floor(value));
    if (!fits) return wrong(parameter, expected, text);
    return static_cast<T>(value);
}

Result<bool> truth(const Parameter& parameter, std::string_view text) {
    const std::string lower = to_lower_ascii(text);
    if (lower == "true" || lower == "1" || lower == "t") return true;
    if (lower == "false" || lower == "0" || lower == "f") return false;
    return wrong(parameter, "true or false", text);
}

Result<> add_stop(ModelOptions& options, std::string text) {
    if (text.empty()) return fail(Code::invalid, "the parameter 'stop' is empty");
    if (text.size() > wire::limit_stop_bytes)
        return fail(Code::too_large,
                    lar::format("the parameter 'stop' has {} bytes, {} at most", text.size(), wire::limit_stop_bytes));
    if (!options.stop) options.stop.emplace();
    if (options.stop->size() == wire::limit_stop_strings)
        return fail(Code::too_large, lar::format("more than {} strings to stop at", wire::limit_stop_strings));
    options.stop->push_back(std::move(text));
    return {};
}

// A number or a truth value, which Modelfiles and JSON write alike.
Result<> set_scalar(ModelOptions& options, const Parameter& parameter, std::string_view text) {
    if (const auto* field = std::get_if<FieldOf<std::int64_t>>(&parameter.field))
        options.*(*field) = TRY(number<std::int64_t>(parameter, text));
    else if (const auto* real = std::get_if<FieldOf<double>>(&parameter.field))
        options.*(*real) = TRY(number<double>(parameter, text));
    else
        options.*(std::get<FieldOf<bool>>(parameter.field)) = TRY(truth(parameter, text));
    return {};
}

bool is_list(const Parameter& parameter) {
    return std::holds_alternative<FieldOf<std::vector<std::string>>>(parameter.field);
}

Result<> set_json(ModelOptions& options, const Parameter& parameter, std::string_view json) {
    if (json == "null") return {};
    if (!is_list(parameter)) {
        // Some clients write every option as a string.
        if (!json.starts_with('"')) return set_scalar(options, parameter, json);
        return set_scalar(options, parameter, TRY(wire::from_json<std::string>(json)));
    }
    const Result<std::vector<std::string>> list =
        json.starts_with('"')
            ? wire::from_json<std::string>(json).transform([](std::string one) { return std::vector{std::move(one)}; })
            : wire::from_json<std::vector<std::string>>(json);
    if (!list) return wrong(parameter, "a list of strings", json);
    options.stop.emplace();
    for (const std::string& one : *list) TRY_VOID(add_stop(options, one));
    return {};
}

}  // namespace

bool is_parameter(std::string_view name) { return find(name) != nullptr; }

Result<> set_parameter(ModelOptions& options, std::string_view name, std::string_view text) {
    const Parameter* const parameter = find(name);
    if (parameter == nullptr) return unknown(name);
    if (is_list(*parameter)) return add_stop(options, std::string(text));
    return set_scalar(options, *parameter, text);
}

Result<ModelOptions> options_from_json(std::string_view json) {
    ModelOptions options;
    for (const wire::JsonMember& member : TRY(wire::json_members(json))) {
        const Parameter* const parameter = find(member.name);
        if (parameter == nullptr) return unknown(member.name);
        TRY_VOID(set_json(options, *parameter, member.json));
    }
    return options;
}

Result<StoredOptions> stored_options_from_json(std::string_view json) {
    StoredOptions out;
    for (const wire::JsonMember& member : TRY(wire::json_members(json))) {
        const Parameter* const parameter = find(member.name);
        const Result<> set =
            parameter == nullptr ? Result<>(unknown(member.name)) : set_json(out.options, *parameter, member.json);
        if (!set) out.skipped.push_back(set.error().message);
    }
    return out;
}

ModelOptions merge(ModelOptions under, const ModelOptions& over) {
    for (const Parameter& parameter : parameters)
        std::visit(
            [&](auto field) {
                if (over.*field) under.*field = over.*field;
            },
            parameter.field);
    return under;
}

std::vector<ParameterLine> lines_of(const ModelOptions& options) {
    std::vector<ParameterLine> out;
    for (const Parameter& parameter : parameters) {
        const std::string name(parameter.name);
        std::visit(
            [&](auto field) {
                if (!(options.*field)) return;
                if constexpr (std::is_same_v<decltype(field), FieldOf<std::vector<std::string>>>)
                    for (const std::string& one : *(options.*field)) out.push_back({name, one});
                else
                    out.push_back({name, lar::format("{}", *(options.*field))});
            },
            parameter.field);
    }
    return out;
}

}  // namespace lar::models
