#include "consent/routing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::consent {
namespace {

constexpr std::array<std::string_view, 8> names_of_tasks = {"classify", "summarise", "extract",   "embed",
                                                            "answer",   "code",      "reasoning", "talk"};
constexpr std::size_t looked_at_bytes = 2000;  // of a question; what it wants stands at its beginning

struct Sign {
    Task task;
    std::string_view words;  // whole words, next to each other, in lower case
};
// The first that fits. Code before what may be done with it, and what is plainly long before what is plainly short.
constexpr auto signs = std::to_array<Sign>({
    {Task::code, "refactor"},       {Task::code, "implement"},          {Task::code, "stack trace"},
    {Task::code, "compile"},        {Task::code, "unit test"},          {Task::code, "write a function"},
    {Task::code, "fix this bug"},   {Task::code, "pull request"},       {Task::reasoning, "step by step"},
    {Task::reasoning, "prove"},     {Task::reasoning, "design a"},      {Task::reasoning, "trade offs"},
    {Task::reasoning, "compare"},   {Task::reasoning, "plan"},          {Task::summarise, "summarise"},
    {Task::summarise, "summarize"}, {Task::summarise, "summary"},       {Task::summarise, "tl dr"},
    {Task::extract, "extract"},     {Task::extract, "list all"},        {Task::extract, "as json"},
    {Task::extract, "as a table"},  {Task::classify, "classify"},       {Task::classify, "categorise"},
    {Task::classify, "categorize"}, {Task::classify, "which category"}, {Task::classify, "is this spam"},
    {Task::embed, "embed"},
});

// Words in lower case with single spaces between and around, so that a sign is found as whole words.
std::string spaced_words(std::string_view question) {
    std::string words = " ";
    for (const char c : to_lower_ascii(question.substr(0, looked_at_bytes)))
        if (is_lower(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80)
            words += c;
        else if (words.back() != ' ')
            words += ' ';
    if (words.back() != ' ') words += ' ';
    return words;
}

RouteReason task_reason(Task task, const RoutingRules& rules) {
    std::string named;
    for (const Task one : rules.tasks) named += lar::format("{}{}", named.empty() ? "" : ", ", to_string(one));
    return {.what = "task",
            .value = std::string(to_string(task)),
            .limit = named.empty() ? "your rules name none" : lar::format("your rules name {}", named),
            .speaks_for_proposal = std::ranges::contains(rules.tasks, task)};
}

RouteReason model_reason(LocalModel model) {
    const auto reason = [](std::string_view value, bool speaks) {
        return RouteReason{.what = "model", .value = std::string(value), .limit = {}, .speaks_for_proposal = speaks};
    };
    switch (model) {
        case LocalModel::wrote: return reason("the local model wrote the answer", false);
        case LocalModel::too_small: return reason("the local model could not take the question", false);
        case LocalModel::missing: return reason("there is no model here", true);
        case LocalModel::failed: return reason("the local model could not write an answer", true);
        case LocalModel::not_asked: return reason("no model was asked", false);
    }
    return {};
}

RouteReason window_reason(const RoutingFacts& facts) {
    if (facts.model != LocalModel::wrote && facts.model != LocalModel::too_small)
        return {.what = "window", .value = "not measured", .limit = {}, .speaks_for_proposal = false};
    return {.what = "window",
            .value = lar::format("{} tokens wanted", facts.wanted_tokens),
            .limit = lar::format("{} tokens", facts.window_tokens),
            .speaks_for_proposal = facts.model == LocalModel::too_small || facts.wanted_tokens > facts.window_tokens};
}

RouteReason uncertainty_reason(std::string_view what, const std::optional<double>& value, double limit) {
    return {.what = std::string(what),
            .value = value ? lar::format("{:.2f}", *value) : "not measured",
            .limit = lar::format("{:.2f}", limit),
            .speaks_for_proposal = value && *value > limit};
}

std::string sentence_of(const RouteReason& reason) {
    if (reason.what == "task") return lar::format("your rules name the task {}", reason.value);
    if (reason.what == "model") return reason.value;
    if (reason.what == "window")
        return lar::format("the local window does not hold it: {}, {} there are", reason.value, reason.limit);
    const std::string_view words = reason.what == "entropy" ? "the local model was unsure of its words"
                                                            : "two answers of the local model disagreed";
    return lar::format("{} ({}, limit {})", words, reason.value, reason.limit);
}

}  // namespace

std::string_view to_string(Task task) { return names_of_tasks[static_cast<std::size_t>(task)]; }

std::optional<Task> task_named(std::string_view name) {
    const auto found = std::ranges::find(names_of_tasks, name);
    if (found == names_of_tasks.end()) return std::nullopt;
    return static_cast<Task>(found - names_of_tasks.begin());
}

std::string task_names() {
    std::string names;
    for (const std::string_view name : names_of_tasks) names += lar::format("{}{}", names.empty() ? "" : ", ", name);
    return names;
}

Task task_of(std::string_view question, bool with_sources) {
    if (question.substr(0, looked_at_bytes).find("```") != std::string_view::npos) return Task::code;
    const std::string words = spaced_words(question);
    for (const Sign& sign : signs)
        if (words.find(lar::format(" {} ", sign.words)) != std::string::npos) return sign.task;
    return with_sources ? Task::answer : Task::talk;
}

Route decide(const RoutingFacts& facts, const Settings& settings) {
    const RoutingRules& rules = settings.routing;
    Route route{.task = task_of(facts.question, facts.with_sources)};
    route.reasons = {task_reason(route.task, rules), model_reason(facts.model), window_reason(facts),
                     uncertainty_reason("entropy", facts.uncertainty.token_entropy, rules.entropy_limit),
                     uncertainty_reason("disagreement", facts.uncertainty.disagreement,
                                        rules.disagreement_limit.value_or(default_disagreement_limit))};

    const auto reason = std::ranges::find_if(route.reasons, &RouteReason::speaks_for_proposal);
    const Provider* const provider = find_provider(settings, rules.provider);
    if (reason == route.reasons.end()) {
        route.why = "here: nothing speaks against it";
    } else if (provider == nullptr) {
        route.why = lar::format("here: {}, but config.toml names nobody to propose", sentence_of(*reason));
    } else {
        route.proposes = true;
        route.provider = provider->name;
        route.why = lar::format("{} could be asked: {}", provider->name, sentence_of(*reason));
    }
    return route;
}

}  // namespace lar::consent
