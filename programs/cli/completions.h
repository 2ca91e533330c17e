// Completion scripts for bash, zsh and fish, written from the table of verbs. Names of sources are asked of `lar`
// itself, which answers only from a daemon that runs: a press of the tab key starts nothing.
#pragma once

#include <string>
#include <string_view>

#include "failure.h"

namespace lar::cli {

Outcome<std::string> completion_script(std::string_view shell);

}  // namespace lar::cli
