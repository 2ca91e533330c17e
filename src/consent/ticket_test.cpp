#include "consent/ticket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "consent/testing.h"

namespace lar::consent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t life_us = Proposal{}.life_us;
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
    EXPECT_FALSE(expire(old, 1000 + life_us - 1));
    EXPECT_EQ(take_to_send(old, 1000 + life_us).error().code, Code::timeout);
    EXPECT_EQ(old.state, TicketState::expired);
    EXPECT_EQ(approve(old, old.hash, "user", 1001).error().code, Code::conflict);
    EXPECT_FALSE(expire(denied, 10 * life_us));
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

TEST(Tickets, ServerOfOnesOwnMaySeePathsHostsAndNamesButNoSecret) {
    Provider own = provider();
    own.redact = Redact::secrets;
    const std::string text =
        "ask Brunhilde about /home/ana/plans.txt on db.intern.example, token ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    const auto body_for = [&](const Provider& to) {
        return must(propose(to, {.text = text, .why = "w"}, {.names = {"Brunhilde"}}, 0)).body;
    };
    EXPECT_THAT(body_for(own), Not(HasSubstr("/home/ana"))) << "only for one's own";
    own.tier = Tier::own;
    EXPECT_THAT(body_for(own), AllOf(HasSubstr("Brunhilde"), HasSubstr("/home/ana/plans.txt"), HasSubstr("db.intern")));
    EXPECT_THAT(body_for(own), Not(HasSubstr("ghp_16C7")));
    Ticket ticket = must(propose(own, {.text = text, .why = "w"}, {.names = {"Brunhilde"}}, 0));
    must(set_taken(ticket, "[NAME_1]", Taken::out, 1));
    EXPECT_THAT(ticket.body, Not(HasSubstr("Brunhilde"))) << "the user may still take it out";
}

}  // namespace
}  // namespace lar::consent
