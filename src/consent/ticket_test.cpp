#include "consent/ticket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/format.h"
#include "base/sha256.h"
#include "consent/testing.h"
#include "store/store.h"

namespace lar::consent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view openai_answer =
    R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"mail [EMAIL_1]"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":50,"completion_tokens":7,"total_tokens":57},"new":{"a":[1]}})";
constexpr std::string_view anthropic_answer =
    R"({"type":"message","content":[{"type":"text","text":"one "},{"type":"thinking","thinking":"…"},{"type":"text","text":"two"}],)"
    R"("stop_reason":"max_tokens","usage":{"input_tokens":9,"output_tokens":3}})";

Provider provider(Dialect dialect = Dialect::openai) {
    return {.name = "big",
            .dialect = dialect,
            .host = "api.example",
            .path = "/v1/x",
            .model = "m-1",
            .dollars_per_million_in = 2,
            .dollars_per_million_out = 10};
}
Ticket proposed(const std::string& text, std::int64_t now_us = 0) {
    return must(propose(provider(), {.text = text, .why = "the window is too small"}, {}, now_us));
}

class RecordingSender final : public Sender {
public:
    Result<std::string> send(const Ticket&, std::string_view bytes) override {
        sent.emplace_back(bytes);
        if (broken) return fail(Code::timeout, "the host did not answer");
        return std::string(openai_answer);
    }
    std::vector<std::string> sent;
    bool broken = false;
};

TEST(HandoffBody, EachDialectHasItsBytesAndNothingElseLeaves) {
    EXPECT_EQ(
        must(request_body(provider(), "say \"hi\"\n", 64)),
        R"({"model":"m-1","messages":[{"role":"user","content":"say \"hi\"\n"}],"max_tokens":64,"stream":false})");
    EXPECT_EQ(must(request_body(provider(Dialect::anthropic), "é", 64)),
              R"({"model":"m-1","max_tokens":64,"messages":[{"role":"user","content":"é"}],"stream":false})");
    EXPECT_EQ(request_body(provider(), "\xff", 64).error().code, Code::invalid);
    EXPECT_EQ(request_body(provider(), "a", 0).error().code, Code::invalid);
    EXPECT_EQ(request_body(provider(), std::string(limit_handoff_bytes + 1, 'a'), 1).error().code, Code::too_large);
    EXPECT_EQ(handoff_text("why?", {{"a.c", "int a;"}}),
              "why?\n\nAnswer from these sources, and name the number of each that you use:\n\n[1] a.c\nint a;\n");
}

TEST(HandoffBody, RepliesOfBothDialectsAreReadAndWhatIsNoneIsRefused) {
    const ProviderReply one = must(read_reply(Dialect::openai, openai_answer));
    EXPECT_EQ(one.text, "mail [EMAIL_1]");
    EXPECT_EQ(one.generated_tokens, 7U);
    EXPECT_TRUE(one.complete);
    const ProviderReply two = must(read_reply(Dialect::anthropic, anthropic_answer));
    EXPECT_EQ(two.text, "one two");
    EXPECT_EQ(two.prompt_tokens, 9U);
    EXPECT_FALSE(two.complete);
    const auto refused = read_reply(Dialect::openai, R"({"error":{"message":"no \u001b[31mcredit","type":"x"}})");
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("credit"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("\033")));
    for (const char* text : {"", "[]", "{}", "<html>", R"({"choices":[]})",
                             R"({"choices":[{"message":{"content":3}}]})", R"({"choices":"x"})", R"({"choices":[{)"})
        EXPECT_EQ(read_reply(Dialect::openai, text).error().code, Code::corrupt) << text;
    EXPECT_EQ(read_reply(Dialect::anthropic, R"({"content":[]})").error().code, Code::corrupt);
    EXPECT_EQ(read_reply(Dialect::openai, std::string(limit_reply_bytes + 1, ' ')).error().code, Code::corrupt);
}

TEST(Tickets, ProposalShowsTheExactBytesWithoutWhatShouldNotLeave) {
    const Ticket ticket = proposed("ask ana@firma.example why DB_PASSWORD=kX93hq7Lm2 fails");
    EXPECT_THAT(ticket.body, HasSubstr("ask [EMAIL_1] why DB_PASSWORD=[SECRET_1] fails"));
    EXPECT_THAT(ticket.body, Not(HasSubstr("ana@firma")));
    EXPECT_EQ(ticket.hash, sha256_hex(ticket.body));
    EXPECT_GT(ticket.expected_dollars, 0.01);
    EXPECT_EQ(filled_in(ticket, "tell [EMAIL_1]"), "tell ana@firma.example");
}

TEST(Tickets, OnlyBytesThatWereSeenAreApprovedAndAChangeNeedsApprovalAgain) {
    Ticket ticket = proposed("ask ana@firma.example");
    const std::string seen = ticket.hash;
    must(set_taken(ticket, "[EMAIL_1]", Taken::back, 1));
    EXPECT_THAT(ticket.body, HasSubstr("ana@firma.example"));
    EXPECT_EQ(approve(ticket, seen, "user", 2).error().code, Code::conflict);
    must(approve(ticket, ticket.hash, "user", 3));
    must(edit(ticket, "ask nobody", {}, 4));
    EXPECT_EQ(ticket.state, TicketState::edited);
    EXPECT_EQ(ticket.approved_by, "");
    EXPECT_EQ(take_to_send(ticket, 5).error().code, Code::conflict);
    must(approve(ticket, ticket.hash, "user", 6));
    EXPECT_EQ(must(take_to_send(ticket, 7)), ticket.body);
    EXPECT_EQ(take_to_send(ticket, 8).error().code, Code::conflict) << "once";
    EXPECT_EQ(set_taken(ticket, "[EMAIL_1]", Taken::out, 9).error().code, Code::conflict);
}

