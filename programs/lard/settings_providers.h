// [providers.NAME] of config.toml: whom a question may be handed to. Keys of theirs do not belong there, and one that
// is there is refused by name. [handoff]: what is taken out of it besides secrets, and how long it waits for its user.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "consent/provider.h"
#include "toml.h"

namespace lar::lard {

Result<consent::Provider> read_provider(const std::filesystem::path& config, std::string_view name,
                                        const toml::table& table);
// `names_file` becomes the file that it names, which is read by take_names().
Result<> read_handoff(const std::filesystem::path& config, const toml::table& table, consent::Settings& settings,
                      std::string& names_file);
// Adds those of the file, if one is named, and checks them all.
Result<> take_names(const std::filesystem::path& config, const std::string& names_file, consent::Settings& settings);

}  // namespace lar::lard
