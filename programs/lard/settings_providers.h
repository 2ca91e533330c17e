// [providers.NAME] of config.toml: whom a question may be handed to. Keys of theirs do not belong there, and one that
// is there is refused by name. [handoff]: what is taken out of it besides secrets, and how long it waits for its user.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "consent/provider.h"
#include "toml.h"

namespace lar::lard {

Result<consent::Provider> read_provider(const std::filesystem::path& config, std::string_view name,
                                        const toml::table& table);
Result<> read_handoff(const std::filesystem::path& config, const toml::table& table, consent::Settings& settings);

}  // namespace lar::lard
