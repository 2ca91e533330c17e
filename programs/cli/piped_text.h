// What another program sends to standard input; a person at the terminal sends nothing here.
#pragma once

#include <cstddef>
#include <string>

#include "commands.h"

namespace lar::cli {

inline constexpr std::size_t limit_piped_bytes = 64 * 1024 * 1024;

// Text in UTF-8, all of it; empty on a terminal.
Outcome<std::string> piped_text(const Session& session);

}  // namespace lar::cli
