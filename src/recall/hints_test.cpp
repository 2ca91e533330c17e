#include "recall/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::recall {
namespace {

// Central Europe: an hour east of Greenwich, two from the last Sunday of March to the last of October (2026).
class Berlin final : public Zone {
public:
    std::int16_t offset_min_at(std::int64_t us) const override {
        constexpr std::int64_t spring = 1'774'746'000, autumn = 1'792'890'000;  // 2026-03-29 and 2026-10-25, 01:00 UTC
        return us >= spring * us_per_second && us < autumn * us_per_second ? 120 : 60;
    }
};
const Berlin berlin;

std::int64_t at(std::string_view text) { return parse_rfc3339(text, berlin)->us; }
const std::int64_t saturday = at("2026-11-21T15:30");  // now, in most of these

struct Read {
    std::string window;  // as described; empty: no hint
    std::string rest;
};
Read read(std::string_view question, std::int64_t now) {
    const auto words = words_of(question);
    Read read;
    TimeWindow window;
    std::vector<bool> used(words.size());
    for (const TimeHint& hint : find_time(words, now, berlin)) {
        if (hint.window.since_us)
            window.since_us = std::max(window.since_us.value_or(INT64_MIN), *hint.window.since_us);
        if (hint.window.until_us)
            window.until_us = std::min(window.until_us.value_or(INT64_MAX), *hint.window.until_us);
        for (std::size_t i = hint.first; i < hint.last; ++i) used[i] = true;
    }
    if (window.bounded()) read.window = describe(window, berlin);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (!used[i]) read.rest += (read.rest.empty() ? "" : " ") + words[i].text;
    return read;
}

struct Case {
    std::string_view question, window, rest;
};

TEST(hints, spans_of_time_are_understood) {
    const Case cases[] = {
        {"what did I do in the last two hours?", "since 2026-11-21 13:30", "what did i do"},
        {"What changed in the past 3 days", "since 2026-11-18", "what changed"},
        {"commits of the last 90 minutes", "since 2026-11-21 14:00", "commits of"},
        {"changes in the last 2h", "since 2026-11-21 13:30", "changes"},
        {"what changed in the last half hour", "since 2026-11-21 15:00", "what changed"},
        {"errors in the past hour", "since 2026-11-21 14:30", "errors"},
        {"notes of the past week", "since 2026-11-14", "notes of"},
        {"over the last couple of weeks", "since 2026-11-07", ""},
        {"what happened yesterday", "2026-11-20", "what happened"},
        {"yesterday's commits", "2026-11-20", "commits"},
        {"the day before yesterday", "2026-11-19", ""},
        {"yesterday afternoon", "2026-11-20 12:00 to 2026-11-20 18:00", ""},
        {"what did I write today?", "2026-11-21", "what did i write"},
        {"this morning", "2026-11-21 00:00 to 2026-11-21 12:00", ""},
        {"last night", "2026-11-20 18:00 to 2026-11-21 06:00", ""},
        {"what changed this week", "2026-11-16 to 2026-11-22", "what changed"},
        {"what changed last week in the parser", "2026-11-09 to 2026-11-15", "what changed in the parser"},
        {"previous month", "2026-10-01 to 2026-10-31", ""},
        {"last year", "2025-01-01 to 2025-12-31", ""},
        {"since Monday", "since 2026-11-16", ""},
        {"on Friday", "2026-11-20", ""},
        {"on Saturday", "2026-11-21", ""},
        {"last Saturday", "2026-11-14", ""},
        {"on Thursday evening", "2026-11-19 17:00 to 2026-11-20 00:00", ""},
        {"two hours ago", "2026-11-21 13:00 to 2026-11-21 14:00", ""},
        {"since two hours ago", "since 2026-11-21 13:30", ""},
        {"3 days ago", "2026-11-18", ""},
        {"a week ago", "2026-11-09 to 2026-11-15", ""},
        {"in October", "2026-10-01 to 2026-10-31", ""},
        {"in December", "2025-12-01 to 2025-12-31", ""},
        {"in October 2024", "2024-10-01 to 2024-10-31", ""},
        {"on October 3rd", "2026-10-03", ""},
        {"on 3 October 2025", "2025-10-03", ""},
        {"since 2026-11-01", "since 2026-11-01", ""},
        {"before 2026-11-01", "until 2026-11-01", ""},
        {"until 2026-11-01", "until 2026-11-02", ""},
        {"after 2026-11-01", "since 2026-11-02", ""},
        {"in 2026-09", "2026-09-01 to 2026-09-30", ""},
        {"since 2026-11-20T14:00", "since 2026-11-20 14:00", ""},
        {"in 2024", "2024-01-01 to 2024-12-31", ""},
        {"since 14:00", "since 2026-11-21 14:00", ""},
        {"before 9am", "until 2026-11-21 09:00", ""},
        {"between Monday and Wednesday", "2026-11-16 to 2026-11-18", ""},
        {"between 2026-01-01 and 2026-01-31", "2026-01-01 to 2026-01-31", ""},
        {"from Tuesday to yesterday", "2026-11-17 to 2026-11-20", ""},
        {"since Monday until Thursday", "2026-11-16 to 2026-11-19", ""},
    };
    for (const Case& c : cases) {
        const Read got = read(c.question, saturday);
        EXPECT_EQ(got.window, c.window) << c.question;
        EXPECT_EQ(got.rest, c.rest) << c.question;
    }
}

TEST(hints, ordinary_words_are_left_alone) {
    for (const std::string_view question :
         {"what may a worker do", "march of the penguins", "Monday meeting notes", "the second half of the file",
          "where is the last commit handled", "retry after 5 attempts", "how many minutes in a day",
          "since the release", "between the lines and the words", "the sun was shining on the port",
          "time limit of two hours", "\"last two hours\" in quotes", "version 2024", "on the auth branch",
          "before the first prompt", "for two hours", "31 February", "last resort", "the past tense"}) {
        EXPECT_EQ(read(question, saturday).window, "") << question;
    }
}

TEST(hints, days_are_the_users_across_the_change_of_the_clock) {
    // The night of 2026-10-25 has 25 hours, that of 2026-03-29 has 23.
    const std::int64_t monday = at("2026-10-26T00:30");
    const auto words = words_of("yesterday");
    const auto autumn = find_time(words, monday, berlin);
    ASSERT_EQ(autumn.size(), 1U);
    EXPECT_EQ(*autumn[0].window.until_us - *autumn[0].window.since_us, 25 * us_per_hour);
    const auto spring = find_time(words, at("2026-03-30T12:00"), berlin);
    EXPECT_EQ(*spring[0].window.until_us - *spring[0].window.since_us, 23 * us_per_hour);
    EXPECT_EQ(read("since Saturday", monday).window, "since 2026-10-24");
    EXPECT_EQ(read("in the last two hours", at("2026-10-25T03:30")).window, "since 2026-10-25 02:30");
}

TEST(hints, a_named_month_may_be_the_subject_and_yesterday_may_not) {
    EXPECT_TRUE(find_time(words_of("in October"), saturday, berlin)[0].calendar);
    EXPECT_FALSE(find_time(words_of("yesterday"), saturday, berlin)[0].calendar);
    EXPECT_FALSE(find_time(words_of("since Monday"), saturday, berlin)[0].calendar);
}

TEST(hints, a_source_is_named_only_by_its_name) {
    const std::vector<std::string> names = {"project", "my notes", "Linux"};
    const auto found = [&](std::string_view question) {
        const auto hint = find_source(words_of(question), names);
        return hint ? hint->name : std::string();
    };
    EXPECT_EQ(found("what changed in project?"), "project");
    EXPECT_EQ(found("the retry logic in the project source"), "project");
    EXPECT_EQ(found("in the linux repository"), "Linux");
    EXPECT_EQ(found("what did Ana promise in my notes"), "my notes");
    EXPECT_EQ(found("in the project plan"), "");
    EXPECT_EQ(found("how does the project build"), "");
    EXPECT_EQ(found("in windows"), "");
    EXPECT_EQ(found("what stands \"in project\" there"), "");
}

TEST(hints, a_branch_is_named_only_when_it_exists) {
    const std::vector<std::string> branches = {"main", "feature/auth", "origin/main"};
    const auto found = [&](std::string_view question) {
        const auto hint = find_branch(words_of(question), branches);
        return hint ? hint->name : std::string();
    };
    EXPECT_EQ(found("what happened on the auth branch"), "feature/auth");
    EXPECT_EQ(found("last week on branch main"), "main");
    EXPECT_EQ(found("on the main branch"), "main");
    EXPECT_EQ(found("on the payments branch"), "");
    EXPECT_EQ(found("on main"), "");
}

TEST(hints, ways_of_asking_are_told_apart) {
    const auto intent = [](std::string_view question) { return find_intent(words_of(question)).intent; };
    EXPECT_EQ(intent("Where did I leave off with the ingest job?"), Intent::left_off);
    EXPECT_EQ(intent("what was I working on"), Intent::left_off);
    EXPECT_EQ(intent("pick up where I left off"), Intent::left_off);
    EXPECT_EQ(intent("what changed in the retry logic, and why?"), Intent::changes);
    EXPECT_EQ(intent("What's changed since Monday"), Intent::changes);
    EXPECT_EQ(intent("which commits touched the store"), Intent::changes);
    EXPECT_EQ(intent("what did I do yesterday"), Intent::changes);
    EXPECT_EQ(intent("where is the retry limit defined"), Intent::find);
    EXPECT_EQ(intent("how does change detection work"), Intent::find);
    EXPECT_TRUE(find_intent(words_of("why was the cache removed")).why);
    EXPECT_TRUE(find_intent(words_of("when was the cache removed")).why);
    EXPECT_TRUE(find_intent(words_of("since when is there a cache")).why);
    EXPECT_FALSE(find_intent(words_of("what happens when the cache is full")).why);
    EXPECT_FALSE(find_intent(words_of("when are results sorted")).why);
    EXPECT_TRUE(find_intent(words_of("the latest decision")).newest);
}

TEST(hints, any_bytes_are_words) {
    EXPECT_TRUE(words_of("").empty());
    EXPECT_TRUE(words_of(" \t ?? \"\" ").empty());
    EXPECT_EQ(words_of(std::string(100'000, ' ') + "x").size(), 1U);
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "last ";
    EXPECT_EQ(words_of(many).size(), limit_hint_words);
    EXPECT_TRUE(find_time(words_of(many), saturday, berlin).empty());
}

TEST(Hints, a_question_asks_for_a_number) {
    for (const char* question : {"how many redirects are followed", "default pool size", "what is the maximum depth?",
                                 "How long does it wait?", "three at most", "how do I raise how deeply it nests"})
        EXPECT_TRUE(asks_for_number(question)) << question;
    for (const char* question : {"how does it follow redirects?", "why are many of them long?", "where is it defined",
                                 "how is the maximum computed?", "why was the limit changed?", "who chose the default?",
                                 "the most important meeting"})
        EXPECT_FALSE(asks_for_number(question)) << question;
}

}  // namespace
}  // namespace lar::recall
