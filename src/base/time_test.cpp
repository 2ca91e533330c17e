#include "base/time.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace lar {
namespace {

const FixedZone utc(0);

TEST(Time, CivilAndBackIsTheSameMomentOverFourCenturies) {
    const FixedZone zone(330);
    for (std::int64_t us = -6'000'000'000 * us_per_second; us < 6'000'000'000 * us_per_second;
         us += 86'399'999 * us_per_second)
        EXPECT_EQ(moment_of(zone, civil_in(zone, us)), us);
}

TEST(Time, WeekdaysAndDatesAgreeWithTheCalendar) {
    const CivilTime c = civil_in(utc, 1'795'219'200 * us_per_second);
    EXPECT_EQ(to_rfc3339({1'795'219'200 * us_per_second, 0}), "2026-11-21T00:00:00+00:00");
    EXPECT_EQ(c.weekday, 6);
    EXPECT_EQ(civil_in(utc, -1).year, 1969);
    EXPECT_EQ(civil_in(utc, -1).weekday, 3);
}

TEST(Time, FieldsOutOfRangeCarryOver) {
    EXPECT_EQ(moment_of(utc, {.year = 2026, .month = 3, .day = 0}),
              moment_of(utc, {.year = 2026, .month = 2, .day = 28}));
    EXPECT_EQ(moment_of(utc, {.year = 2026, .month = 13, .day = 1}),
              moment_of(utc, {.year = 2027, .month = 1, .day = 1}));
}

TEST(Time, ADayIsAsLongAsItIsAcrossAChangeover) {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    const SystemZone berlin;
    const std::int64_t spring = moment_of(berlin, {.year = 2026, .month = 3, .day = 29});
    EXPECT_EQ(moment_of(berlin, {.year = 2026, .month = 3, .day = 30}) - spring, 23 * us_per_hour);
    EXPECT_EQ(day_start(berlin, spring + 12 * us_per_hour), spring);
    EXPECT_EQ(to_rfc3339({spring + 12 * us_per_hour, berlin.offset_min_at(spring + 12 * us_per_hour)}),
              "2026-03-29T13:00:00+02:00");
    ::unsetenv("TZ");
}

TEST(Time, Rfc3339IsReadInItsShorterFormsToo) {
    const FixedZone zone(60);
    EXPECT_EQ(parse_rfc3339("2026-11-21", zone)->us, parse_rfc3339("2026-11-20T23:00:00Z", zone)->us);
    EXPECT_EQ(parse_rfc3339("2026-11-21T14:03", zone)->us, parse_rfc3339("2026-11-21T14:03:00.25+01:00", zone)->us);
    for (const char* wrong :
         {"", "yesterday", "2026-13-01", "2026-11-21T25:00", "2026-11-21T14:03:00+1", "2026-11-21x"})
        EXPECT_EQ(parse_rfc3339(wrong, zone).error().code, Code::invalid) << wrong;
}

TEST(Time, DurationsHaveAUnit) {
    EXPECT_EQ(parse_duration_us("2h"), 2 * us_per_hour);
    EXPECT_EQ(parse_duration_us("1w"), 7 * us_per_day);
    for (const char* wrong : {"", "h", "2", "-2h", "2y", "99999999999999999w"})
        EXPECT_FALSE(parse_duration_us(wrong)) << wrong;
}

}  // namespace
}  // namespace lar
