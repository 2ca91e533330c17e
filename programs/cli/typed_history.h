// What was typed into `lar run` before: a file of lines in the state directory that nobody else may read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::cli {

inline constexpr std::size_t limit_history_lines = 1000;

// The latest lines, oldest first; none where there is no file. A file that has grown to twice the limit is cut.
Result<std::vector<std::string>> read_typed_history(const std::filesystem::path& file);
// Adds a line at once, so that it survives whatever comes. Makes the file and its folder, for the user alone.
Result<> add_typed_history(const std::filesystem::path& file, std::string_view line);

}  // namespace lar::cli
