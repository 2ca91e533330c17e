// Reading spans of time. A period is what a phrase names by itself ("last week", "Monday", "14:00"); a hint is a period
// with the preposition that says how to take it ("since Monday", "before 14:00").
#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"
#include "recall/hints.h"

namespace lar::recall {
namespace {

struct Period {
    std::int64_t since_us = 0, until_us = 0;
    std::int64_t point_us = 0;  // where "since" begins: two hours ago is a span around that moment
    std::size_t next = 0;       // the word after it
    bool calendar = false;
    bool bare = false;  // means a time only after a preposition: "Monday", "May", "2025"
    bool open = false;  // up to now and whatever comes: "last two hours"
};
using Read = std::optional<Period>;

enum class Unit : std::uint8_t { second, minute, hour, day, week, month, year };

struct Named {
    std::string_view name;
    int value;
};
constexpr auto weekdays = std::to_array<Named>({{"sunday", 0},
                                                {"monday", 1},
                                                {"tuesday", 2},
                                                {"wednesday", 3},
                                                {"thursday", 4},
                                                {"friday", 5},
                                                {"saturday", 6},
                                                {"mon", 1},
                                                {"tue", 2},
                                                {"tues", 2},
                                                {"wed", 3},
                                                {"thu", 4},
                                                {"thurs", 4},
                                                {"fri", 5}});
constexpr auto months = std::to_array<Named>(
    {{"january", 1}, {"february", 2}, {"march", 3},     {"april", 4},    {"may", 5},       {"june", 6},
     {"july", 7},    {"august", 8},   {"september", 9}, {"october", 10}, {"november", 11}, {"december", 12},
     {"jan", 1},     {"feb", 2},      {"mar", 3},       {"apr", 4},      {"jun", 6},       {"jul", 7},
     {"aug", 8},     {"sep", 9},      {"sept", 9},      {"oct", 10},     {"nov", 11},      {"dec", 12}});
constexpr auto numbers = std::to_array<Named>({{"one", 1},
                                               {"two", 2},
                                               {"three", 3},
                                               {"four", 4},
                                               {"five", 5},
                                               {"six", 6},
                                               {"seven", 7},
                                               {"eight", 8},
                                               {"nine", 9},
                                               {"ten", 10},
                                               {"eleven", 11},
                                               {"twelve", 12},
                                               {"couple", 2},
                                               {"few", 3},
                                               {"several", 5}});
constexpr auto units = std::to_array<std::pair<std::string_view, Unit>>({{"second", Unit::second},
                                                                         {"sec", Unit::second},
                                                                         {"minute", Unit::minute},
                                                                         {"min", Unit::minute},
                                                                         {"hour", Unit::hour},
                                                                         {"hr", Unit::hour},
                                                                         {"day", Unit::day},
                                                                         {"night", Unit::day},
                                                                         {"week", Unit::week},
                                                                         {"month", Unit::month},
                                                                         {"year", Unit::year}});
struct PartOfDay {
    std::string_view name;
    int first_hour, last_hour;
};
constexpr auto parts_of_day =
    std::to_array<PartOfDay>({{"morning", 0, 12}, {"afternoon", 12, 18}, {"evening", 17, 24}, {"night", 18, 30}});

std::optional<int> lookup(std::span<const Named> table, std::string_view word) {
    const auto found = std::ranges::find(table, word, &Named::name);
    if (found == table.end()) return std::nullopt;
    return found->value;
}

std::optional<int> digits(std::string_view word, std::size_t least, std::size_t most) {
    int value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || word.size() < least || word.size() > most ||
        value < 0)
        return std::nullopt;
    return value;
}

std::optional<Unit> unit_of(std::string_view word) {
    if (word.size() > 3 && word.ends_with('s')) word.remove_suffix(1);
    const auto found = std::ranges::find(units, word, &std::pair<std::string_view, Unit>::first);
    if (found == units.end()) return std::nullopt;
    return found->second;
}

class TimeReader {
public:
    TimeReader(std::span<const Word> words, std::int64_t now_us, const Zone& zone)
        : words_(words), now_us_(now_us), zone_(zone), today_(civil_in(zone, now_us)) {
        today_.hour = today_.minute = today_.second = 0;
    }

