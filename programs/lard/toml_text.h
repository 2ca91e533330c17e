// Parses TOML for which toml++ 3.4 is fit: its behaviour is undefined where letters beyond ASCII stand in places that
// only its own grammar tells apart, so it is given ASCII alone and the letters are put back into what it made of it.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "toml.h"

namespace lar::lard {

// `name` is for messages, which say the line. Letters beyond ASCII are taken in keys without quotes as well.
Result<toml::table> parse_toml(std::string_view text, const std::filesystem::path& name);

}  // namespace lar::lard