TEST(Tickets, WhatIsDeniedOrTooOldStaysSo) {
    Ticket denied = proposed("a");
    must(deny(denied, 1));
    EXPECT_EQ(approve(denied, denied.hash, "user", 2).error().code, Code::conflict);
    Ticket old = proposed("a", 1000);
    must(approve(old, old.hash, "user", 1001));
    EXPECT_FALSE(expire(old, 1000 + ticket_life_us - 1));
    EXPECT_EQ(take_to_send(old, 1000 + ticket_life_us).error().code, Code::timeout);
    EXPECT_EQ(old.state, TicketState::expired);
    EXPECT_EQ(approve(old, old.hash, "user", 1001).error().code, Code::conflict);
    EXPECT_FALSE(expire(denied, 10 * ticket_life_us));
}

TEST(Tickets, OneFlippedBitIsNotSent) {
    for (std::size_t place = 0; place < 60; ++place) {
        Ticket ticket = proposed("a question of no importance");
        must(approve(ticket, ticket.hash, "user", 1));
        ticket.body[place] = static_cast<char>(ticket.body[place] ^ (1 << (place % 8)));
        EXPECT_EQ(take_to_send(ticket, 2).error().code, Code::corrupt);
        ticket.hash = sha256_hex(ticket.body);
        EXPECT_EQ(take_to_send(ticket, 2).error().code, Code::corrupt);
        EXPECT_EQ(ticket.state, TicketState::approved);
    }
}

TEST(Tickets, WhatIsSentIsWhatWasApprovedWhateverHappenedBefore) {
    Folder folder;
    SetClock clock;
    store::Store store = must(store::Store::open(folder / "lar.db", clock));
    const auto ledger = must(Ledger::open(store, folder / "head", clock, greenwich));
    std::mt19937 random(17);
    const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
    RecordingSender sender;
    std::vector<std::string> approved;
    for (int round = 0; round < 300; ++round) {
        Ticket ticket = proposed(lar::format("question {} of ana@firma.example", round), clock.us);
        std::string last;
        for (int step = below(6); step > 0; --step) {
            clock.us += below(6) * us_per_minute;
            const int act = below(3);
            // Whether it is allowed depends on what was before, and that is what is looked at.
            if (act == 0 && edit(ticket, lar::format("edited {} {}", round, step), {}, clock.us)) last.clear();
            if (act == 1 && approve(ticket, ticket.hash, "user", clock.us)) last = ticket.body;
            if (act == 2 && set_taken(ticket, "[EMAIL_1]", below(2) == 0 ? Taken::out : Taken::back, clock.us))
                last.clear();
        }
        const std::size_t before = sender.sent.size();
        const auto reply = hand_off(ticket, sender, *ledger, clock);
        const bool sent = sender.sent.size() > before;
        ASSERT_EQ(sent, !last.empty() && clock.us < ticket.expires_us);
        ASSERT_EQ(sent, reply.has_value());
        if (!sent) continue;
        ASSERT_EQ(sender.sent.back(), last);
    }
    ASSERT_GT(sender.sent.size(), 30U);
    store::Reader reader = must(store.reader());
    const wire::ApiLedger told = must(ledger->report(reader, {}, 1));
    EXPECT_EQ(told.totals.handoffs, sender.sent.size());
    EXPECT_EQ(told.totals.handed_generated_tokens, 7 * sender.sent.size());
    EXPECT_TRUE(must(ledger->verify(reader)).holds);
}

TEST(Tickets, LedgerHasItBeforeItLeavesAndWhatBecameOfIt) {
    Folder folder;
    SetClock clock;
    store::Store store = must(store::Store::open(folder / "lar.db", clock));
    const auto ledger = must(Ledger::open(store, folder / "head", clock, greenwich));
    RecordingSender sender;
    Ticket good = proposed("mail ana@firma.example");
    must(approve(good, good.hash, "user, terminal", 1));
    EXPECT_EQ(must(hand_off(good, sender, *ledger, clock)).text, "mail ana@firma.example");
    sender.broken = true;
    Ticket bad = proposed("mail ben@firma.example");
    must(approve(bad, bad.hash, "user", 1));
    EXPECT_EQ(hand_off(bad, sender, *ledger, clock).error().code, Code::timeout);
    EXPECT_EQ(bad.state, TicketState::failed);

    store::Reader reader = must(store.reader());
    const wire::ApiLedger told = must(ledger->report(reader, {}, 10));
    ASSERT_EQ(told.entries.size(), 4U);
    EXPECT_EQ(told.entries[0].handoff->outcome, "leaving");
    EXPECT_EQ(told.entries[0].handoff->payload, good.hash);
    EXPECT_EQ(told.entries[0].handoff->bytes_out, good.body.size());
    EXPECT_EQ(told.entries[1].handoff->outcome, "answered");
    EXPECT_DOUBLE_EQ(told.entries[1].handoff->cost, 50 * 2e-6 + 7 * 10e-6);
    EXPECT_EQ(told.entries[3].handoff->outcome, "timeout");
    for (const store::LedgerRow& row : must(reader.ledger(0, {}))) EXPECT_THAT(row.content, Not(HasSubstr("firma")));
}

}  // namespace
}  // namespace lar::consent