    std::optional<TimeHint> hint(std::size_t at) const;

private:
    std::string_view word(std::size_t at) const {
        return at < words_.size() && !words_[at].quoted ? std::string_view(words_[at].text) : std::string_view();
    }
    std::int64_t day(int days) const {
        CivilTime civil = today_;
        civil.day += days;
        return moment_of(zone_, civil);
    }
    std::int64_t hour_of_day(int days, int hours) const {
        CivilTime civil = today_;
        civil.day += days;
        civil.hour = hours;
        return moment_of(zone_, civil);
    }
    std::int64_t month_start(int year, int month) const {
        return moment_of(zone_, {.year = year, .month = month, .day = 1});
    }
    static Period span(std::int64_t since, std::int64_t until, std::size_t next) {
        return {.since_us = since, .until_us = until, .point_us = since, .next = next};
    }
    int days_since_monday() const { return (today_.weekday + 6) % 7; }

    Read period(std::size_t at) const;
    Read day_name(std::size_t at) const;
    Read this_one(std::size_t at) const;
    Read last_one(std::size_t at) const;
    Read last_unit(std::size_t at, bool rolling) const;
    Read rolling(std::size_t at) const;
    Read ago(std::size_t at) const;
    Read weekday(std::size_t at, bool before_today) const;
    Read date(std::size_t at) const;
    Read iso_date(std::size_t at) const;
    Read month(std::size_t at) const;
    Read day_of_month(int year, int month, int day, std::size_t next) const;
    Read clock(std::size_t at) const;

    struct Amount {
        double count = 0;
        Unit unit = Unit::day;
        std::size_t next = 0;
    };
    std::optional<Amount> amount(std::size_t at) const;
    std::int64_t before_now(const Amount& amount) const;

