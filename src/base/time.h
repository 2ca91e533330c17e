// Moments, clocks and the user's time zone.
//
// A moment is UTC microseconds plus the offset that was in force where it was written, so that
// "yesterday" can be answered in the user's zone and a commit still shows its author's hour. Clock
// and Zone are passed in, never reached for, so that tests need no waiting.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lar {

inline constexpr std::int64_t us_per_second = 1'000'000;
inline constexpr std::int64_t us_per_minute = 60 * us_per_second;
inline constexpr std::int64_t us_per_hour = 60 * us_per_minute;
inline constexpr std::int64_t us_per_day = 24 * us_per_hour;

struct Timestamp {
    std::int64_t us = 0;          // microseconds since 1970-01-01T00:00:00Z
    std::int16_t offset_min = 0;  // minutes east of UTC
    auto operator<=>(const Timestamp& other) const { return us <=> other.us; }
    bool operator==(const Timestamp& other) const { return us == other.us; }
};

// A half-open span of time; a missing end is unbounded.
struct TimeWindow {
    std::optional<std::int64_t> since_us;
    std::optional<std::int64_t> until_us;
    bool bounded() const { return since_us || until_us; }
    bool contains(std::int64_t us) const { return (!since_us || us >= *since_us) && (!until_us || us < *until_us); }
};

// A moment taken apart in some zone. month 1..12, day 1..31, weekday 0 = Sunday.
struct CivilTime {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, weekday = 4;
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual std::int64_t now_us() const = 0;
    virtual std::int64_t monotonic_us() const = 0;
};

class Zone {
public:
    virtual ~Zone() = default;
    // Minutes east of UTC at that moment.
    virtual std::int16_t offset_min_at(std::int64_t us) const = 0;
};

class SystemClock final : public Clock {
public:
    std::int64_t now_us() const override;
    std::int64_t monotonic_us() const override;
};
// For deadlines.
inline std::int64_t monotonic_us() { return SystemClock().monotonic_us(); }
inline std::int64_t monotonic_ms() { return monotonic_us() / 1000; }

// The machine's zone ($TZ or /etc/localtime). The rules are read once, at construction, so that
// it keeps working after the process has locked itself down.
class SystemZone final : public Zone {
public:
    SystemZone();
    std::int16_t offset_min_at(std::int64_t us) const override;
};

class FixedZone final : public Zone {
public:
    explicit FixedZone(std::int16_t offset_min) : offset_min_(offset_min) {}
    std::int16_t offset_min_at(std::int64_t) const override { return offset_min_; }

private:
    std::int16_t offset_min_;
};

CivilTime civil_in(const Zone& zone, std::int64_t us);
// The moment of a civil time in a zone; fields out of range carry over (day 0 is the last of the month before).
std::int64_t moment_of(const Zone& zone, const CivilTime& civil);
// Midnight at the start of the day that contains `us`.
std::int64_t day_start(const Zone& zone, std::int64_t us);

// "2026-11-21" in that zone.
std::string to_date(const Zone& zone, std::int64_t us);
// "2026-11-21T14:03:00+01:00" (RFC 3339, whole seconds).
std::string to_rfc3339(Timestamp time);
// The same shape, a date alone (midnight in the zone), or date and time without an offset (in the zone).
Result<Timestamp> parse_rfc3339(std::string_view text, const Zone& zone);
// "90s", "15m", "2h", "3d", "1w" → microseconds.
Result<std::int64_t> parse_duration_us(std::string_view text);

}  // namespace lar
