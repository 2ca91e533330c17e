// The program's log: one line an event, never user text, prompts or secrets.
//
// main calls log_to_file() (rotated: two files of 4 MiB) or leaves the default, standard error.
// Callers pass counts, ids, codes and durations; a path of the user's is user text too.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/result.h"

namespace lar {

enum class LogLevel { debug, info, warning, error };

Result<> log_to_file(const std::filesystem::path& path);
void log_to_stderr(LogLevel least);
void log_line(LogLevel level, std::string_view text);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::info, lar::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::warning, lar::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    log_line(LogLevel::error, lar::format(format, std::forward<Args>(args)...));
}

}  // namespace lar
