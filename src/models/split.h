// The files of a model that is split over several: NAME-00001-of-00003.gguf and so on, beside each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"

namespace lar::models {

// All files in order, from any of them. invalid when its name does not say which of `parts` it is.
Result<std::vector<std::filesystem::path>> split_files(const std::filesystem::path& any, std::uint32_t parts);

}  // namespace lar::models
