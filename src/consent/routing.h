// Where a question should be answered, and why: here, always, unless there is a reason to propose something else.
//
// decide() is a pure function of what is known and of the user's rules; it never sends anything, and what it proposes
// the user still has to approve. Each thing that was looked at is told with its value and its limit, also when it spoke
// for nothing, so that a decision can be read and argued with. Task classes are told by plain rules of words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consent/provider.h"
#include "consent/routing_rules.h"

namespace lar::consent {

// `answer` is for what is to be answered from sources.
Task task_of(std::string_view question, bool with_sources);

// How sure a model was; none: not measured.
struct Uncertainty {
    std::optional<double> token_entropy;  // mean over the answer's tokens, in nats
    std::optional<double> disagreement;   // of two samples of a short answer: 0 the same, 1 nothing in common
};

// What the local model had to do with the answer.
enum class LocalModel : std::uint8_t {
    wrote,
    too_small,  // its window, for the question alone
    missing,    // there is none
    failed,
    not_asked,  // nobody wanted it, or the sources say nothing that it could write from
};

struct RoutingFacts {
    std::string question;
    bool with_sources = false;
    LocalModel model = LocalModel::wrote;
    std::uint64_t wanted_tokens = 0, window_tokens = 0;  // of a model that wrote, or is too small
    Uncertainty uncertainty;
};

struct RouteReason {
    std::string what;   // task, model, window, entropy, disagreement
    std::string value;  // "9000 tokens wanted"
    std::string limit;  // "4096 tokens"; empty: it has none
    bool speaks_for_proposal = false;
};
struct Route {
    bool proposes = false;
    std::string provider;  // when it does
    Task task = Task::talk;
    std::vector<RouteReason> reasons;  // in the order they were looked at
    std::string why;                   // one sentence
};
Route decide(const RoutingFacts& facts, const Settings& settings);

}  // namespace lar::consent
