#include "http/origin.h"

#include <gtest/gtest.h>

namespace lar::http {
namespace {

const OriginRules rules{.port = 11434, .allowed_origins = {"http://localhost:5173"}};

Request over_tcp(std::string method, std::string host, std::vector<Header> headers = {}) {
    return {.method = std::move(method),
            .headers = std::move(headers),
            .host = std::move(host),
            .peer = {.transport = Transport::tcp}};
}
int status(const Request& request, bool guarded) {
    const auto problem = check_origin(request, rules, guarded);
    return problem ? problem->status : 0;
}

TEST(Origin, OnlyLoopbackNamesWithOurPortAreUs) {
    for (const char* host : {"localhost:11434", "LOCALHOST:11434", "127.0.0.1:11434", "[::1]:11434"})
        EXPECT_TRUE(is_own_host(host, 11434)) << host;
    for (const char* host : {"", "localhost", "127.0.0.1", "localhost:80", "localhost:114340", "localhost:11434:11434",
                             "evil.example:11434", "localhost.evil.example:11434", "evil-localhost:11434",
                             "127.0.0.1.evil.example:11434", "127.0.0.2:11434", "0.0.0.0:11434", "::1:11434",
                             "localhost:11434 ", "user@localhost:11434", "localhost.:11434", "2130706433:11434"})
        EXPECT_FALSE(is_own_host(host, 11434)) << host;
    EXPECT_TRUE(is_own_host("localhost", 80));
}

TEST(Origin, ANameThatWasReboundToLoopbackIsRefused) {
    EXPECT_EQ(status(over_tcp("GET", "evil.example:11434"), false), 403);
    EXPECT_EQ(status(over_tcp("GET", "127.0.0.1:11434"), false), 0);
}

TEST(Origin, APageOfAnotherOriginIsRefused) {
    for (const char* origin : {"http://evil.example", "null", "https://localhost:11434", "http://localhost:3000",
                               "http://localhost:11434.evil.example", ""}) {
        EXPECT_EQ(status(over_tcp("POST", "localhost:11434", {{"Origin", origin}}), false), 403) << origin;
        EXPECT_EQ(status(over_tcp("GET", "localhost:11434", {{"origin", origin}}), true), 403) << origin;
        EXPECT_EQ(status(over_tcp("GET", "localhost:11434", {{"Origin", origin}}), false), 403) << origin;
        EXPECT_EQ(status(over_tcp("OPTIONS", "localhost:11434", {{"Origin", origin}}), false), 403) << origin;
    }
    EXPECT_EQ(status(over_tcp("POST", "localhost:11434", {{"Origin", "http://127.0.0.1:11434"}}), true), 0);
    EXPECT_EQ(status(over_tcp("POST", "localhost:11434",
                              {{"Origin", "http://localhost:11434"}, {"Origin", "http://localhost:11434"}}),
                     true),
              400);
}

TEST(Origin, WhatTheBrowserCallsAnotherSiteIsRefused) {
    for (const char* site : {"cross-site", "same-site", "Cross-Site"}) {
        EXPECT_EQ(status(over_tcp("GET", "localhost:11434", {{"Sec-Fetch-Site", site}}), true), 403) << site;
        EXPECT_EQ(status(over_tcp("DELETE", "localhost:11434", {{"Sec-Fetch-Site", site}}), false), 403) << site;
    }
    for (const char* site : {"same-origin", "none"})
        EXPECT_EQ(status(over_tcp("POST", "localhost:11434", {{"Sec-Fetch-Site", site}}), true), 0) << site;
    // Following a link to the page is ordinary.
    EXPECT_EQ(status(over_tcp("GET", "localhost:11434", {{"Sec-Fetch-Site", "cross-site"}}), false), 0);
}

TEST(Origin, AnAllowedOriginMayComeFromAnotherSite) {
    const Request request =
        over_tcp("POST", "localhost:11434", {{"Origin", "http://localhost:5173"}, {"Sec-Fetch-Site", "same-site"}});
    EXPECT_EQ(status(request, true), 0);
    EXPECT_EQ(allowed_cross_origin(request, rules), "http://localhost:5173");
    EXPECT_EQ(allowed_cross_origin(over_tcp("POST", "localhost:11434", {{"Origin", "http://localhost:11434"}}), rules),
              std::nullopt);
}

TEST(Origin, TheUnixSocketHasNoBrowser) {
    Request request = over_tcp("POST", "anything", {{"Origin", "http://evil.example"}});
    request.peer.transport = Transport::unix_socket;
    EXPECT_EQ(status(request, true), 0);
}

TEST(Origin, ATokenIsWhatFollowsBearerOrAnApiKey) {
    const auto with = [](std::string name, std::string value) {
        return over_tcp("GET", "", {{std::move(name), std::move(value)}});
    };
    EXPECT_EQ(presented_token(with("Authorization", "Bearer s3cret")), "s3cret");
    EXPECT_EQ(presented_token(with("authorization", "bearer  s3cret ")), "s3cret");
    EXPECT_EQ(presented_token(with("x-api-key", "s3cret")), "s3cret");
    for (const char* value : {"s3cret", "Basic s3cret", "Bearer", "Bearer ", ""})
        EXPECT_EQ(presented_token(with("Authorization", value)), "") << value;
}

TEST(Origin, APatternFitsWhatItSaysAndNoMore) {
    EXPECT_TRUE(origin_fits("http://localhost", "http://localhost"));
    EXPECT_TRUE(origin_fits("http://localhost:*", "http://localhost:3000"));
    EXPECT_TRUE(origin_fits("app://*", "app://obsidian.md"));
    EXPECT_TRUE(origin_fits("https://*.example.org", "https://a.example.org"));
    EXPECT_TRUE(origin_fits("*", "https://evil.example"));
    for (const char* origin : {"http://localhost:", "http://localhost:3000x", "http://localhost:1.evil.example",
                               "http://localhost.evil:1", "https://localhost:1"})
        EXPECT_FALSE(origin_fits("http://localhost:*", origin)) << origin;
    EXPECT_FALSE(origin_fits("https://*.example.org", "https://example.org"));
    EXPECT_FALSE(origin_fits("app://*", "http://app://"));
}

}  // namespace
}  // namespace lar::http
