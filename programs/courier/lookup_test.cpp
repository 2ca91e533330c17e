#include "lookup.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lar::courier {
namespace {

TEST(Lookup, ThePlaceOfAnAddressIsKnown) {
    for (const char* const address : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})
        EXPECT_EQ(place_of(address), Place::loopback) << address;
    for (const char* const address : {"0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1",
                                      "172.31.255.255", "192.168.1.1", "224.0.0.1", "255.255.255.255", "::", "fe80::1",
                                      "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2", "no address"})
        EXPECT_EQ(place_of(address), Place::internal) << address;
    for (const char* const address : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"})
        EXPECT_EQ(place_of(address), Place::internet) << address;
}

TEST(Lookup, OnlyAWordNeedsAResolver) {
    EXPECT_FALSE(needs_resolver("localhost"));
    EXPECT_FALSE(needs_resolver("127.0.0.1"));
    EXPECT_FALSE(needs_resolver("::1"));
    EXPECT_TRUE(needs_resolver("models.example"));
    EXPECT_TRUE(needs_resolver("127.0.0.1.example"));
}

TEST(Lookup, WhereANameLeadsDecidesWhetherAnOrderMayGoThere) {
    const auto outcome = [](wire::Scheme scheme, wire::Reach reach, const std::vector<std::string>& addresses) {
        const Result<> permitted = permit({.scheme = scheme, .host = "models.example", .reach = reach}, addresses);
        return permitted ? std::string("ok") : std::string(to_string(permitted.error().code));
    };
    using enum wire::Reach;
    EXPECT_EQ(outcome(wire::Scheme::https, anywhere, {"8.8.8.8"}), "ok");
    EXPECT_EQ(outcome(wire::Scheme::https, anywhere, {"10.0.0.1"}), "ok");
    EXPECT_EQ(outcome(wire::Scheme::https, internet, {"8.8.8.8", "2606:4700::1"}), "ok");
    EXPECT_EQ(outcome(wire::Scheme::https, internet, {"8.8.8.8", "192.168.0.1"}), "denied");
    EXPECT_EQ(outcome(wire::Scheme::https, internet, {"127.0.0.1"}), "denied");
    EXPECT_EQ(outcome(wire::Scheme::https, loopback, {"8.8.8.8"}), "denied");
    EXPECT_EQ(outcome(wire::Scheme::http, anywhere, {"127.0.0.1", "::1"}), "ok");
    EXPECT_EQ(outcome(wire::Scheme::http, anywhere, {"10.0.0.1"}), "denied");
    EXPECT_EQ(outcome(wire::Scheme::http, anywhere, {"127.0.0.1", "8.8.8.8"}), "denied");
    EXPECT_EQ(outcome(wire::Scheme::https, anywhere, {}), "not_found");
}

TEST(Lookup, OfAnOrderThroughAProxyTheProxyIsLookedUpAndOnlyNamesAreLeftToIt) {
    const auto outcome = [](const char* host, wire::Reach reach) {
        const auto found = look_up({.host = host, .reach = reach, .proxy = {{.host = "10.0.0.1", .port = 3128}}});
        return found ? found->front() : std::string(to_string(found.error().code));
    };
    using enum wire::Reach;
    EXPECT_EQ(outcome("models.example", anywhere), "10.0.0.1");
    EXPECT_EQ(outcome("models.example", internet), "10.0.0.1");
    EXPECT_EQ(outcome("8.8.8.8", internet), "10.0.0.1");
    EXPECT_EQ(outcome("192.168.0.1", anywhere), "10.0.0.1");
    for (const char* const host : {"192.168.0.1", "169.254.169.254", "localhost", "fd00::1"})
        EXPECT_EQ(outcome(host, internet), "denied") << host;
    EXPECT_EQ(outcome("models.example", loopback), "denied");
}

TEST(Lookup, ThisMachineIsFoundWithoutAskingAnybody) {
    const auto found = look_up({.scheme = wire::Scheme::http, .host = "LocalHost"});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (std::vector<std::string>{"127.0.0.1", "::1"}));
}

}  // namespace
}  // namespace lar::courier
