// What `lar show` and /show of `lar run` say of a model.
#pragma once

#include <string>
#include <string_view>

#include "output.h"
#include "wire/ollama.h"

namespace lar::cli {

void print_model(Output& out, const wire::OllamaShow& model);
// Safe to print, each line behind two spaces.
std::string indented(std::string_view text);

}  // namespace lar::cli
