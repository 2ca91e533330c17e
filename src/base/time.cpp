#include "base/time.h"

#include <time.h>

#include <charconv>
#include <limits>

#include "base/format.h"

namespace lar {
namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return now.tv_sec * us_per_second + now.tv_nsec / 1000;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_from_civil(std::int64_t y, int m, int d) {
    y -= m <= 2;
    const std::int64_t era = floor_div(y, 400);
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void civil_from_days(std::int64_t z, CivilTime& out) {
    z += 719468;
    const std::int64_t era = floor_div(z, 146097);
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    out.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    out.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    out.year = static_cast<int>(yoe + era * 400 + (out.month <= 2 ? 1 : 0));
}

// Digits of fixed width at `text[at]`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
    if (at + width > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(at, width)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::unexpected<Error> not_a_time(std::string_view text) {
    return fail(Code::invalid,
                lar::format("'{}' is not a time: use 2026-11-21, 2026-11-21T14:00 or 2026-11-21T14:00:00+01:00", text));
}

}  // namespace

std::int64_t SystemClock::now_us() const { return read_clock(CLOCK_REALTIME); }
std::int64_t SystemClock::monotonic_us() const { return read_clock(CLOCK_MONOTONIC); }

SystemZone::SystemZone() { ::tzset(); }

std::int16_t SystemZone::offset_min_at(std::int64_t us) const {
    const time_t seconds = static_cast<time_t>(floor_div(us, us_per_second));
    tm parts{};
    ::localtime_r(&seconds, &parts);
    return static_cast<std::int16_t>(parts.tm_gmtoff / 60);
}

CivilTime civil_in(const Zone& zone, std::int64_t us) {
    const std::int64_t local_s = floor_div(us, us_per_second) + zone.offset_min_at(us) * 60;
    const std::int64_t days = floor_div(local_s, 86400);
    const std::int64_t rest = local_s - days * 86400;
    CivilTime out;
    civil_from_days(days, out);
    out.hour = static_cast<int>(rest / 3600);
    out.minute = static_cast<int>(rest / 60 % 60);
    out.second = static_cast<int>(rest % 60);
    out.weekday = static_cast<int>(((days % 7) + 11) % 7);
    return out;
}

std::int64_t moment_of(const Zone& zone, const CivilTime& civil) {
    const std::int64_t months = static_cast<std::int64_t>(civil.year) * 12 + civil.month - 1;
    const std::int64_t year = floor_div(months, 12);
    const std::int64_t days = days_from_civil(year, static_cast<int>(months - year * 12) + 1, 1) + civil.day - 1;
    const std::int64_t local_s = days * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second;
    // The offset depends on the moment and the moment on the offset: two rounds settle it outside a changeover.
    std::int64_t us = local_s * us_per_second;
    for (int round = 0; round < 2; ++round) us = (local_s - zone.offset_min_at(us) * 60) * us_per_second;
    return us;
}

std::int64_t day_start(const Zone& zone, std::int64_t us) {
    CivilTime civil = civil_in(zone, us);
    civil.hour = civil.minute = civil.second = 0;
    return moment_of(zone, civil);
}

std::string to_date(const Zone& zone, std::int64_t us) {
    const CivilTime civil = civil_in(zone, us);
    return lar::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

std::string to_rfc3339(Timestamp time) {
    const CivilTime c = civil_in(FixedZone(time.offset_min), time.us);
    const int offset = time.offset_min < 0 ? -time.offset_min : time.offset_min;
    return lar::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute,
                       c.second, time.offset_min < 0 ? '-' : '+', offset / 60, offset % 60);
}

Result<Timestamp> parse_rfc3339(std::string_view text, const Zone& zone) {
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    if (!year || !month || !day || text[4] != '-' || text[7] != '-' || *month < 1 || *month > 12 || *day < 1 ||
        *day > 31)
        return not_a_time(text);
    CivilTime civil{.year = *year, .month = *month, .day = *day};
    std::size_t at = 10;
    if (at < text.size() && (text[at] == 'T' || text[at] == ' ')) {
        const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2);
        if (!hour || !minute || text[13] != ':' || *hour > 24 || *minute > 59) return not_a_time(text);
        civil.hour = *hour;
        civil.minute = *minute;
        at = 16;
        if (at < text.size() && text[at] == ':') {
            const auto second = digits(text, 17, 2);
            if (!second || *second > 60) return not_a_time(text);
            civil.second = *second;
            at = 19;
            if (at < text.size() && text[at] == '.')
                for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
                }
        }
    }
    if (at == text.size()) {
        const std::int64_t us = moment_of(zone, civil);
        return Timestamp{us, zone.offset_min_at(us)};
    }
    int offset = 0;
    if (text.substr(at) != "Z") {
        const auto hours = digits(text, at + 1, 2), minutes = digits(text, at + 4, 2);
        if ((text[at] != '+' && text[at] != '-') || !hours || !minutes || text[at + 3] != ':' || at + 6 != text.size())
            return not_a_time(text);
        offset = (*hours * 60 + *minutes) * (text[at] == '-' ? -1 : 1);
    }
    const auto offset_min = static_cast<std::int16_t>(offset);
    return Timestamp{moment_of(FixedZone(offset_min), civil), offset_min};
}

Result<std::int64_t> parse_duration_us(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const std::int64_t unit_us = unit == "s"   ? us_per_second
                                 : unit == "m" ? us_per_minute
                                 : unit == "h" ? us_per_hour
                                 : unit == "d" ? us_per_day
                                 : unit == "w" ? 7 * us_per_day
                                               : 0;
    if (error != std::errc() || unit_us == 0 || count < 0 || count > std::numeric_limits<std::int64_t>::max() / unit_us)
        return fail(Code::invalid, lar::format("'{}' is not a duration: use 90s, 15m, 2h, 3d or 1w", text));
    return count * unit_us;
}

}  // namespace lar
