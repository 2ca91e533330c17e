#include "output.h"

#include <gtest/gtest.h>

#include "progress.h"

namespace lar::cli {
namespace {

const FixedZone utc(0);
const Output plain(1, {.interactive = false, .colour = false, .columns = 100});
const Output narrow(1, {.interactive = true, .colour = false, .columns = 40});

std::int64_t at(std::string_view time) { return parse_rfc3339(time, utc)->us; }

TEST(Output, WidthCountsColumnsAndNotBytes) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("né"), 2U);
    EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining acute
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("\xFF"), 1U);  // ill-formed: one replacement
    EXPECT_EQ(display_width(""), 0U);
}

TEST(Output, AShortenedTextFitsAndSaysSo) {
    EXPECT_EQ(shortened("abcdef", 6), "abcdef");
    EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
    EXPECT_EQ(shortened("日本語", 4), "日…");
    EXPECT_EQ(shortened("abc", 0), "");
    EXPECT_EQ(shortened_path("/home/ana/notes.md", 10), "…/notes.md");
    for (std::size_t columns = 0; columns < 12; ++columns) {
        EXPECT_LE(display_width(shortened("né日本語xyz", columns)), columns);
        EXPECT_LE(display_width(shortened_path("né日本語xyz", columns)), columns);
    }
}

TEST(Output, WrappedTextKeepsWordsTogetherAndCodeAsItIs) {
    EXPECT_EQ(wrapped("one two three", 7, 0), "one two\nthree");
    EXPECT_EQ(wrapped("one two three", 9, 2), "one two\n  three");
    EXPECT_EQ(wrapped("a\n    int x = 1; // long", 8, 0), "a\n    int x = 1; // long");
    EXPECT_EQ(wrapped("averyverylongword x", 5, 0), "averyverylongword\nx");
}

TEST(Output, NoColourOutsideATerminal) {
    EXPECT_EQ(plain.styled(Style::bad, "x"), "x");
    EXPECT_EQ(Output(1, {.interactive = true, .colour = true}).styled(Style::bad, "x"), "\033[31mx\033[0m");
    EXPECT_EQ(Output(1, {.interactive = true, .colour = true}).styled(Style::bad, ""), "");
}

TEST(Output, ATableAlignsByColumnsOfTheTerminal) {
    Table table({{"NAME"}, {"N", Table::Align::right}, {"WHERE"}});
    table.row({"日本", "5", "/a"});
    table.row({"b", "1,000", "/bb"});
    EXPECT_EQ(table.text(plain),
              "NAME      N  WHERE\n"
              "日本      5  /a\n"
              "b     1,000  /bb\n");
}

TEST(Output, WhatStandsInATableOrIsAPathTakesOneLine) {
    Table table({{"A"}, {"B"}});
    table.row({"two\nlines", "a\ttab"});
    EXPECT_EQ(table.text(plain), "A          B\ntwo lines  a tab\n");
    EXPECT_EQ(printable_path("a\nb\tc\033[31m.md"), "a\\nb\\tc [31m.md");
}

TEST(Output, OnlyATerminalCutsTheLastColumn) {
    Table table({{"A"}, {"B"}});
    table.row({"a", std::string(60, 'x')});
    EXPECT_TRUE(table.text(plain).contains(std::string(60, 'x')));
    EXPECT_TRUE(table.text(narrow).contains("a  " + std::string(36, 'x') + "…\n")) << table.text(narrow);
}

TEST(Output, NumbersAreWrittenForPeople) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000), "1,000");
    EXPECT_EQ(count_text(1234567), "1,234,567");
    EXPECT_EQ(counted(1, "file", "files"), "1 file");
    EXPECT_EQ(counted(0, "file", "files"), "0 files");
    EXPECT_EQ(size_text(999), "999 B");
    EXPECT_EQ(size_text(1234), "1.2 kB");
    EXPECT_EQ(size_text(45'600'000), "46 MB");
    EXPECT_EQ(size_text(999'960), "1.0 MB");
    EXPECT_EQ(milliseconds_text(0.44), "0.4 ms");
    EXPECT_EQ(milliseconds_text(14.2), "14 ms");
    EXPECT_EQ(duration_text(2.54), "2.5 s");
    EXPECT_EQ(duration_text(200), "3 min 20 s");
    EXPECT_EQ(duration_text(18120), "5 h 2 min");
    EXPECT_EQ(duration_text(3 * 86400), "3 days");
}

TEST(Output, TimesAreToldFromNow) {
    const std::int64_t now = at("2026-11-21T14:00:00Z");
    const auto ago = [&](std::string_view time) { return ago_text(time, now, utc); };
    EXPECT_EQ(ago("2026-11-21T13:59:30Z"), "just now");
    EXPECT_EQ(ago("2026-11-21T13:59:00Z"), "1 minute ago");
    EXPECT_EQ(ago("2026-11-21T13:15:00Z"), "45 minutes ago");
    EXPECT_EQ(ago("2026-11-21T11:00:00Z"), "3 hours ago");
    EXPECT_EQ(ago("2026-11-20T23:30:00Z"), "yesterday 23:30");
    EXPECT_EQ(ago("2026-11-19T23:30:00Z"), "2 days ago");
    EXPECT_EQ(ago("2026-11-07T00:30:00Z"), "14 days ago");
    EXPECT_EQ(ago("2026-11-06T23:30:00Z"), "2026-11-06");
    EXPECT_EQ(ago("2026-12-24T00:00:00Z"), "2026-12-24");  // a clock that was wrong
    EXPECT_EQ(ago("long ago"), "long ago");
}

TEST(Output, YesterdayIsTheUsersYesterday) {
    const FixedZone tokyo(9 * 60);
    // 23:30 UTC on the 20th is 08:30 on the 21st in Tokyo.
    EXPECT_EQ(ago_text("2026-11-20T23:30:00Z", at("2026-11-21T14:00:00Z"), tokyo), "14 hours ago");
    EXPECT_EQ(date_text("2026-11-20T23:30:00Z", tokyo), "2026-11-21");
}

TEST(Progress, ALineFitsTheTerminal) {
    EXPECT_EQ(progress_line("notes", 50, 100, "files", "1 MB", 200),
              "notes  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌  50 of 100 files  1 MB");
    EXPECT_EQ(progress_line("notes", 50, 0, "files", "", 200), "notes  50 files");
    EXPECT_LE(display_width(progress_line("notes", 50, 100, "files", "1 MB", 30)), 30U);
    EXPECT_TRUE(progress_line("notes", 120, 100, "files", "", 200).contains("120 of 120"));
}

}  // namespace
}  // namespace lar::cli
