#include "settings_routing.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/nearest.h"
#include "base/text.h"

namespace lar::lard {
namespace {

constexpr double most_entropy = 30;  // nats: of a vocabulary that nobody has
constexpr std::size_t limit_tasks_named = 64;

std::unexpected<Error> wrong_rule(const std::filesystem::path& config, std::string_view key,
                                  std::string_view expected) {
    return fail(Code::invalid, lar::format("{}: '{}' must be {}", config.string(), key, expected));
}

Result<consent::Task> take_task(const std::filesystem::path& config, std::string_view key, const std::string& name) {
    if (const auto task = consent::task_named(name)) return *task;
    const std::string all = consent::task_names();
    std::vector<std::string_view> known;
    for (const std::string_view one : split(all, ',')) known.push_back(trim(one));
    const std::string_view meant = nearest(name, known);
    const std::string hint =
        meant.empty() ? lar::format("there are {}", all) : lar::format("did you mean '{}'?", meant);
    return fail(Code::invalid, lar::format("{}: '{}' names the task '{}', which there is not; {}", config.string(), key,
                                           printable(utf8_prefix(name, 40)), hint));
}

Result<std::vector<consent::Task>> take_tasks(const std::filesystem::path& config, std::string_view key,
                                              const toml::node& node) {
    constexpr std::string_view expected = "a list such as [\"code\", \"reasoning\"]";
    const toml::array* const list = node.as_array();
    if (list == nullptr || list->size() > limit_tasks_named) return wrong_rule(config, key, expected);
    std::vector<consent::Task> tasks;
    for (const toml::node& one : *list) {
        const auto name = one.value_exact<std::string>();
        if (!name) return wrong_rule(config, key, expected);
        const consent::Task task = TRY(take_task(config, key, *name));
        if (!std::ranges::contains(tasks, task)) tasks.push_back(task);
    }
    return tasks;
}

// 2 as well as 2.5.
std::optional<double> number_of(const toml::node& node) {
    return node.is_number() ? node.value<double>() : std::nullopt;
}

}  // namespace

Result<Known> take_routing(const std::filesystem::path& config, std::string_view key, const toml::node& node,
                           consent::RoutingRules& rules) {
    if (key == "routing.provider") {
        const auto name = node.value_exact<std::string>();
        if (!name) return wrong_rule(config, key, "the name of a provider");
        rules.provider = *name;
    } else if (key == "routing.tasks") {
        rules.tasks = TRY(take_tasks(config, key, node));
    } else if (key == "routing.entropy_limit") {
        const auto limit = number_of(node);
        if (!limit || !(*limit > 0 && *limit <= most_entropy)) return wrong_rule(config, key, "nats a token, up to 30");
        rules.entropy_limit = *limit;
    } else if (key == "routing.disagreement_limit") {
        const auto limit = number_of(node);
        if (!limit || !(*limit >= 0 && *limit <= 1)) return wrong_rule(config, key, "a number from 0 to 1");
        rules.disagreement_limit = *limit;
    } else {
        return Known::no;
    }
    return Known::yes;
}

}  // namespace lar::lard
