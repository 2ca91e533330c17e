// Help as text, from the table of verbs.
#pragma once

#include <string>

#include "output.h"
#include "verbs.h"

namespace lar::cli {

std::string all_help(const Output& output);
std::string verb_help(const Verb& verb, const Output& output);
// "lar ask [OPTIONS] QUESTION..."
std::string usage_line(const Verb& verb);

}  // namespace lar::cli
