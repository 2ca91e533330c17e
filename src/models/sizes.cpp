#include "models/sizes.h"

#include <array>
#include <cmath>
#include <string_view>

#include "base/format.h"

namespace lar::models {

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 4> units{"KB", "MB", "GB", "TB"};
    if (bytes < 1000) return lar::format("{} bytes", bytes);
    double value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    // One figure behind the point where it says something: 4.9 GB, but 49 GB and 812 MB.
    return unit >= 2 && value < 10 ? lar::format("{:.1f} {}", value, units.at(unit))
                                   : lar::format("{:.0f} {}", value, units.at(unit));
}

std::string human_count(std::uint64_t count) {
    constexpr double thousand = 1e3, million = 1e6, billion = 1e9;
    const auto number = static_cast<double>(count);
    if (number >= billion) {
        const double value = number / billion;
        return value == std::floor(value) ? lar::format("{:.0f}B", value) : lar::format("{:.1f}B", value);
    }
    if (number >= million) {
        const double value = number / million;
        return value == std::floor(value) ? lar::format("{:.0f}M", value) : lar::format("{:.2f}M", value);
    }
    if (number >= thousand) return lar::format("{:.0f}K", number / thousand);
    return lar::format("{}", count);
}

std::string with_commas(std::uint64_t number) {
    std::string out = lar::format("{}", number);
    for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
    return out;
}

}  // namespace lar::models
