#include "machine.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "base/text.h"
#include "base/time.h"

namespace lar::lard {
namespace {

constexpr std::size_t limit_packages = 64;

// From the beginning each time; sysfs says 0 or a page for the size.
std::optional<std::string> text_of(const Fd& file) {
    std::array<char, 64> text{};
    const ssize_t bytes = file ? ::pread(file.number(), text.data(), text.size(), 0) : -1;
    if (bytes <= 0) return std::nullopt;
    return std::string(trim({text.data(), static_cast<std::size_t>(bytes)}));
}

std::optional<std::uint64_t> number_of(const Fd& file) {
    const auto text = text_of(file);
    std::uint64_t value = 0;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return value;
}

Fd opened(const std::filesystem::path& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

}  // namespace

std::int64_t cpu_us_of(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
    return time.tv_sec * us_per_second + time.tv_nsec / 1000;
}

PackageEnergy PackageEnergy::open(const std::filesystem::path& powercap) {
    PackageEnergy energy;
    std::error_code error;  // a machine without has no such folder
    for (std::filesystem::directory_iterator zone(powercap, error), end; !error && zone != end; zone.increment(error)) {
        // Zones below a package, and the platform's, count the same joules again.
        const auto name = text_of(opened(zone->path() / "name"));
        if (!name || !name->starts_with("package-") || energy.packages_.size() >= limit_packages) continue;
        Package package{.counter = opened(zone->path() / "energy_uj"),
                        .range = number_of(opened(zone->path() / "max_energy_range_uj")).value_or(0)};
        const auto now = number_of(package.counter);
        if (!now) return {};  // some of it would be less than said
        package.last = *now;
        energy.packages_.push_back(std::move(package));
    }
    return energy;
}

std::optional<std::uint64_t> PackageEnergy::microjoules() {
    if (packages_.empty()) return std::nullopt;
    for (Package& package : packages_) {
        const auto now = number_of(package.counter);
        if (!now) return std::nullopt;
        sum_ +=
            *now >= package.last ? *now - package.last : package.range - std::min(package.range, package.last) + *now;
        package.last = *now;
    }
    return sum_;
}

}  // namespace lar::lard
