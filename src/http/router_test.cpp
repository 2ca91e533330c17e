#include "http/router.h"

#include <gtest/gtest.h>

#include "http/events.h"

namespace lar::http {
namespace {

Router sample() {
    Router router;
    const Handler nothing = [](Request&&, Responder) {};
    router.add_family({.prefix = "/lar", .guarded = true, .render = [](const Problem&) { return Response{}; }});
    router.add("GET", "/", nothing, {.access = Access::open});
    router.add("GET", "/lar/health", nothing, {.access = Access::open});
    router.add("GET", "/lar/jobs/{id}", nothing);
    router.add("DELETE", "/lar/jobs/{id}", nothing);
    router.add("GET", "/lar/jobs/events", nothing);
    router.add("POST", "/lar/ask", nothing, {.body = BodyRule::required});
    router.add_family({.prefix = "/api",
                       .guarded = false,
                       .render = [](const Problem&) { return Response{}; },
                       .origins = {"app://*"}});
    router.add("POST", "/api/chat", nothing);
    router.add("HEAD", "/api/blobs/{digest}", nothing);
    return router;
}
Request request(std::string method, std::string path, Transport transport = Transport::unix_socket,
                std::vector<Header> headers = {}) {
    return {.method = std::move(method),
            .path = std::move(path),
            .headers = std::move(headers),
            .host = "localhost:1",
            .peer = {.transport = transport}};
}
const OriginRules router_rules{.port = 1, .allowed_origins = {"http://dev:2"}};
class TestGate final : public Gate {
public:
    std::optional<Visitor> visitor(std::string_view token) override {
        if (token == "token") return Visitor{.name = "owner", .may_use_guarded = true};
        if (token == "models") return Visitor{.name = "editor"};
        if (token == "hasty") return Visitor{.name = "hasty", .may_use_guarded = true, .wait = std::chrono::seconds(7)};
        return std::nullopt;
    }
    bool wants_token_everywhere() const override { return everywhere; }
    bool everywhere = false;
};
Admission admitted(const Request& r, bool declares_length = false, bool everywhere = false) {
    static const Router router = sample();
    TestGate gate;
    gate.everywhere = everywhere;
    return admit(router, r, router_rules, &gate, declares_length);
}
int status(const Admission& admission) { return admission.problem ? admission.problem->status : 0; }

TEST(Router, ALiteralSegmentWinsOverAName) {
    const Router router = sample();
    EXPECT_TRUE(router.match("GET", "/lar/jobs/events").parameters.empty());
    const auto match = router.match("GET", "/lar/jobs/a%2Fb%20c");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(find_parameter(match.parameters, "id"), "a/b c");
}

TEST(Router, WhatFitsNoRouteIsNotFound) {
    for (const char* path : {"/nothing", "/lar/jobs", "/lar/jobs/", "/lar/jobs/a/b", "/lar/jobs/%zz", "/lar/jobs/%00",
                             "/lar/jobs/%ff", "//", "*", ""})
        EXPECT_EQ(status(admitted(request("GET", path))), 404) << path;
}

TEST(Router, AWrongMethodIsToldTheRightOnes) {
    const Admission admission = admitted(request("PUT", "/lar/jobs/1"));
    EXPECT_EQ(status(admission), 405);
    EXPECT_EQ(find_header(admission.headers, "Allow"), "DELETE, GET, HEAD, OPTIONS");
    EXPECT_EQ(admitted(request("OPTIONS", "/lar/jobs/1")).response->status, 204);
    EXPECT_NE(admitted(request("HEAD", "/lar/jobs/1")).route, nullptr);
    EXPECT_EQ(status(admitted(request("HEAD", "/lar/ask"))), 405);
}

TEST(Router, OverTcpAGuardedFamilyNeedsTheTokenEvenForWhatIsNotThere) {
    EXPECT_EQ(status(admitted(request("GET", "/lar/jobs/1", Transport::tcp))), 401);
    EXPECT_EQ(status(admitted(request("GET", "/lar/nothing", Transport::tcp))), 401);
    EXPECT_EQ(status(admitted(request("GET", "/lar/jobs/1", Transport::tcp, {{"Authorization", "Bearer wrong"}}))),
              401);
    const Admission right =
        admitted(request("GET", "/lar/jobs/1", Transport::tcp, {{"Authorization", "Bearer token"}}));
    EXPECT_NE(right.route, nullptr);
    EXPECT_TRUE(right.trusted);
    EXPECT_NE(admitted(request("GET", "/lar/health", Transport::tcp)).route, nullptr);
    EXPECT_NE(admitted(request("GET", "/", Transport::tcp)).route, nullptr);
}

TEST(Router, ATokenForModelsReachesNothingElse) {
    const std::vector<Header> editor{{"Authorization", "Bearer models"}};
    const Admission memory = admitted(request("GET", "/lar/jobs/1", Transport::tcp, editor));
    EXPECT_EQ(status(memory), 403);
    EXPECT_TRUE(memory.problem->message.contains("editor"));
    const Admission models = admitted(request("POST", "/api/chat", Transport::tcp, editor));
    EXPECT_EQ(status(models), 0);
    EXPECT_FALSE(models.trusted);
}

TEST(Router, WhoHasAskedTooOftenIsToldWhenToComeBack) {
    for (const char* path : {"/api/chat", "/lar/jobs/1"}) {
        const Admission admission = admitted(request("POST", path, Transport::tcp, {{"x-api-key", "hasty"}}));
        EXPECT_EQ(status(admission), 429) << path;
        EXPECT_EQ(find_header(admission.headers, "Retry-After"), "7") << path;
    }
}

TEST(Router, ModelsWantATokenOnlyWhereTheUserSaysSo) {
    const Request anybody = request("POST", "/api/chat", Transport::tcp, {{"Authorization", "Bearer whatever"}});
    EXPECT_EQ(status(admitted(anybody)), 0) << "programs send keys that mean nothing";
    EXPECT_EQ(status(admitted(anybody, false, true)), 401);
    EXPECT_EQ(status(admitted(request("POST", "/api/chat", Transport::tcp, {{"x-api-key", "models"}}), false, true)),
              0);
    EXPECT_EQ(status(admitted(request("POST", "/api/chat"), false, true)), 0) << "the unix socket is the user's own";
}

TEST(Router, WithoutAGateNobodyComesInOverTcp) {
    const Router router = sample();
    const Request mine = request("POST", "/api/chat", Transport::tcp, {{"Authorization", "Bearer token"}});
    EXPECT_EQ(status(admit(router, mine, router_rules, nullptr, false)), 401);
}

TEST(Router, ABodyThatIsNeededIsAskedFor) {
    EXPECT_EQ(status(admitted(request("POST", "/lar/ask"))), 411);
    EXPECT_EQ(status(admitted(request("POST", "/lar/ask"), true)), 0);
}

TEST(Router, APreflightIsAnsweredForAllowedOriginsOnly) {
    const Admission allowed = admitted(request("OPTIONS", "/lar/ask", Transport::tcp, {{"Origin", "http://dev:2"}}));
    ASSERT_TRUE(allowed.response);
    EXPECT_EQ(find_header(allowed.response->headers, "Access-Control-Allow-Methods"), "OPTIONS, POST");
    EXPECT_EQ(find_header(allowed.headers, "Access-Control-Allow-Origin"), "http://dev:2");
    EXPECT_EQ(status(admitted(request("OPTIONS", "/lar/ask", Transport::tcp, {{"Origin", "http://evil"}}))), 403);
}

TEST(Router, AFamilyIsAWholePathPrefix) {
    const Router router = sample();
    EXPECT_NE(router.family_of("/lar"), nullptr);
    EXPECT_NE(router.family_of("/lar/x"), nullptr);
    EXPECT_EQ(router.family_of("/larder"), nullptr);
}

TEST(Events, AnEventSurvivesTheWayThereAndBackInAnyPieces) {
    const std::string bytes =
        ": comment\n" + to_event("sentence", "{\"a\":1}") + to_event("", "two\nlines") + to_event("answer", "");
    for (const std::size_t step : {1UZ, 3UZ, 1000UZ}) {
        EventReader reader;
        std::vector<Event> events;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            for (Event& event : *reader.take(std::string_view(bytes).substr(at, step)))
                events.push_back(std::move(event));
        ASSERT_EQ(events.size(), 3U);
        EXPECT_EQ(events[0].name, "sentence");
        EXPECT_EQ(events[0].data, "{\"a\":1}");
        EXPECT_EQ(events[1].data, "two\nlines");
        EXPECT_EQ(events[2].name, "answer");
    }
}

TEST(Message, TextSurvivesPercentEncoding) {
    for (const char* text : {"", "plain", "a b/c?d&e=f%", "n\xC3\xA9v"})
        EXPECT_EQ(percent_decode(percent_encode(text)).value_or("?"), text);
    EXPECT_FALSE(percent_decode("%"));
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%g0"));
}

TEST(Router, AFamilyMayHaveOriginsOfItsOwn) {
    const std::vector<Header> app{{"Origin", "app://notes"}, {"Sec-Fetch-Site", "cross-site"}};
    const Admission chat = admitted(request("POST", "/api/chat", Transport::tcp, app));
    EXPECT_EQ(status(chat), 0);
    EXPECT_EQ(find_header(chat.headers, "Access-Control-Allow-Origin"), "app://notes");
    const Admission preflight = admitted(request("OPTIONS", "/api/chat", Transport::tcp, app));
    ASSERT_TRUE(preflight.response);
    EXPECT_TRUE(find_header(preflight.response->headers, "Access-Control-Allow-Headers")->contains("x-stainless-lang"));
    EXPECT_EQ(find_header(preflight.response->headers, "Access-Control-Allow-Methods"), "OPTIONS, POST");
    EXPECT_EQ(status(admitted(request("POST", "/lar/ask", Transport::tcp, app))), 403) << "what others may is theirs";
    EXPECT_EQ(status(admitted(request("POST", "/api/chat", Transport::tcp, {{"Origin", "https://evil.example"}}))),
              403);
}

TEST(Router, ARouteMayBeForHeadAlone) {
    EXPECT_NE(admitted(request("HEAD", "/api/blobs/x")).route, nullptr);
    const Admission admission = admitted(request("GET", "/api/blobs/x"));
    EXPECT_EQ(status(admission), 405);
    EXPECT_EQ(find_header(admission.headers, "Allow"), "HEAD, OPTIONS");
}

}  // namespace
}  // namespace lar::http
