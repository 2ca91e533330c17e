#include "inference/threads.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/format.h"

namespace lar::inference {
namespace {

constexpr std::uint32_t no_limit = UINT32_MAX;
constexpr int limit_levels = 64;  // of nested control groups

std::string line_of(const std::filesystem::path& file) {
    std::string line;
    std::ifstream stream(file);
    std::getline(stream, line);
    return line;
}

std::uint32_t rounded_up(double quota, double period) {
    if (!(quota > 0) || !(period > 0)) return no_limit;
    return static_cast<std::uint32_t>(std::clamp((quota + period - 1) / period, 1.0, 1e6));
}

// "150000 100000", or "max 100000"
std::uint32_t granted_v2(const std::filesystem::path& group) {
    std::istringstream words(line_of(group / "cpu.max"));
    std::string quota;
    double period = 0;
    words >> quota >> period;
    return quota.empty() || quota == "max" ? no_limit : rounded_up(std::strtod(quota.c_str(), nullptr), period);
}
std::uint32_t granted_v1(const std::filesystem::path& group) {
    return rounded_up(std::strtod(line_of(group / "cpu.cfs_quota_us").c_str(), nullptr),
                      std::strtod(line_of(group / "cpu.cfs_period_us").c_str(), nullptr));
}

// The group and all above it: each may limit what is below.
template <class Granted>
std::uint32_t least_upwards(const std::filesystem::path& mount, std::filesystem::path group, Granted granted) {
    std::uint32_t least = no_limit;
    for (int level = 0; level < limit_levels; ++level) {
        least = std::min(least, granted(mount / group.relative_path()));
        if (!group.has_relative_path()) break;
        group = group.parent_path();
    }
    return least;
}

}  // namespace

std::uint32_t granted_processors(const std::filesystem::path& root) {
    std::uint32_t least = no_limit;
    std::ifstream groups(root / "proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        // "0::/user.slice" or "4:cpu,cpuacct:/user.slice"
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::filesystem::path group = line.substr(second + 1);
        if (controllers == ",,") {
            least = std::min(least, least_upwards(root / "sys/fs/cgroup", group, granted_v2));
        } else if (controllers.find(",cpu,") != std::string::npos) {
            const std::string names = controllers.substr(1, controllers.size() - 2);
            for (const std::string& mount : {names, std::string("cpu")})
                least = std::min(least, least_upwards(root / "sys/fs/cgroup" / mount, group, granted_v1));
        }
    }
    return least;
}

std::uint32_t physical_cores(const std::filesystem::path& root, const std::vector<int>& processors) {
    std::set<std::string> cores;
    for (const int processor : processors) {
        const std::filesystem::path about = root / lar::format("sys/devices/system/cpu/cpu{}/topology", processor);
        const std::string core = line_of(about / "core_id");
        // Where nothing is told each counts for itself.
        cores.insert(core.empty() ? lar::format("processor {}", processor)
                                  : line_of(about / "physical_package_id") + ":" + core);
    }
    return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(cores.size()));
}

std::uint32_t useful_threads(std::uint64_t model_bytes) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    std::vector<int> processors;
    if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
        for (int i = 0; i < CPU_SETSIZE; ++i)
            if (CPU_ISSET(static_cast<std::size_t>(i), &allowed)) processors.push_back(i);
    const std::uint64_t kept_busy = std::clamp<std::uint64_t>(model_bytes / least_bytes_a_thread, 1, no_limit);
    return std::min({physical_cores("/", processors), granted_processors("/"), static_cast<std::uint32_t>(kept_busy)});
}

void flush_denormals() {
#if defined(__x86_64__)
    constexpr unsigned of_results = 0x8000, of_operands = 0x0040;  // FTZ and DAZ of MXCSR
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | of_results | of_operands);
#elif defined(__aarch64__)
    constexpr std::uint64_t flush_to_zero = 1U << 24;  // FZ of FPCR
    std::uint64_t control = 0;
    asm volatile("mrs %0, fpcr" : "=r"(control));
    asm volatile("msr fpcr, %0" : : "r"(control | flush_to_zero));
#endif
}

}  // namespace lar::inference
