// lard's command line.
#pragma once

#include <optional>

#include "base/result.h"
#include "settings.h"

namespace lar::lard {

// nullopt: --help or --version was asked for and has been printed.
Result<std::optional<Flags>> parse_options(int argc, char** argv);

}  // namespace lar::lard
