#include "order.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace lar::courier {
namespace {

wire::Order good() {
    return {.host = "models.example",
            .port = 8443,
            .target = "/v2/library/tiny/manifests/latest?x=%20",
            .headers = {{"Accept", "application/json, text/plain"}}};
}

TEST(Order, WhatIsAnOrderPasses) {
    EXPECT_TRUE(validate(good()));
    EXPECT_EQ(url_of(good()), "https://models.example:8443/v2/library/tiny/manifests/latest?x=%20");
    wire::Order six = good();
    six.scheme = wire::Scheme::http;
    six.host = "::1";
    EXPECT_TRUE(validate(six));
    EXPECT_EQ(url_of(six), "http://[::1]:8443/v2/library/tiny/manifests/latest?x=%20");
}

TEST(Order, WhatWouldBeAnotherRequestIsRefused) {
    const std::vector<std::function<void(wire::Order&)>> changes = {
        [](wire::Order& o) { o.host = ""; },
        [](wire::Order& o) { o.host = "a b"; },
        [](wire::Order& o) { o.host = "user@a"; },
        [](wire::Order& o) { o.host = "a/b"; },
        [](wire::Order& o) { o.host = "-oProxyCommand"; },
        [](wire::Order& o) { o.host = std::string(300, 'a'); },
        [](wire::Order& o) { o.port = 0; },
        [](wire::Order& o) { o.target = "v2"; },
        [](wire::Order& o) { o.target = "/a b"; },
        [](wire::Order& o) { o.target = "/a\r\nX: y"; },
        [](wire::Order& o) { o.target = "/a#b"; },
        [](wire::Order& o) { o.target = "/" + std::string(9000, 'a'); },
        [](wire::Order& o) { o.headers = {{"X", "a\r\nY: b"}}; },
        [](wire::Order& o) { o.headers = {{"X: Y", "a"}}; },
        [](wire::Order& o) { o.headers = {{"", "a"}}; },
        [](wire::Order& o) { o.headers.assign(33, {"X", "a"}); },
        [](wire::Order& o) { o.sends_payload = true; },
        [](wire::Order& o) { o.method = wire::Method::post; },
        [](wire::Order& o) {
            o.method = wire::Method::post;
            o.sends_payload = true;
            o.payload_sha256 = "no hash";
        },
        [](wire::Order& o) {
            o.method = wire::Method::post;
            o.sends_payload = true;
            o.payload_sha256 = std::string(64, 'a');
            o.payload_bytes = limit_payload_bytes + 1;
        },
        [](wire::Order& o) { o.expected_sha256 = std::string(64, 'A'); },
        [](wire::Order& o) { o.from_bytes = 1; },
        [](wire::Order& o) { o.limit_s = 0; },
        [](wire::Order& o) { o.proxy = {.host = "", .port = 3128}; },
        [](wire::Order& o) { o.proxy = {.host = "proxy.example", .port = 0}; },
        [](wire::Order& o) { o.proxy = {.host = "user@proxy.example", .port = 3128}; },
        [](wire::Order& o) {
            o.scheme = wire::Scheme::http;
            o.proxy = {.host = "proxy.example", .port = 3128};
        },
        [](wire::Order& o) { o.secret_prefix = "Bearer "; },
        [](wire::Order& o) { o.secret_header = "X: Y"; },
        [](wire::Order& o) { o.secret_header = "X", o.secret_prefix = "a\r\nY: "; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        wire::Order order = good();
        changes[i](order);
        const Result<> valid = validate(order);
        ASSERT_FALSE(valid) << i;
        EXPECT_EQ(valid.error().code, Code::corrupt) << i;
    }
}

}  // namespace
}  // namespace lar::courier
