#include "models/keep_alive.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"

namespace lar::models {
namespace {

// Longer than anybody waits; more is for ever.
constexpr double most_us = 100.0 * 365 * us_per_day;
constexpr std::size_t limit_shown_text = 40;

struct Unit {
    std::string_view name;
    double us;
};
// Longer names before those they begin with.
constexpr std::array<Unit, 8> units{
    {{"ns", 1e-3}, {"us", 1}, {"µs", 1}, {"μs", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}}};

std::optional<double> cut_number(std::string_view& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(value) || text.starts_with('-')) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<double> cut_unit(std::string_view& text) {
    for (const Unit& unit : units) {
        if (!text.starts_with(unit.name)) continue;
        text.remove_prefix(unit.name.size());
        return unit.us;
    }
    return std::nullopt;
}

std::optional<double> duration_us(std::string_view text) {
    std::optional<double> sum_us;
    do {
        const std::optional<double> number = cut_number(text);
        if (!number) return std::nullopt;
        if (text.empty() && !sum_us) return *number * us_per_second;  // without a unit, and all there is
        const std::optional<double> unit_us = cut_unit(text);
        if (!unit_us) return std::nullopt;
        sum_us = sum_us.value_or(0) + *number * *unit_us;
    } while (!text.empty());
    return sum_us;
}

}  // namespace

Result<std::int64_t> parse_keep_alive_us(std::string_view text) {
    std::string_view rest = trim(text);
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const std::optional<double> us = duration_us(rest);
    if (!us)
        return fail(Code::invalid,
                    lar::format("keep_alive is a duration such as 5m, a number of seconds, 0 or -1, not '{}'",
                                printable(utf8_prefix(text, limit_shown_text))));
    if ((negative && *us > 0) || *us > most_us) return keep_forever_us;
    return static_cast<std::int64_t>(*us);
}

}  // namespace lar::models
