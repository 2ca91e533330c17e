// The part of ggml that computes: one shared library for each kind of processor, of which the fitting one is loaded.
//
// load_backends() takes them from the folder that the caller names and from nowhere else; ggml's own search would
// also look beside the program and in the current folder. It opens files and maps code, so it comes before the
// process locks itself down, and it reads no foreign byte.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace lar::inference {

// "llama 0.7.0"
std::string library_version();

// "cpu haswell": what it will compute on. unavailable when the folder holds nothing that fits.
Result<std::string> load_backends(const std::filesystem::path& folder);

}  // namespace lar::inference
