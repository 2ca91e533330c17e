#include "api/requests.h"

#include <gtest/gtest.h>

#include "api/errors.h"
#include "api/job_hub.h"
#include "http/exchange.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

class ClockAtMidnight final : public Clock {
public:
    std::int64_t now_us() const override { return 1'795'219'200'000'000; }  // 2026-11-21T00:00:00Z
    std::int64_t monotonic_us() const override { return 0; }
};
const ClockAtMidnight clock_at_midnight;
const FixedZone zone(60);

http::Request with_query(std::vector<http::Parameter> query) { return {.query = std::move(query)}; }

TEST(Requests, AMomentIsADateATimeOrHowLongAgo) {
    const auto moment = [](std::string_view text) { return parse_moment(text, clock_at_midnight, zone).value_or(-1); };
    EXPECT_EQ(moment("2h"), clock_at_midnight.now_us() - 2 * us_per_hour);
    EXPECT_EQ(moment("2026-11-21"), clock_at_midnight.now_us() - us_per_hour) << "midnight in the user's zone";
    EXPECT_EQ(moment("2026-11-21T00:00:00Z"), clock_at_midnight.now_us());
    EXPECT_EQ(moment("yesterday"), moment("2026-11-20"));
    EXPECT_EQ(moment("Monday"), moment("2026-11-16"));
    EXPECT_EQ(moment("last week"), moment("2026-11-09"));
    for (const char* text : {"", "soon", "yesterday or so", "-2h", "2026-13-01", "11/21/2026"})
        EXPECT_EQ(moment(text), -1) << text;
}

TEST(Requests, AQuestionHasWordsAndAnEnd) {
    EXPECT_TRUE(check_question("x"));
    EXPECT_FALSE(check_question(" \n"));
    EXPECT_EQ(check_question(std::string(wire::limit_question_bytes + 1, 'x')).error().code, Code::too_large);
}

TEST(Requests, NumbersInAddressesHaveBounds) {
    const auto number = [](std::string value) {
        return number_in(with_query({{"n", std::move(value)}}), "n", 7, 10).value_or(0);
    };
    EXPECT_EQ(number("1"), 1U);
    EXPECT_EQ(number("10"), 10U);
    EXPECT_EQ(number(""), 7U);
    EXPECT_EQ(number_in(with_query({}), "n", 7, 10), 7U);
    for (const char* value : {"0", "11", "-1", "1x", " 1", "99999999999"}) EXPECT_EQ(number(value), 0U) << value;
}

TEST(Requests, ANameInAnAddressThatDoesNotExistIsAnError) {
    const auto search = search_in(with_query({{"q", "pool"}, {"sinse", "2h"}}));
    ASSERT_FALSE(search);
    EXPECT_EQ(search.error().message, "there is no parameter 'sinse' here");
}

TEST(Requests, ASearchByAddressIsTheSameAsOneByBody) {
    const auto search = search_in(with_query({{"q", "pool"},
                                              {"in", "a"},
                                              {"in", "b"},
                                              {"kind", "commit"},
                                              {"since", "2h"},
                                              {"limit", "3"},
                                              {"by_document", "1"},
                                              {"explain", "1"}}));
    ASSERT_TRUE(search);
    EXPECT_EQ(
        wire::to_json(*search),
        R"({"query":"pool","in":["a","b"],"since":"2h","kinds":["commit"],"limit":3,"by_document":true,"words_only":false,"explain":true})");
}

TEST(Errors, EveryCodeHasItsStatusAndEveryStatusACode) {
    for (const Code code : {Code::invalid, Code::denied, Code::not_found, Code::conflict, Code::too_large,
                            Code::timeout, Code::unavailable, Code::internal}) {
        EXPECT_EQ(code_of(status_of(code)), code == Code::corrupt ? Code::internal : code) << to_string(code);
        EXPECT_FALSE(hint_for(code).empty());
    }
    EXPECT_EQ(status_of(Code::corrupt), 500);
    EXPECT_EQ(code_of(401), Code::denied);
    EXPECT_EQ(code_of(431), Code::invalid);
    EXPECT_EQ(render_problem({401, "no", "yes"}).body, R"({"error":{"code":"denied","message":"no","hint":"yes"}})");
}

// The far end of a stream, as a connection sees it.
struct Watching {
    std::shared_ptr<http::Exchange> exchange =
        std::make_shared<http::Exchange>(http::Framing{.chunks = false, .queue_limit_bytes = 1000}, nullptr, [] {});
    http::Responder responder{exchange};
    bool watch(JobHub& hub, std::string_view job_id) {
        const bool watched = hub.watch(job_id, responder).has_value();
        if (watched) exchange->take();  // the head
        return watched;
    }
};

TEST(JobHub, EachWatcherHearsOfItsJobUntilThatEnds) {
    JobHub hub;
    Watching one, all;
    ASSERT_TRUE(one.watch(hub, "1"));
    ASSERT_TRUE(all.watch(hub, ""));
    hub.publish({.id = "2", .state = "running"});
    EXPECT_EQ(one.exchange->take().bytes, "");
    EXPECT_TRUE(all.exchange->take().bytes.starts_with("event: job\ndata: {\"id\":\"2\""));
    hub.publish({.id = "1", .state = "done"});
    EXPECT_TRUE(one.exchange->take().ended);
    EXPECT_FALSE(all.exchange->take().ended);
    EXPECT_EQ(hub.watchers(), 1U);
    hub.close();
    EXPECT_TRUE(all.exchange->take().ended);
}

TEST(JobHub, AWatcherThatWentAwayOrSleepsIsDropped) {
    JobHub hub;
    Watching gone, asleep;
    ASSERT_TRUE(gone.watch(hub, ""));
    ASSERT_TRUE(asleep.watch(hub, ""));
    gone.exchange->cancel();
    for (int i = 0; i < 20; ++i) hub.publish({.id = "1", .state = "running"});
    EXPECT_EQ(hub.watchers(), 0U);
    EXPECT_TRUE(asleep.exchange->take().failed);
}

TEST(JobHub, TheNumberOfWatchersIsLimited) {
    JobHub hub;
    std::vector<Watching> watching(JobHub::limit_watchers);
    for (Watching& one : watching) ASSERT_TRUE(one.watch(hub, ""));
    Watching last;
    EXPECT_EQ(hub.watch("", last.responder).error().code, Code::unavailable);
    EXPECT_FALSE(last.responder.answered()) << "it can still be told";
    watching.front().exchange->cancel();
    EXPECT_TRUE(hub.watch("", last.responder));
}

}  // namespace
}  // namespace lar::api