    std::span<const Word> words_;
    std::int64_t now_us_;
    const Zone& zone_;
    CivilTime today_;
};

// "two hours", "3 days", "a couple of weeks", "half an hour", "2h".
std::optional<TimeReader::Amount> TimeReader::amount(std::size_t at) const {
    if (const auto short_form = parse_duration_us(word(at)); short_form && *short_form > 0)
        return Amount{static_cast<double>(*short_form) / static_cast<double>(us_per_second), Unit::second, at + 1};
    std::optional<double> count;
    if (word(at) == "half") {
        ++at;
        if (word(at) == "an" || word(at) == "a") ++at;
        if (const auto unit = unit_of(word(at))) return Amount{0.5, *unit, at + 1};
        return std::nullopt;
    }
    const bool article = word(at) == "a" || word(at) == "an";
    if (article) ++at;
    if (const auto value = digits(word(at), 1, 4)) {
        count = *value;
    } else if (const auto named = lookup(numbers, word(at))) {
        count = *named;
    }
    if (count) {
        ++at;
        if (word(at) == "of") ++at;
    } else if (article) {
        count = 1;
    }
    const auto unit = unit_of(word(at));
    if (!count || *count <= 0 || !unit) return std::nullopt;
    return Amount{*count, *unit, at + 1};
}

// From days on, the whole of the first day counts.
std::int64_t TimeReader::before_now(const Amount& amount) const {
    const auto exact = [&](std::int64_t unit_us) {
        return now_us_ - static_cast<std::int64_t>(amount.count * static_cast<double>(unit_us));
    };
    const int count = static_cast<int>(amount.count);
    CivilTime civil = today_;
    switch (amount.unit) {
        case Unit::second: return exact(us_per_second);
        case Unit::minute: return exact(us_per_minute);
        case Unit::hour: return exact(us_per_hour);
        case Unit::day: civil.day -= count; break;
        case Unit::week: civil.day -= 7 * count; break;
        case Unit::month: civil.month -= count; break;
        case Unit::year: civil.year -= count; break;
    }
    return moment_of(zone_, civil);
}

Read TimeReader::day_name(std::size_t at) const {
    int days = 0;
    std::size_t next = at + 1;
    if (word(at) == "day" && word(at + 1) == "before" && word(at + 2) == "yesterday") {
        days = -2;
        next = at + 3;
    } else if (word(at) == "yesterday") {
        days = -1;
    } else if (word(at) == "tonight") {
        return span(hour_of_day(0, 18), hour_of_day(0, 30), next);
    } else if (word(at) != "today") {
        return std::nullopt;
    }
    const auto part = std::ranges::find(parts_of_day, word(next), &PartOfDay::name);
    if (part != parts_of_day.end())
        return span(hour_of_day(days, part->first_hour), hour_of_day(days, part->last_hour), next + 1);
    return span(day(days), day(days + 1), next);
}

Read TimeReader::this_one(std::size_t at) const {
    const std::string_view what = word(at + 1);
    const auto part = std::ranges::find(parts_of_day, what, &PartOfDay::name);
    if (part != parts_of_day.end())
        return span(hour_of_day(0, part->first_hour), hour_of_day(0, part->last_hour), at + 2);
    if (what == "week") return span(day(-days_since_monday()), day(7 - days_since_monday()), at + 2);
    if (what == "weekend") return span(day(5 - days_since_monday()), day(7 - days_since_monday()), at + 2);
    if (what == "month")
        return span(month_start(today_.year, today_.month), month_start(today_.year, today_.month + 1), at + 2);
    if (what == "year") return span(month_start(today_.year, 1), month_start(today_.year + 1, 1), at + 2);
    return weekday(at + 1, false);
}

Read TimeReader::last_unit(std::size_t at, bool rolling_words) const {
    const auto unit = unit_of(word(at));
    if (!unit) return std::nullopt;
    if (rolling_words || *unit <= Unit::day) {
        Period period = span(before_now({1, *unit, at + 1}), now_us_, at + 1);
        period.open = true;
        return period;
    }
    const int monday = -days_since_monday();
    if (*unit == Unit::week) return span(day(monday - 7), day(monday), at + 1);
    if (*unit == Unit::month)
        return span(month_start(today_.year, today_.month - 1), month_start(today_.year, today_.month), at + 1);
    return span(month_start(today_.year - 1, 1), month_start(today_.year, 1), at + 1);
}

Read TimeReader::rolling(std::size_t at) const {
    const auto how_much = amount(at);
    if (!how_much) return std::nullopt;
    Period period = span(before_now(*how_much), now_us_, how_much->next);
    period.open = true;
    return period;
}

Read TimeReader::last_one(std::size_t at) const {
    const std::string_view which = word(at);
    if (which != "last" && which != "past" && which != "previous") return std::nullopt;
    if (auto period = rolling(at + 1)) return period;
    if (which == "last" && word(at + 1) == "night") return span(hour_of_day(-1, 18), hour_of_day(0, 6), at + 2);
    if (word(at + 1) == "weekend") {
        const int monday = -days_since_monday();
        return span(day(monday - 2), day(monday), at + 2);
    }
    if (auto period = last_unit(at + 1, which == "past")) return period;
    if (which == "past") return std::nullopt;
    if (auto period = weekday(at + 1, true)) return period;
    auto period = month(at + 1);
    if (period) period->bare = false;
    return period;
}

Read TimeReader::ago(std::size_t at) const {
    const auto how_much = amount(at);
    if (!how_much || word(how_much->next) != "ago") return std::nullopt;
    const std::size_t next = how_much->next + 1;
    const std::int64_t point = before_now(*how_much);
    const CivilTime then = civil_in(zone_, point);
    switch (how_much->unit) {
        case Unit::day: {
            CivilTime following = then;
            ++following.day;
            return span(point, moment_of(zone_, following), next);
        }
        case Unit::week: {
            CivilTime monday = then;
            monday.day -= (then.weekday + 6) % 7;
            CivilTime following = monday;
            following.day += 7;
            Period period = span(moment_of(zone_, monday), moment_of(zone_, following), next);
            period.point_us = point;
            return period;
        }
        case Unit::month: return span(month_start(then.year, then.month), month_start(then.year, then.month + 1), next);
        case Unit::year: return span(month_start(then.year, 1), month_start(then.year + 1, 1), next);
        default: break;
    }
    const std::int64_t half = how_much->unit == Unit::hour ? us_per_hour / 2 : (now_us_ - point) / 4;
    Period period = span(point - half, point + half, next);
    period.point_us = point;
    return period;
}

Read TimeReader::weekday(std::size_t at, bool before_today) const {
    const auto which = lookup(weekdays, word(at));
    if (!which) return std::nullopt;
    int back = (today_.weekday - *which + 7) % 7;
    if (back == 0 && before_today) back = 7;
    std::size_t next = at + 1;
    const auto part = std::ranges::find(parts_of_day, word(next), &PartOfDay::name);
    if (part != parts_of_day.end())
        return span(hour_of_day(-back, part->first_hour), hour_of_day(-back, part->last_hour), next + 1);
    return span(day(-back), day(1 - back), next);
}

Read TimeReader::day_of_month(int year, int month, int day, std::size_t next) const {
    const CivilTime civil{.year = year, .month = month, .day = day};
    const std::int64_t since = moment_of(zone_, civil);
    // The 31st of a month without one is no date.
    if (day < 1 || month < 1 || month > 12 || civil_in(zone_, since).day != day) return std::nullopt;
    CivilTime following = civil;
    ++following.day;
    Period period = span(since, moment_of(zone_, following), next);
    period.calendar = period.bare = true;
    return period;
}

Read TimeReader::iso_date(std::size_t at) const {
    const std::string_view text = word(at);
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
        std::string upper(text);  // T and Z, which words_of made small
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        const auto moment = parse_rfc3339(upper, zone_);
        if (!moment) return std::nullopt;
        if (text.size() == 10) {
            const CivilTime civil = civil_in(zone_, moment->us);
            return day_of_month(civil.year, civil.month, civil.day, at + 1);
        }
        Period period = span(moment->us, moment->us + us_per_minute, at + 1);
        period.calendar = period.bare = true;
        return period;
    }
    if (text.size() == 7 && text[4] == '-') {
        const auto year = digits(text.substr(0, 4), 4, 4);
        const auto which = digits(text.substr(5), 2, 2);
        if (!year || !which || *which < 1 || *which > 12) return std::nullopt;
        Period period = span(month_start(*year, *which), month_start(*year, *which + 1), at + 1);
        period.calendar = period.bare = true;
        return period;
    }
    const auto year = digits(text, 4, 4);
    if (!year || *year < 1970 || *year > 2200) return std::nullopt;
    Period period = span(month_start(*year, 1), month_start(*year + 1, 1), at + 1);
    period.calendar = period.bare = true;
    return period;
}

