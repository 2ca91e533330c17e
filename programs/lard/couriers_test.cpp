#include "couriers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/testing.h"
#include "consent/tickets.h"
#include "provider_sender.h"

namespace lar::lard {
namespace {

const wire::Order order{.host = "models.example", .payload_bytes = 5, .limit_bytes = 100};

wire::CourierDelivered delivered() {
    return {.status = 200, .bytes_in = 100, .bytes_out = 5, .sha256 = std::string(64, 'a'), .address = "192.0.2.1"};
}

TEST(CourierEvents, WhatAnOrderAllowsIsBelieved) {
    EXPECT_TRUE(validate(delivered(), order));
    EXPECT_TRUE(validate(wire::CourierProgress{100}, order));
    EXPECT_TRUE(validate(wire::CourierUnderWay{.layers = "seccomp", .addresses = {"192.0.2.1", "2001:db8::1"}}, order));
    EXPECT_TRUE(validate(wire::CourierFailed{.code = "timeout", .message = "too slow"}, order));
}

TEST(CourierEvents, WhatNoOrderAllowsIsALie) {
    std::vector<wire::CourierEvent> lies{
        wire::CourierProgress{101},
        wire::CourierUnderWay{.addresses = {"models.example"}},
        wire::CourierUnderWay{.addresses = std::vector<std::string>(17, "192.0.2.1")},
        wire::CourierFailed{.message = std::string(5000, 'x')},
        wire::CourierFailed{.bytes_in = 101},
        wire::CourierFailed{.address = "\x1b[2J"},
    };
    const auto lie = [&](auto change) {
        wire::CourierDelivered event = delivered();
        change(event);
        lies.emplace_back(std::move(event));
    };
    lie([](wire::CourierDelivered& event) { event.status = 0; });
    lie([](wire::CourierDelivered& event) { event.status = 1000; });
    lie([](wire::CourierDelivered& event) { event.bytes_in = 101; });
    lie([](wire::CourierDelivered& event) { event.bytes_out = 6; });
    lie([](wire::CourierDelivered& event) { event.sha256 = "a"; });
    lie([](wire::CourierDelivered& event) { event.body = std::string(wire::limit_reply_bytes + 1, 'x'); });
    lie([](wire::CourierDelivered& event) { event.location = std::string(wire::limit_order_text_bytes + 1, 'x'); });
    lie([](wire::CourierDelivered& event) { event.address = "over there"; });
    for (std::size_t i = 0; i < lies.size(); ++i) {
        const Result<> valid = validate(lies[i], order);
        ASSERT_FALSE(valid) << i;
        EXPECT_EQ(valid.error().code, Code::corrupt) << i;
    }
}

TEST(CourierEvents, OtherBytesThanThoseItWasGivenAreNotBelievedToBeDelivered) {
    const wire::Order posted{.host = "api.example",
                             .method = wire::Method::post,
                             .sends_payload = true,
                             .payload_bytes = 5,
                             .payload_sha256 = std::string(64, 'b'),
                             .limit_bytes = 100};
    wire::CourierDelivered event = delivered();
    event.sent_sha256 = posted.payload_sha256;
    EXPECT_TRUE(validate(event, posted));
    event.bytes_out = 4;
    EXPECT_FALSE(validate(event, posted));
    event.bytes_out = 5;
    for (const std::string& other : {std::string(64, 'a'), std::string(), "c" + posted.payload_sha256.substr(1)}) {
        event.sent_sha256 = other;
        EXPECT_EQ(validate(event, posted).error().code, Code::corrupt);
    }
    event.status = 401;
    event.bytes_out = 0;
    EXPECT_TRUE(validate(event, posted)) << "who refuses need not read it all";
}

// The real spawner, and a courier that has sent nothing and says that it has.
TEST(LyingCourier, IsNotBelievedAndItsTicketHasFailed) {
#ifdef LAR_SANITIZED
    GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
    const Folder folder;
    const std::filesystem::path ours = *ipc::programs_directory();
    std::filesystem::copy_file(ours / "lar-spawner", folder / "lar-spawner");
    for (const char* name : {"lar-courier", "lar-engine", "lar-reader"})
        std::filesystem::copy_file(ours / "lying_courier", folder / name);
    const auto spawner = ipc::Spawner::start(folder.path());
    ASSERT_TRUE(spawner) << spawner.error().message;
    const SystemClock clock;
    const FixedZone zone(0);
    std::vector<Trip> trips;
    Couriers couriers(**spawner, {}, clock,
                      {.trip = [&](const Trip& trip) { trips.push_back(trip); }, .refused = [](const Refused&) {}});
    if (const auto tried = couriers.carry({.host = "a.example", .target = "/"}, {}, {});
        !tried && tried.error().message.contains("this kernel cannot ask"))
        GTEST_SKIP() << tried.error().message;
    trips.clear();
    auto store = store::Store::open({}, clock);
    ASSERT_TRUE(store);
    const auto ledger = consent::Ledger::open(*store, folder / "head", clock, zone);
    ASSERT_TRUE(ledger);
    ProviderSender sender(couriers, folder / "keys", folder.path());
    consent::Settings settings;
    settings.providers = {{.name = "ours", .tier = consent::Tier::own, .host = "a.example", .model = "m"}};
    const auto tickets = consent::Tickets::open(*store, **ledger, sender, settings, clock);
    ASSERT_TRUE(tickets);
    const auto sent_to = [&](const char* target) {
        settings.providers[0].path = target;
        const auto ticket = (*tickets)->propose("ours", {.text = "is it blue?"}, {});
        EXPECT_TRUE(ticket);
        const auto over = (*tickets)->approve(ticket->id, ticket->hash, "user");
        EXPECT_TRUE(over);
        return *over;
    };
    for (const char* lie : {"/other-bytes", "/no-hash", "/a-part", "/more", "/at-once"}) {
        const consent::Ticket over = sent_to(lie);
        EXPECT_EQ(over.state, consent::TicketState::failed) << lie;
        EXPECT_THAT(over.outcome, testing::HasSubstr("was stopped")) << lie;
        EXPECT_FALSE(over.reply) << lie;
    }
    EXPECT_EQ(sent_to("/truth").state, consent::TicketState::answered) << "so that the rest means something";
    ASSERT_EQ(trips.size(), 6U);
    for (const Trip& trip : trips) EXPECT_FALSE(trip.sha256_out.empty()) << "no download";
}

}  // namespace
}  // namespace lar::lard
