// How to open a file at a line in the user's editor: every family has its own way to say it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::cli {

// The words of a command as a shell would split them: spaces separate, quotes and backslashes keep together.
std::vector<std::string> command_words(std::string_view command);

// The command that opens `file` at `line` (0: at the top) with that editor. One we do not know gets the file alone:
// a wrong guess would open a file named "+12".
std::vector<std::string> editor_command(std::string_view editor, const std::string& file, std::uint32_t line);

// $VISUAL, $EDITOR, or the first common editor that `exists`; empty when there is none.
std::string choose_editor(const std::function<const char*(const char*)>& environment,
                          const std::function<bool(std::string_view)>& exists);

bool on_search_path(std::string_view program);

}  // namespace lar::cli
