#include "models/web_address.h"

#include <gtest/gtest.h>

#include <string>

namespace lar::models {
namespace {

TEST(WebAddress, ItsPartsAreTakenApart) {
    const auto one = parse_web_address("https://Auth.Example:8443/token?service=a%20b#there");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->scheme, wire::Scheme::https);
    EXPECT_EQ(one->host, "auth.example");
    EXPECT_EQ(one->port, 8443);
    EXPECT_EQ(one->target, "/token?service=a%20b");
    EXPECT_EQ(parse_web_address("http://localhost")->port, 80);
    EXPECT_EQ(parse_web_address("https://a.example")->target, "/");
    EXPECT_EQ(parse_web_address("https://a.example?x")->target, "/?x");
    EXPECT_EQ(parse_web_address("http://[::1]:5000/v2/")->host, "::1");
}

TEST(WebAddress, WhatIsUnusualIsRefused) {
    for (const std::string text :
         {"", "a.example", "ftp://a.example/", "https://", "https:///x", "https://user@a.example/", "https://a:b@c/",
          "https://a.example:0/", "https://a.example:99999/", "https://a.example:8a/", "https://[::1/", "https://[a]/",
          "https://[::1]x/", "https://-a/", "https://a b/", "https://a.example/x y", "https://a.example/\n",
          "file:///etc/passwd", "https://\xc3\xa4.example/"})
        EXPECT_FALSE(parse_web_address(text)) << text;
    EXPECT_FALSE(parse_web_address("https://a.example/" + std::string(9000, 'a')));
}

TEST(WebAddress, ThisMachineIsToldByItsNames) {
    for (const char* const host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
        EXPECT_TRUE(is_this_machine(host)) << host;
    for (const char* const host : {"127.0.0.1.example", "a.example", "10.0.0.1", "::2"})
        EXPECT_FALSE(is_this_machine(host)) << host;
}

TEST(WebAddress, BytesAreEncodedForAPath) { EXPECT_EQ(percent_encoded("a b/c~1-\xff"), "a%20b%2Fc~1-%FF"); }

}  // namespace
}  // namespace lar::models