// A month, with its year or the latest that is not to come.
Read TimeReader::month(std::size_t at) const {
    const auto which = lookup(months, word(at));
    if (!which) return std::nullopt;
    std::size_t next = at + 1;
    int year = *which <= today_.month ? today_.year : today_.year - 1;
    if (const auto given = digits(word(next), 4, 4); given && *given >= 1970 && *given <= 2200) {
        year = *given;
        ++next;
    }
    Period period = span(month_start(year, *which), month_start(year, *which + 1), next);
    period.calendar = period.bare = true;
    return period;
}

std::optional<int> day_number(std::string_view word) {
    for (const std::string_view ending : {"st", "nd", "rd", "th"})
        if (word.ends_with(ending)) word.remove_suffix(2);
    return digits(word, 1, 2);
}

// "October 3rd", "3 October 2025", "2026-11-20", "October".
Read TimeReader::date(std::size_t at) const {
    if (auto period = iso_date(at)) return period;
    const bool day_first = day_number(word(at)).has_value();
    std::size_t month_at = day_first ? at + 1 : at;
    if (day_first && word(month_at) == "of") ++month_at;
    const auto which = lookup(months, word(month_at));
    if (!which) return std::nullopt;
    const auto day = day_number(word(day_first ? at : at + 1));
    if (!day) return month(at);
    std::size_t next = day_first ? month_at + 1 : at + 2;
    const bool to_come = *which > today_.month || (*which == today_.month && *day > today_.day);
    int year = to_come ? today_.year - 1 : today_.year;
    if (const auto given = digits(word(next), 4, 4); given && *given >= 1970 && *given <= 2200) {
        year = *given;
        ++next;
    }
    return day_of_month(year, *which, *day, next);
}

// "14:00", "2pm", "noon", "midnight": today's.
Read TimeReader::clock(std::size_t at) const {
    std::string_view text = word(at);
    int hour = 0, minute = 0;
    if (text == "noon") {
        hour = 12;
    } else if (text != "midnight") {
        const bool am = text.ends_with("am"), pm = text.ends_with("pm");
        if (am || pm) text.remove_suffix(2);
        const auto colon = text.find(':');
        if (!am && !pm && colon == std::string_view::npos) return std::nullopt;
        const auto hours = digits(text.substr(0, colon), 1, 2);
        const auto minutes = colon == std::string_view::npos ? std::optional(0) : digits(text.substr(colon + 1), 2, 2);
        if (!hours || !minutes || *hours > ((am || pm) ? 12 : 23) || *minutes > 59) return std::nullopt;
        hour = (am || pm) ? *hours % 12 + (pm ? 12 : 0) : *hours;
        minute = *minutes;
    }
    CivilTime civil = today_;
    civil.hour = hour;
    civil.minute = minute;
    const std::int64_t moment = moment_of(zone_, civil);
    Period period = span(moment, moment + us_per_minute, at + 1);
    period.bare = true;
    return period;
}

