// When the user wants another model proposed, as [routing] of config.toml says it. Without a provider nobody ever is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::consent {

// What a question wants. They are for the user's own rules ("propose for code"), not for judging anybody.
enum class Task : std::uint8_t { classify, summarise, extract, embed, answer, code, reasoning, talk };
std::string_view to_string(Task task);
std::optional<Task> task_named(std::string_view name);
std::string task_names();  // "classify, summarise, …", for messages

inline constexpr double default_entropy_limit = 2.5;       // nats a token
inline constexpr double default_disagreement_limit = 0.6;  // of 1

struct RoutingRules {
    std::string provider;     // that is proposed; empty: nobody, so everything stays here
    std::vector<Task> tasks;  // for which it is proposed whatever the rest says
    double entropy_limit = default_entropy_limit;
    // A second answer costs as much as the first; without a limit of the user's it is written for nobody but those who
    // ask for an explanation.
    std::optional<double> disagreement_limit;
};

}  // namespace lar::consent
