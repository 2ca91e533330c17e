#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <exception>
#include <memory>
#include <string>

#include "base/format.h"

namespace lar {
namespace {

constexpr std::size_t log_file_bytes = 4 * 1024 * 1024;
constexpr std::size_t log_files_kept = 1;  // besides the current one

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

// Set once by main before other threads exist, then only read.
std::unique_ptr<spdlog::logger>& logger() {
    static std::unique_ptr<spdlog::logger> instance;
    return instance;
}

void install(spdlog::sink_ptr sink, spdlog::level::level_enum least) {
    auto made = std::make_unique<spdlog::logger>("lar", std::move(sink));
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    made->set_level(least);
    made->flush_on(spdlog::level::info);
    logger() = std::move(made);
}

}  // namespace

Result<> log_to_file(const std::filesystem::path& path) {
    try {
        install(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path.string(), log_file_bytes, log_files_kept),
                spdlog::level::info);
    } catch (const std::exception& error) {
        return fail(Code::unavailable, lar::format("cannot write the log {}: {}", path.string(), error.what()));
    }
    return {};
}

void log_to_stderr(LogLevel least) { install(std::make_shared<spdlog::sinks::stderr_sink_mt>(), level_of(least)); }

void log_line(LogLevel level, std::string_view text) {
    if (!logger()) log_to_stderr(LogLevel::info);
    logger()->log(level_of(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace lar