Read TimeReader::period(std::size_t at) const {
    if (word(at) == "the") ++at;
    if (auto period = day_name(at)) return period;
    if (word(at) == "this") return this_one(at);
    if (auto period = last_one(at)) return period;
    if (auto period = ago(at)) return period;
    if (auto period = weekday(at, false)) {
        period->bare = true;
        return period;
    }
    if (auto period = date(at)) return period;
    return clock(at);
}

std::optional<TimeHint> TimeReader::hint(std::size_t at) const {
    const std::string_view how = word(at);
    const auto make = [&](std::optional<std::int64_t> since, std::optional<std::int64_t> until, const Period& period) {
        return TimeHint{{since, until}, at, period.next, period.calendar};
    };
    if (how == "between" || how == "from") {
        const Read first = period(at + 1);
        const std::string_view joint = first ? word(first->next) : std::string_view();
        const bool joined = how == "between"
                                ? joint == "and"
                                : joint == "to" || joint == "until" || joint == "till" || joint == "through";
        const Read second = joined ? period(first->next + 1) : std::nullopt;
        if (second && first->since_us < second->until_us) return make(first->since_us, second->until_us, *second);
        if (how == "between" || !first) return std::nullopt;
        return make(first->since_us, first->open ? std::nullopt : std::optional(first->until_us), *first);
    }
    if (how == "since" || how == "after" || how == "before" || how == "until" || how == "till") {
        Read named = period(at + 1);
        if (!named && how == "since") named = rolling(at + 1);
        if (!named) return std::nullopt;
        if (how == "since") return make(named->point_us, std::nullopt, *named);
        if (how == "after") return make(named->until_us, std::nullopt, *named);
        if (how == "before") return make(std::nullopt, named->point_us, *named);
        return make(std::nullopt, named->until_us, *named);
    }
    const bool preposition = how == "in" || how == "on" || how == "during" || how == "over" || how == "within" ||
                             how == "for" || how == "at";
    const Read named = period(preposition ? at + 1 : at);
    if (!named || (named->bare && (!preposition || how == "for" || how == "at" || how == "over"))) return std::nullopt;
    return make(named->since_us, named->open ? std::nullopt : std::optional(named->until_us), *named);
}

std::optional<TimeWindow> overlap(const TimeWindow& a, const TimeWindow& b) {
    TimeWindow both = a;
    if (b.since_us && (!both.since_us || *b.since_us > *both.since_us)) both.since_us = b.since_us;
    if (b.until_us && (!both.until_us || *b.until_us < *both.until_us)) both.until_us = b.until_us;
    if (both.since_us && both.until_us && *both.since_us >= *both.until_us) return std::nullopt;
    return both;
}

}  // namespace

std::vector<TimeHint> find_time(std::span<const Word> words, std::int64_t now_us, const Zone& zone) {
    const TimeReader reader(words, now_us, zone);
    std::vector<TimeHint> hints;
    TimeWindow window;
    for (std::size_t at = 0; at < words.size();) {
        const auto hint = reader.hint(at);
        const auto both = hint ? overlap(window, hint->window) : std::nullopt;
        if (!both) {
            ++at;
            continue;
        }
        window = *both;
        hints.push_back(*hint);
        at = hint->last;
    }
    return hints;
}

std::string describe(const TimeWindow& window, const Zone& zone) {
    const auto show = [&](std::int64_t us, bool day_alone) {
        const CivilTime t = civil_in(zone, us);
        const std::string date = lar::format("{:04}-{:02}-{:02}", t.year, t.month, t.day);
        return day_alone ? date : lar::format("{} {:02}:{:02}", date, t.hour, t.minute);
    };
    const auto midnight = [&](std::int64_t us) { return day_start(zone, us) == us; };
    if (window.since_us && window.until_us) {
        const bool days = midnight(*window.since_us) && midnight(*window.until_us);
        const std::string first = show(*window.since_us, days);
        const std::string last = show(days ? *window.until_us - us_per_second : *window.until_us, days);
        return first == last ? first : first + " to " + last;
    }
    if (window.since_us) return "since " + show(*window.since_us, midnight(*window.since_us));
    if (window.until_us) return "until " + show(*window.until_us, midnight(*window.until_us));
    return "any time";
}

}  // namespace lar::recall
