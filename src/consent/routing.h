// Where a question should be answered, and why: here, always, unless there is a reason to propose something else.
//
// decide() is a pure function of what is known and of the user's rules; it never sends anything, and what it proposes
// is a ticket that the user still has to approve. Each thing that was looked at is told with its value and its limit,
// also when it spoke for nothing, so that a decision can be read and argued with. Task classes are told by plain rules
// of words: they are for the user's own rules ("propose for code"), not for judging anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consent/provider.h"

namespace lar::consent {

enum class Task : std::uint8_t { classify, summarise, extract, embed, answer, code, reasoning, talk };
std::string_view to_string(Task task);
std::optional<Task> task_named(std::string_view name);
// `answer` is for what is to be answered from sources.
Task task_of(std::string_view question, bool with_sources);

// How sure a model was; none: not measured.
struct Uncertainty {
    std::optional<double> token_entropy;  // mean over the answer's tokens, in nats
    std::optional<double> disagreement;   // of two samples of a short answer: 0 the same, 1 nothing in common
};

struct RoutingRules {
    std::string provider;     // that is proposed; empty: nobody, so everything stays here
    std::vector<Task> tasks;  // for which it is proposed whatever the rest says
    double entropy_limit = 2.5;
    double disagreement_limit = 0.6;
};

struct RoutingFacts {
    std::string question;
    bool with_sources = false;
    bool user_asks = false;  // for another model, this time
    std::uint64_t prompt_tokens = 0, answer_tokens = 0;
    std::uint64_t window_tokens = 0;  // that the local model can have; 0: there is no local model
    Uncertainty uncertainty;
};

struct RouteReason {
    std::string what;   // "window"
    std::string found;  // "9,000 tokens wanted, 4,096 there are"
    bool speaks_for_proposal = false;
};
struct Route {
    bool proposes = false;
    std::string provider;  // when it does
    Task task = Task::talk;
    std::vector<RouteReason> reasons;  // in the order they were looked at
    std::string why;                   // one sentence
};
Route decide(const RoutingFacts& facts, const RoutingRules& rules, const Settings& settings);

}  // namespace lar::consent
