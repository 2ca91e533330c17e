#include "handoff_show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lar::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Output preview_output(1, {});
const FixedZone greenwich_zone(0);

wire::ApiHandoff preview_ticket(std::string body) {
    wire::ApiHandoff handoff{.id = "0199",
                             .state = "proposed",
                             .provider = {.name = "big",
                                          .kind = "openai",
                                          .tier = "others",
                                          .redact = "all",
                                          .host = "api.example",
                                          .path = "/v1/x",
                                          .model = "m-1",
                                          .dollars_in = 2,
                                          .dollars_out = 10},
                             .why = "you asked for it",
                             .expires = "1970-01-01T00:15:00Z",
                             .text = "t",
                             .body = std::move(body),
                             .hash = "abc",
                             .answer_tokens = 64,
                             .expected_cost = 0.5};
    handoff.bytes = handoff.body.size();
    return handoff;
}
std::string preview_of(const wire::ApiHandoff& handoff) {
    return handoff_preview(handoff, {preview_output, 0, greenwich_zone});
}

TEST(HandOffPreview, ShowsEveryByteAndBreaksOnlyTheLinesThatTheTextHas) {
    const std::string shown = preview_of(preview_ticket(R"({"content":"one\ntwo \\n three\\\nfour"})"));
    EXPECT_THAT(shown, HasSubstr("{\"content\":\"one\\n\ntwo \\\\n three\\\\\\n\nfour\"}\n"));
    EXPECT_THAT(shown, HasSubstr("all 40 bytes of it"));
    EXPECT_THAT(shown, HasSubstr("big, model m-1: https://api.example:443/v1/x"));
    EXPECT_THAT(shown, HasSubstr("about $0.50, with 64 tokens back at most"));
    EXPECT_THAT(shown, HasSubstr("in 15 min"));
    EXPECT_THAT(shown, Not(HasSubstr("of your own")));
}

TEST(HandOffPreview, SaysWhenATerminalWouldShowSomethingElse) {
    EXPECT_THAT(preview_of(preview_ticket("a\x7f\x1b[2Jb")), HasSubstr("--raw gives the bytes"));
    EXPECT_THAT(preview_of(preview_ticket("a\x7f\x1b[2Jb")), Not(HasSubstr("\x1b")));
    EXPECT_THAT(preview_of(preview_ticket("größer")), Not(HasSubstr("--raw")));
}

TEST(HandOffPreview, KeepsApartWhatStaysAndWhatLeaves) {
    wire::ApiHandoff handoff = preview_ticket("[SECRET_1] ana@firma.example");
    handoff.redactions = {{"[SECRET_1]", "secret", "GitHub token", "ghp_1\x1b[2J", 2, true},
                          {"[EMAIL_1]", "email", "address", "ana@firma.example", 1, false}};
    const std::string shown = preview_of(handoff);
    const std::size_t stays = shown.find("What stays here"), leaves = shown.find("leaves, because it was left in");
    ASSERT_NE(stays, shown.npos);
    ASSERT_NE(leaves, shown.npos);
    EXPECT_LT(stays, shown.find("ghp_1"));
    EXPECT_LT(shown.find("ghp_1"), leaves);
    EXPECT_LT(leaves, shown.rfind("ana@firma.example"));
    EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
    EXPECT_THAT(preview_of(preview_ticket("a")), Not(HasSubstr("stays here")));
}

TEST(HandOffPreview, WhatEndedIsToldAsSuchAndCostsWhatItDid) {
    wire::ApiHandoff handoff = preview_ticket("a");
    handoff.redactions = {{"[EMAIL_1]", "email", "address", "ana@firma.example", 1, true}};
    for (const auto& [state, said] : {std::pair{"proposed", "What leaves this machine, all 1 bytes"},
                                      {"answered", "What left this machine, all 1 bytes"},
                                      {"failed", "What was on its way from this machine, all 1 bytes"},
                                      {"denied", "What would have left this machine, and did not, all 1 bytes"}}) {
        handoff.state = state;
        EXPECT_THAT(preview_of(handoff), HasSubstr(said));
        EXPECT_EQ(preview_of(handoff).contains("is filled back"), handoff.state == "proposed");
    }
    const wire::ApiHandoffs list{{{.id = "1", .state = "proposed", .expected_cost = 0.5},
                                  {.id = "2", .state = "denied", .expected_cost = 0.6},
                                  {.id = "3", .state = "answered", .expected_cost = 0.7, .cost = 0.25}}};
    const std::string rows = handoff_list(list, {preview_output, 0, greenwich_zone});
    EXPECT_THAT(rows, HasSubstr("about $0.50"));
    EXPECT_THAT(rows, HasSubstr("$0.25"));
    EXPECT_THAT(rows, Not(HasSubstr("$0.60")));
    EXPECT_THAT(rows, Not(HasSubstr("$0.70")));
}

TEST(HandOffPreview, ReplyIsMarkedWithWhereItIsFromAndWhatLeft) {
    wire::ApiHandoff handoff = preview_ticket("1234567");
    handoff.state = "answered";
    handoff.reply = {"It is \x1b[2Jblue.", 20, 5, false, 0.00009};
    const std::string said = handoff_outcome(handoff, {preview_output, 0, greenwich_zone});
    EXPECT_THAT(said,
                HasSubstr("from big (m-1), 7 bytes left this machine; 20 tokens read, 5 written, $0.000090\nIt is "));
    EXPECT_THAT(said, HasSubstr("cut at the most tokens"));
    EXPECT_THAT(said, Not(HasSubstr("\x1b")));
    handoff.reply.reset();
    handoff.state = "failed";
    handoff.outcome = "big does not accept the key";
    EXPECT_EQ(handoff_outcome(handoff, {preview_output, 0, greenwich_zone}), "failed  big does not accept the key\n");
}

}  // namespace
}  // namespace lar::cli
