#include "consent/routing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::consent {
namespace {

constexpr std::array<std::string_view, 8> task_names = {"classify", "summarise", "extract",   "embed",
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

RouteReason uncertainty_reason(std::string_view what, const std::optional<double>& value, double limit) {
    if (!value) return {.what = std::string(what), .found = "not measured"};
    return {.what = std::string(what),
            .found = lar::format("{:.2f}, limit {:.2f}", *value, limit),
            .speaks_for_proposal = *value > limit};
}

RouteReason window_reason(const RoutingFacts& facts) {
    const std::uint64_t wanted = facts.prompt_tokens + facts.answer_tokens;
    if (facts.window_tokens == 0)
        return {.what = "window", .found = "there is no local model", .speaks_for_proposal = true};
    return {.what = "window",
            .found = lar::format("{} tokens wanted, {} there are", wanted, facts.window_tokens),
            .speaks_for_proposal = wanted > facts.window_tokens};
}

std::string sentence_of(const RouteReason& reason) {
    if (reason.what == "you") return "you asked for it";
    if (reason.what == "task") return "your rules name this task";
    if (reason.what == "window") return lar::format("the local window does not hold it: {}", reason.found);
    if (reason.what == "entropy") return lar::format("the local model was unsure of its words ({})", reason.found);
    return lar::format("two answers of the local model disagreed ({})", reason.found);
}

}  // namespace

std::string_view to_string(Task task) { return task_names[static_cast<std::size_t>(task)]; }

std::optional<Task> task_named(std::string_view name) {
    const auto found = std::ranges::find(task_names, name);
    if (found == task_names.end()) return std::nullopt;
    return static_cast<Task>(found - task_names.begin());
}

Task task_of(std::string_view question, bool with_sources) {
    if (question.substr(0, looked_at_bytes).find("```") != std::string_view::npos) return Task::code;
    const std::string words = spaced_words(question);
    for (const Sign& sign : signs)
        if (words.find(lar::format(" {} ", sign.words)) != std::string::npos) return sign.task;
    return with_sources ? Task::answer : Task::talk;
}

Route decide(const RoutingFacts& facts, const RoutingRules& rules, const Settings& settings) {
    Route route{.task = task_of(facts.question, facts.with_sources)};
    route.reasons.push_back({.what = "you",
                             .found = facts.user_asks ? "asked for another model" : "asked for no other model",
                             .speaks_for_proposal = facts.user_asks});
    route.reasons.push_back({.what = "task",
                             .found = std::string(to_string(route.task)),
                             .speaks_for_proposal = std::ranges::contains(rules.tasks, route.task)});
    route.reasons.push_back(window_reason(facts));
    route.reasons.push_back(uncertainty_reason("entropy", facts.uncertainty.token_entropy, rules.entropy_limit));
    route.reasons.push_back(
        uncertainty_reason("disagreement", facts.uncertainty.disagreement, rules.disagreement_limit));

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
