// [routing] of config.toml: when another model is proposed, and which. What it means is consent/routing.h's.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "consent/routing_rules.h"
#include "toml.h"

namespace lar::lard {

enum class Known : bool { no, yes };

// `key` as "routing.tasks". Known::no: it is none of these.
Result<Known> take_routing(const std::filesystem::path& config, std::string_view key, const toml::node& node,
                           consent::RoutingRules& rules);

}  // namespace lar::lard
