// lar chat and lar chats.
#include <gmock/gmock.h>

#include "testing.h"
#include "wire/chats.h"

namespace lar::cli {
namespace {

TEST_F(Commands, AChatAnswersEachLineAndIsKept) {
    typed = "why?\n\n  and then?  ";
    lard.script.push_back({"GET /lar/v1/chat?model=tiny", ok(wire::ApiChatModel{"tiny:latest"}), {}});
    lard.script.push_back({"POST /lar/v1/chats", ok(wire::ApiChat{.id = "c1"}), {}});
    for (int i = 0; i < 2; ++i)
        lard.script.push_back({"POST /lar/v1/chats/c1/messages", {200, ""}, events_of(written())});
    const Ran ran = run({"chat", "tiny", "--in", "project"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(lard.script.empty());
    EXPECT_TRUE(lard.bodies[1].contains(R"("settings":{"model":"tiny","in":["project"],"sources":true})"))
        << lard.bodies[1];
    EXPECT_TRUE(lard.bodies[3].contains(R"("text":"and then?")")) << lard.bodies[3];
}

TEST_F(Commands, AChatWithoutMemoryBringsItsHistoryAndLeavesNothing) {
    typed = "why?\nand then?\n/bye\nnever\n";
    lard.script.push_back({"GET /lar/v1/chat?model=", ok(wire::ApiChatModel{"tiny:latest"}), {}});
    for (int i = 0; i < 2; ++i) lard.script.push_back({"POST /lar/v1/chat", ok(written()), {}});
    const Ran ran = run({"chat", "--no-memory", "--json"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(lard.bodies[1].contains(R"("history":[])")) << lard.bodies[1];
    EXPECT_TRUE(lard.bodies[2].contains(
        R"({"role":"assistant","text":"Retries wait. The moon is green.\n\nSo it is. Hello."})"))
        << lard.bodies[2];
    EXPECT_EQ(run({"chat", "--no-memory", "--resume", "last"}).exit.error().exit, Exit::usage);
    // As text, which is on the screen before the answer is whole.
    lard.script.push_back({"GET /lar/v1/chat?model=", ok(wire::ApiChatModel{"tiny:latest"}), {}});
    for (int i = 0; i < 2; ++i) lard.script.push_back({"POST /lar/v1/chat", {200, ""}, events_of(written())});
    run({"chat", "--no-memory"});
    EXPECT_TRUE(lard.bodies.back().contains(R"("text":"Retries wait. The moon is green.\n\nSo it is. Hello.")"))
        << lard.bodies.back();
}

TEST_F(Commands, AWordWithASlashIsACommandOfAChatAndNoMessage) {
    typed = "/?\n/hlep\n/etc/hosts?\n/exit\nnever\n";
    lard.script.push_back({"GET /lar/v1/chat?model=", ok(wire::ApiChatModel{"tiny:latest"}), {}});
    lard.script.push_back({"POST /lar/v1/chat", {200, ""}, events_of(written())});
    const Ran ran = run({"chat", "--no-memory"});
    EXPECT_TRUE(lard.script.empty());
    EXPECT_TRUE(lard.bodies.back().contains(R"("text":"/etc/hosts?")")) << lard.bodies.back();
    EXPECT_TRUE(ran.err.starts_with("  /handoff [PROVIDER]")) << ran.err;
    EXPECT_TRUE(ran.err.contains("there is no command /hlep; there are\n")) << ran.err;
}

TEST_F(Commands, AChatGoesOnWhereItWas) {
    typed = "and then?";
    lard.script.push_back({"GET /lar/v1/chats?limit=1", ok(wire::ApiChats{{{.id = "c1"}}}), {}});
    wire::ApiChatLog log{.chat = {.id = "c1", .title = "why?", .settings = {.model = "tiny"}, .messages = 2}};
    log.messages = {{.id = "m1", .role = "user", .text = "why?"},
                    {.id = "m2", .role = "assistant", .text = "Because."}};
    lard.script.push_back({"GET /lar/v1/chats/c1?limit=4", ok(log), {}});
    lard.script.push_back({"GET /lar/v1/chat?model=tiny", ok(wire::ApiChatModel{"tiny:latest"}), {}});
    lard.script.push_back({"POST /lar/v1/chats/c1/messages", {200, ""}, events_of(written())});
    const Ran ran = run({"chat", "--resume", "last"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(ran.out.starts_with("> why?\nBecause.\nRetries wait.")) << ran.out;
}

TEST_F(Commands, WithoutAModelAChatSaysHowToGetOneBeforeAnythingIsTyped) {
    typed = "why?";
    lard.script.push_back({"GET /lar/v1/chat?model=",
                           {404, wire::to_json(wire::ApiError{{"not_found", "there is no model yet", "lar create"}})},
                           {}});
    const Ran ran = run({"chat"});
    ASSERT_FALSE(ran.exit);
    EXPECT_EQ(ran.exit.error().message, "there is no model yet");
    EXPECT_EQ(ran.exit.error().exit, Exit::error);
    EXPECT_TRUE(lard.script.empty());
}

TEST_F(Commands, ChatsAreListedSearchedAndDeleted) {
    lard.script.push_back({"GET /lar/v1/chats?limit=20",
                           ok(wire::ApiChats{{{.id = "c1",
                                               .title = "why?",
                                               .model = "tiny:latest",
                                               .updated = "2026-11-21T13:00:00Z",
                                               .messages = 4}}}),
                           {}});
    EXPECT_TRUE(run({"chats"}).out.contains("why?"));
    lard.script.push_back({"GET /lar/v1/chats/search?q=retry%20logic&limit=20", ok(wire::ApiFoundMessages{}), {}});
    EXPECT_EQ(run({"chats", "search", "retry", "logic"}).exit, Exit::not_found);
    lard.script.push_back({"DELETE /lar/v1/chats?id=c1&id=c2", ok(wire::ApiDeletedChats{2}), {}});
    EXPECT_EQ(run({"chats", "delete", "c1", "c2"}).out, "deleted 2 chats\n");
    EXPECT_EQ(run({"chats", "delete"}).exit.error().exit, Exit::usage);
    lard.script.push_back({"GET /lar/v1/chats?limit=1", ok(wire::ApiChats{{{.id = "c9"}}}), {}});
    lard.script.push_back({"GET /lar/v1/chats/c9?limit=10000",
                           ok(wire::ApiChatLog{.messages = {{.id = "m1", .role = "user", .text = "why?"}}}),
                           {}});
    EXPECT_EQ(run({"chats", "show", "last"}).out, "> why?\n");
    EXPECT_EQ(run({"chats", "eat", "c1"}).exit.error().exit, Exit::usage);
}

}  // namespace
}  // namespace lar::cli
