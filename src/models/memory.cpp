#include "models/memory.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t limit_file_bytes = 64 * 1024;
constexpr std::size_t limit_levels = 64;  // of cgroups within each other

std::optional<std::uint64_t> number(std::string_view text) {
    text = trim(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;  // "max"
    return value;
}

// What follows `key` on its line, up to the line's end.
std::optional<std::uint64_t> field(std::string_view text, std::string_view key) {
    for (const std::string_view line : split_lines(text))
        if (line.starts_with(key)) return number(line.substr(key.size()));
    return std::nullopt;
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
    const Result<std::string> text = read_file(path, limit_file_bytes);
    return text ? number(*text) : std::nullopt;  // not there: no such limit
}

// The names of one version's files.
struct Files {
    const char *limit, *used, *reclaimable;
};
constexpr Files version_2{"memory.max", "memory.current", "inactive_file "};
constexpr Files version_1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "};

void lower(Memory& memory, const fs::path& group, const Files& files) {
    const std::optional<std::uint64_t> limit = number_in(group / files.limit);
    const std::optional<std::uint64_t> used = number_in(group / files.used);
    if (!limit || !used) return;
    const Result<std::string> stat = read_file(group / "memory.stat", limit_file_bytes);
    const std::uint64_t reclaimable = stat ? field(*stat, files.reclaimable).value_or(0) : 0;
    const std::uint64_t held = *used - std::min(*used, reclaimable);
    const std::uint64_t left = *limit - std::min(*limit, held);
    if (left >= memory.available_bytes) return;
    memory = {.available_bytes = left, .total_bytes = *limit, .bound = Bound::cgroup};
}

void lower_at_every_level(Memory& memory, const fs::path& root, std::string_view group, const Files& files) {
    fs::path path = fs::path(group).relative_path();
    for (std::size_t level = 0; level < limit_levels; ++level) {
        lower(memory, root / path, files);
        if (path.empty()) return;
        path = path.parent_path();
    }
}

}  // namespace

Result<Memory> SystemMemory::now() const {
    const std::string info = TRY(read_file(proc_ / "meminfo", limit_file_bytes));
    const auto available = field(info, "MemAvailable:"), total = field(info, "MemTotal:");
    if (!available || !total)
        return fail(Code::internal,
                    lar::format("{} does not say how much memory there is", (proc_ / "meminfo").string()));
    Memory memory{.available_bytes = *available * 1024, .total_bytes = *total * 1024};
    const Result<std::string> groups = read_file(proc_ / "self" / "cgroup", limit_file_bytes);
    if (!groups) return memory;  // a kernel without cgroups limits nothing
    for (const std::string_view line : split_lines(*groups)) {
        // "0::/user.slice/…" is version 2, "4:memory:/…" version 1.
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string_view group = line.substr(second + 1);
        if (controllers.empty()) lower_at_every_level(memory, cgroups_, group, version_2);
        for (const std::string_view controller : split(controllers, ','))
            if (controller == "memory") lower_at_every_level(memory, cgroups_ / "memory", group, version_1);
    }
    return memory;
}

}  // namespace lar::models
