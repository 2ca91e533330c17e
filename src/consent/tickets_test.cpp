#include "consent/tickets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/format.h"
#include "base/sha256.h"
#include "consent/testing.h"

namespace lar::consent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RecordingSender final : public Sender {
public:
    Result<> check_ready(const Provider&) override {
        return has_key ? Result<>() : fail(Code::unavailable, "there is no key");
    }
    Result<std::string> send(const Ticket& ticket, std::string_view bytes) override {
        sent.emplace_back(bytes);
        if (on_send) on_send(ticket);
        if (broken) return fail(Code::timeout, "the host said nothing of firma");
        return std::string(R"({"choices":[{"message":{"content":"mail [EMAIL_1]"},"finish_reason":"stop"}],)"
                           R"("usage":{"prompt_tokens":50,"completion_tokens":7}})");
    }
    std::vector<std::string> sent;
    std::function<void(const Ticket&)> on_send;
    bool broken = false, has_key = true;
};

class KeptByTheStore : public ::testing::Test {
protected:
    void SetUp() override {
        settings_.providers = {{.name = "big",
                                .host = "api.example",
                                .path = "/v1/x",
                                .model = "m-1",
                                .dollars_per_million_in = 2,
                                .dollars_per_million_out = 10}};
        settings_.names = {"Brunhilde"};
        clock_.us = us_per_hour;
        open();
    }
    // As lard does at its start; what was there goes without a word, as after kill -9.
    void open() {
        tickets_.reset();
        ledger_.reset();
        store_.reset();
        store_.emplace(must(store::Store::open(folder_ / "lar.db", clock_)));
        ledger_ = must(Ledger::open(*store_, folder_ / "head", clock_, greenwich));
        tickets_ = must(Tickets::open(*store_, *ledger_, sender_, settings_, clock_));
    }
    Ticket proposed(std::string text) {
        return must(tickets_->propose("", {.text = std::move(text), .why = "the window is too small"}, {}));
    }
    Ticket found(const std::string& id) {
        store::Reader reader = must(store_->reader());
        return must(tickets_->find(reader, id));
    }
    std::vector<std::string> outcomes() {
        store::Reader reader = must(store_->reader());
        std::vector<std::string> all;
        for (const wire::ApiLedgerEntry& one : must(ledger_->report(reader, {}, 10'000)).entries)
            all.push_back(one.handoff->outcome);
        return all;
    }

    Folder folder_;
    SetClock clock_;
    Settings settings_;
    RecordingSender sender_;
    std::optional<store::Store> store_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Tickets> tickets_;
};

TEST_F(KeptByTheStore, TicketIsTheSameAfterARestart) {
    Ticket ticket = proposed("ask Brunhilde, ana@firma.example, at /home/ana/x");
    ticket = must(tickets_->set_taken(ticket.id, "[EMAIL_1]", Taken::back));
    open();
    const Ticket again = found(ticket.id);
    EXPECT_EQ(again.state, TicketState::edited);
    EXPECT_EQ(again.text, ticket.text);
    EXPECT_EQ(again.body, ticket.body);
    EXPECT_EQ(again.hash, ticket.hash);
    EXPECT_EQ(again.redactions.size(), ticket.redactions.size());
    EXPECT_THAT(again.body, Not(HasSubstr("Brunhilde")));
    EXPECT_THAT(must(tickets_->approve(ticket.id, ticket.hash, "user")).reply->text, HasSubstr("mail [EMAIL_1]"))
        << "what the user left in has no placeholder";
    EXPECT_THAT(sender_.sent, ElementsAre(ticket.body));
    open();
    EXPECT_EQ(found(ticket.id).state, TicketState::answered);
    EXPECT_EQ(found(ticket.id).reply->generated_tokens, 7U);
    EXPECT_DOUBLE_EQ(found(ticket.id).cost, 50 * 2e-6 + 7 * 10e-6);
}

TEST_F(KeptByTheStore, LedgerHasItBeforeItLeavesAndWhatBecameOfIt) {
    sender_.on_send = [&](const Ticket& ticket) {
        EXPECT_EQ(found(ticket.id).state, TicketState::sent) << "on the disk before a byte leaves";
        EXPECT_EQ(outcomes().back(), "leaving");
    };
    const Ticket good = proposed("mail ana@firma.example");
    EXPECT_EQ(must(tickets_->approve(good.id, good.hash, "user, terminal")).reply->text, "mail ana@firma.example");
    sender_.broken = true;
    const Ticket bad = proposed("mail ben@firma.example");
    const Ticket failed = must(tickets_->approve(bad.id, bad.hash, "user"));
    EXPECT_EQ(failed.state, TicketState::failed);
    EXPECT_EQ(failed.outcome, "the host said nothing of firma");
    EXPECT_THAT(outcomes(), ElementsAre("leaving", "answered", "leaving", "timeout"));
    store::Reader reader = must(store_->reader());
    const wire::ApiLedger told = must(ledger_->report(reader, {}, 10));
    EXPECT_EQ(told.entries[0].handoff->payload, good.hash);
    EXPECT_EQ(told.totals.bytes_out, good.body.size() + bad.body.size());
    for (const store::LedgerRow& row : must(reader.ledger(0, {}))) EXPECT_THAT(row.content, Not(HasSubstr("firma")));
}

TEST_F(KeptByTheStore, WhatWasUnderWayWhenLardEndedIsNotSentAgain) {
    const Ticket ticket = proposed("a");
    // The state of the disk while it is sent.
    std::string during;
    sender_.on_send = [&](const Ticket&) { during = must(must(store_->reader()).ticket(ticket.id))->json; };
    must(tickets_->approve(ticket.id, ticket.hash, "user"));
    must(store_->write([&](store::Writer& writer) { return writer.change_ticket(ticket.id, "sent", during); }));
    open();
    EXPECT_EQ(found(ticket.id).state, TicketState::failed);
    EXPECT_THAT(found(ticket.id).outcome, HasSubstr("it is not known whether it arrived"));
    EXPECT_EQ(tickets_->approve(ticket.id, ticket.hash, "user").error().code, Code::conflict);
    EXPECT_EQ(sender_.sent.size(), 1U);
    EXPECT_EQ(outcomes().back(), "unknown");
    open();
    EXPECT_EQ(outcomes().size(), 3U) << "told once";
}

TEST_F(KeptByTheStore, WithoutAKeyNothingHappensToATicket) {
    sender_.has_key = false;
    const Ticket ticket = proposed("a");
    EXPECT_EQ(tickets_->approve(ticket.id, ticket.hash, "user").error().code, Code::unavailable);
    EXPECT_EQ(found(ticket.id).state, TicketState::proposed);
    EXPECT_TRUE(outcomes().empty());
}

TEST_F(KeptByTheStore, WhatIsTooOldIsExpiredAlsoOnTheDisk) {
    const Ticket ticket = proposed("a");
    clock_.us = ticket.expires_us;
    EXPECT_EQ(found(ticket.id).state, TicketState::expired);
    EXPECT_EQ(tickets_->approve(ticket.id, ticket.hash, "user").error().code, Code::timeout);
    clock_.us = us_per_hour;
    EXPECT_EQ(found(ticket.id).state, TicketState::expired) << "also when the clock is put back";
    EXPECT_TRUE(sender_.sent.empty());
}

TEST_F(KeptByTheStore, WhatIsOverIsForgottenInTimeOrWhenAsked) {
    const Ticket denied = proposed("zzq denied");
    must(tickets_->deny(denied.id));
    const Ticket waiting = proposed("zzq waiting");
    must(tickets_->forget(waiting.id));
    store::Reader reader = must(store_->reader());
    EXPECT_EQ(tickets_->find(reader, waiting.id).error().code, Code::not_found);
    EXPECT_EQ(tickets_->forget(waiting.id).error().code, Code::not_found);
    clock_.us += ticket_kept_us + 1;
    proposed("another");
    EXPECT_EQ(tickets_->find(reader, denied.id).error().code, Code::not_found);
}

TEST_F(KeptByTheStore, MoreThanTheUserCanLookAtAreNotProposed) {
    for (std::size_t i = 0; i < limit_tickets_waiting; ++i) proposed("a");
    EXPECT_EQ(tickets_->propose("big", {.text = "a"}, {}).error().code, Code::conflict);
}

TEST_F(KeptByTheStore, ProviderIsOneThatTheUserNamed) {
    EXPECT_EQ(tickets_->propose("small", {.text = "a"}, {}).error().code, Code::not_found);
    settings_.providers.push_back({.name = "other", .host = "b.example", .path = "/", .model = "m"});
    EXPECT_EQ(tickets_->propose("", {.text = "a"}, {}).error().code, Code::invalid);
    EXPECT_EQ(must(tickets_->propose("other", {.text = "a"}, {})).provider.host, "b.example");
    settings_.providers.clear();
    EXPECT_THAT(tickets_->propose("", {.text = "a"}, {}).error().message, HasSubstr("[providers.NAME]"));
}

TEST_F(KeptByTheStore, WhatIsSentIsWhatWasApprovedWhateverHappenedBefore) {
    std::mt19937 random(17);
    const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
    std::vector<std::string> approved;
    for (int round = 0; round < 150; ++round) {
        Ticket shown = proposed(lar::format("question {} of ana@firma.example", round));
        for (int step = 1 + below(6); step > 0; --step) {
            clock_.us += below(5) * us_per_minute;
            const std::size_t before = sender_.sent.size();
            // Whether it is allowed depends on what was before, and that is what is looked at.
            switch (below(7)) {
                case 0:
                    if (auto now = tickets_->edit(shown.id, lar::format("edited {} {}", round, step))) shown = *now;
                    break;
                case 1: static_cast<void>(tickets_->edit(shown.id, "by somebody else")); break;
                case 2:
                    if (auto now = tickets_->set_taken(shown.id, "[EMAIL_1]", below(2) == 0 ? Taken::out : Taken::back))
                        shown = *now;
                    break;
                case 3: static_cast<void>(tickets_->deny(shown.id)); break;
                case 4: open(); break;
                default: {
                    const Ticket there = found(shown.id);
                    const bool may = (there.state == TicketState::proposed || there.state == TicketState::edited) &&
                                     there.hash == shown.hash;
                    const auto sent = tickets_->approve(shown.id, shown.hash, "user");
                    ASSERT_EQ(sent.has_value(), may);
                    ASSERT_EQ(sender_.sent.size() - before, may ? 1U : 0U);
                    if (may) approved.push_back(shown.body);
                }
            }
        }
        static_cast<void>(tickets_->deny(shown.id));
    }
    ASSERT_GT(approved.size(), 30U);
    EXPECT_EQ(sender_.sent, approved);
    store::Reader reader = must(store_->reader());
    const wire::ApiLedger told = must(ledger_->report(reader, {}, 1));
    EXPECT_EQ(told.totals.handoffs, approved.size());
    EXPECT_EQ(told.totals.handed_generated_tokens, 7 * approved.size());
    EXPECT_TRUE(must(ledger_->verify(reader)).holds);
}

}  // namespace
}  // namespace lar::consent
