// Commands that ask, open and add, against a lard that answers from a script.
#include <gmock/gmock.h>

#include "show.h"
#include "testing.h"

namespace lar::cli {
namespace {

TEST_F(Commands, AnAnswerIsStreamedWithItsSourcesAndReceipt) {
    lard.script.push_back({"POST /lar/v1/ask",
                           {200, ""},
                           {{"sentence", wire::to_json(wire::AskEvent(wire::AskSentence{answer().sentences[0]}))},
                            {"citation", wire::to_json(wire::AskEvent(wire::AskCitation{answer().citations[0]}))},
                            {"sentence", wire::to_json(wire::AskEvent(wire::AskSentence{answer().sentences[1]}))},
                            {"answer", wire::to_json(wire::AskEvent(wire::AskDone{answer()}))}}});
    const Ran ran = run({"ask", "why", "retry?", "--in", "project", "--since", "2d"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_EQ(ran.out,
              "Retries wait longer each time. [1][2]\n"
              "A guess. [no source]\n"
              "\n"
              "[1] src/retry.cpp:40-58  (file in project, changed 2 days ago)\n"
              "[2] commit a1b2c3d4e5 src/retry.cpp:3 — Back off, Ana, 2026-11-20  (project)\n"
              "\n"
              "computed on this machine, without a model · held by seccomp, landlock 7 · sources: project · since "
              "2026-11-20 · understood: yesterday: 2026-11-20\n"
              "1 of 37 matching passages used, 1,200 searched · left out: 36 lower score · 14 ms · bytes out: 0\n"
              "No model was used: these are sentences of your sources, quoted. `lar open N` opens a source.\n");
    const auto request = wire::from_json<wire::ApiAskRequest>(lard.bodies[0]);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->question, "why retry?");
    EXPECT_EQ(request->since, "2d");
    EXPECT_TRUE(request->stream);
}

TEST_F(Commands, NothingFoundIsSaidAndEndsWithThree) {
    wire::ApiAnswer nothing{.id = "1", .question = "q", .outcome = "not_found", .receipt = receipt()};
    nothing.receipt.since.reset();
    lard.script.push_back(
        {"POST /lar/v1/ask", {200, ""}, {{"answer", wire::to_json(wire::AskEvent(wire::AskDone{nothing}))}}});
    const Ran asked = run({"ask", "q"});
    EXPECT_EQ(asked.exit, Exit::not_found);
    EXPECT_TRUE(asked.out.starts_with("I did not find it in your sources.\n")) << asked.out;
    EXPECT_FALSE(asked.out.contains("No model")) << asked.out;
    lard.script.push_back({"POST /lar/v1/ask", ok(nothing), {}});
    EXPECT_EQ(run({"ask", "q", "--json"}).exit, Exit::not_found);
    lard.script.push_back({"POST /lar/v1/search", ok(wire::ApiSearchResponse{}), {}});
    const Ran searched = run({"search", "q"});
    EXPECT_EQ(searched.exit, Exit::not_found);
    EXPECT_TRUE(searched.out.contains("lar add")) << "a newcomer without sources is told what to do: " << searched.out;
}

TEST_F(Commands, WhatLardRefusesComesThroughWithItsHint) {
    lard.script.push_back(
        {"POST /lar/v1/ask", {400, wire::to_json(wire::ApiError{{"invalid", "no such time", "use 2h"}})}, {}});
    const Ran ran = run({"ask", "q", "--since", "soon"});
    ASSERT_FALSE(ran.exit);
    EXPECT_EQ(ran.exit.error().exit, Exit::usage);
    EXPECT_EQ(ran.exit.error().message, "no such time");
    EXPECT_EQ(ran.exit.error().hint, "use 2h");
    lard.script.push_back({"POST /lar/v1/search", {502, "<html>"}, {}});
    EXPECT_EQ(run({"search", "q"}).exit.error().exit, Exit::error);
}

TEST_F(Commands, AStreamThatBreaksOffIsAnError) {
    lard.script.push_back({"POST /lar/v1/ask",
                           {200, ""},
                           {{"sentence", wire::to_json(wire::AskEvent(wire::AskSentence{answer().sentences[0]}))}}});
    const Ran ran = run({"ask", "q"});
    ASSERT_FALSE(ran.exit);
    EXPECT_EQ(ran.exit.error().exit, Exit::error);
    EXPECT_TRUE(ran.out.starts_with("Retries")) << "what came is not lost";
}

TEST_F(Commands, ControlCharactersOfASourceDoNotReachTheTerminal) {
    wire::ApiSearchResponse found{.hits = {{.rank = 1,
                                            .place = {.source = "s\033[2J", .kind = "file", .path = "a\033]0;x\007"},
                                            .text = "evil \033[31mred"}},
                                  .receipt = receipt()};
    lard.script.push_back({"POST /lar/v1/search", ok(found), {}});
    const Ran ran = run({"search", "q"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_FALSE(ran.out.contains('\033')) << ran.out;
    EXPECT_FALSE(ran.out.contains('\007')) << ran.out;
}

TEST_F(Commands, OpenPrintsThePlaceWhereThereIsNoTerminal) {
    const auto latest = [&] {
        lard.script.push_back(
            {"GET /lar/v1/answers?limit=1", ok(wire::ApiAnswers{{{answer(), "2026-11-21T13:00:00Z"}}}), {}});
        // Its sources as they are now.
        wire::ApiAnswer again = answer();
        again.citations[0].state = "changed";
        lard.script.push_back({"GET /lar/v1/answers/0193", ok(wire::ApiStored{again, ""}), {}});
    };
    latest();
    EXPECT_EQ(run({"open", "1"}).out, "/p/src/retry.cpp:40\n");
    latest();
    EXPECT_EQ(run({"open", "[2]"}).out, "commit a1b2c3d4e5 src/retry.cpp:3\n");
    latest();
    EXPECT_EQ(run({"open", "3"}).exit.error().message, "that answer has no citation 3: it has 1 to 2");
    latest();
    EXPECT_EQ(run({"open", "x"}).exit.error().exit, Exit::usage);
    lard.script.push_back({"GET /lar/v1/answers/0193", ok(wire::ApiStored{answer(), ""}), {}});
    EXPECT_EQ(run({"open", "1", "0193"}).out, "/p/src/retry.cpp:40\n");
    latest();
    EXPECT_TRUE(run({"answers", "last"}).out.starts_with("why?  "));
    latest();
    EXPECT_TRUE(run({"open", "1"}).err.contains("has changed since"));
    lard.script.push_back({"GET /lar/v1/answers?limit=1", ok(wire::ApiAnswers{}), {}});
    EXPECT_EQ(run({"open", "1"}).exit.error().code, "not_found");
}

TEST_F(Commands, WhatComesNearestToARefusedQuestionIsShownAndOpened) {
    wire::ApiAnswer refused{.id = "0193", .question = "q", .outcome = "not_found", .receipt = receipt()};
    refused.receipt.since.reset();
    for (const wire::ApiCitation& citation : answer().citations)
        refused.nearest.push_back({.text = "A line of it.\nAnother.", .citation = citation});
    lard.script.push_back(
        {"POST /lar/v1/ask", {200, ""}, {{"answer", wire::to_json(wire::AskEvent(wire::AskDone{refused}))}}});
    const Ran asked = run({"ask", "q"});
    EXPECT_EQ(asked.exit, Exit::not_found);
    EXPECT_TRUE(asked.out.starts_with("I did not find it in your sources.\n\nWhat comes nearest")) << asked.out;
    EXPECT_TRUE(asked.out.contains("\n[1] src/retry.cpp:40-58")) << asked.out;
    EXPECT_TRUE(asked.out.contains("\n    A line of it.\n[2] ")) << asked.out;
    lard.script.push_back({"GET /lar/v1/answers/0193", ok(wire::ApiStored{refused, ""}), {}});
    EXPECT_EQ(run({"open", "1", "0193"}).out, "/p/src/retry.cpp:40\n");
}

TEST_F(Commands, TheLineThatIsQuotedIsSaidAndOpened) {
    wire::ApiAnswer quoting = answer();
    quoting.citations[0].lines = {42};
    quoting.citations[0].place.path = "src/new\nname.cpp";
    lard.script.push_back({"GET /lar/v1/answers/0193", ok(wire::ApiStored{quoting, ""}), {}});
    EXPECT_EQ(run({"open", "1", "0193"}).out, "/p/src/retry.cpp:42\n");
    lard.script.push_back({"GET /lar/v1/answers/0193", ok(wire::ApiStored{quoting, ""}), {}});
    const Ran ran = run({"answers", "0193"});
    EXPECT_TRUE(ran.out.contains("\n[1] src/new\\nname.cpp:40-58, line 42  (file in project")) << ran.out;
}

TEST_F(Commands, AddWaitsForTheFirstSyncAndTellsWhatCame) {
    const wire::ApiSource empty{.name = "etc", .kind = "files", .location = "/etc", .state = "syncing"};
    wire::ApiSource full = empty;
    full.state = "ready";
    full.documents = 12;
    full.passages = 34;
    full.left_out = {{"secret", 2}, {"binary", 1}};
    const wire::ApiJob running{.id = "j1", .kind = "sync", .source = "etc", .state = "running"};
    wire::ApiJob done = running;
    done.state = "done";
    lard.script.push_back({"POST /lar/v1/sources", ok(empty), {}});
    lard.script.push_back(
        {"GET /lar/v1/jobs", ok(wire::ApiJobs{{running, {.id = "j0", .source = "etc", .state = "done"}}}), {}});
    lard.script.push_back(
        {"GET /lar/v1/jobs/j1/events", {200, ""}, {{"job", wire::to_json(running)}, {"job", wire::to_json(done)}}});
    lard.script.push_back({"GET /lar/v1/sources", ok(wire::ApiSources{{full}}), {}});
    const Ran ran = run({"add", "/etc"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_EQ(ran.out, "added etc: 12 documents, 34 passages; 3 left out (lar sources --left-out etc)\n");
    EXPECT_EQ(ran.err, "") << "no bar where there is no terminal";
}

TEST_F(Commands, ASyncThatFailedOrIsPutOffFailsTheAdd) {
    const wire::ApiSource source{.name = "etc", .kind = "files", .location = "/etc", .state = "syncing"};
    lard.script.push_back({"POST /lar/v1/sources", ok(source), {}});
    lard.script.push_back(
        {"GET /lar/v1/jobs",
         ok(wire::ApiJobs{{{.id = "j1", .source = "etc", .state = "failed", .error = "the disk is full"}}}),
         {}});
    const Ran ran = run({"add", "/etc"});
    ASSERT_FALSE(ran.exit);
    EXPECT_EQ(ran.exit.error().message, "the disk is full");
    lard.script.push_back({"POST /lar/v1/sources", ok(source), {}});
    lard.script.push_back({"GET /lar/v1/jobs",
                           ok(wire::ApiJobs{{{.id = "j1", .kind = "sync", .source = "etc", .state = "running"}}}),
                           {}});
    const wire::ApiJob later{
        .id = "j1", .kind = "sync", .source = "etc", .state = "queued", .error = "the disk is full"};
    lard.script.push_back({"GET /lar/v1/jobs/j1/events", {200, ""}, {{"job", wire::to_json(later)}}});
    EXPECT_EQ(run({"add", "/etc"}).exit.error().message, "sync of etc is put off: the disk is full");
}

TEST_F(Commands, APathThatIsNotThereIsRefusedBeforeLardIsAsked) {
    EXPECT_EQ(run({"add", "/no/such/folder"}).exit.error().code, "not_found");
    EXPECT_EQ(run({"add", "/etc", "/usr", "--name", "x"}).exit.error().exit, Exit::usage);
    EXPECT_EQ(run({"ask", " "}).exit.error().exit, Exit::usage);
    EXPECT_EQ(run({"ask", std::string(9000, 'x')}).exit.error().exit, Exit::usage);
}

TEST_F(Commands, ForgetNeedsAYesWhereNobodyCanBeAsked) {
    const wire::ApiSources sources{{{.name = "notes", .kind = "files"}}};
    lard.script.push_back({"GET /lar/v1/sources", ok(sources), {}});
    EXPECT_EQ(run({"forget", "notes"}).exit.error().exit, Exit::usage);
    lard.script.push_back({"GET /lar/v1/sources", ok(sources), {}});
    EXPECT_EQ(run({"forget", "nots", "--yes"}).exit.error().hint, "did you mean 'notes'?");
    lard.script.push_back({"GET /lar/v1/sources", ok(sources), {}});
    lard.script.push_back({"DELETE /lar/v1/sources/notes?prove=1",
                           ok(wire::ApiForgotten{"notes", 3, 9, true, {"lar.db: 40 passages looked for"}}),
                           {}});
    const Ran ran = run({"forget", "notes", "--yes", "--prove"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(ran.out.contains("proved: nothing of it was found")) << ran.out;
    lard.script.push_back({"GET /lar/v1/sources", ok(sources), {}});
    lard.script.push_back(
        {"DELETE /lar/v1/sources/notes?prove=1", ok(wire::ApiForgotten{"notes", 3, 9, false, {"lar.db-wal"}}), {}});
    EXPECT_EQ(run({"forget", "notes", "--yes", "--prove"}).exit, Exit::error);
}

TEST_F(Commands, WhyEndsWithThreeForWhatIsNotThere) {
    lard.script.push_back(
        {"GET /lar/v1/why?path=%2Fetc%2Fshadow",
         ok(wire::ApiWhy{.path = "/etc/shadow", .reason = "secret", .detail = "name", .source = "etc"}),
         {}});
    const Ran ran = run({"sources", "--why", "/etc/shadow"});
    EXPECT_EQ(ran.exit, Exit::not_found);
    EXPECT_EQ(ran.out, "not included: secret (name), source etc\n");
}

TEST_F(Commands, JsonIsWhatTheApiSaid) {
    const wire::ApiSources sources{{{.name = "notes", .kind = "files", .documents = 3}}};
    lard.script.push_back({"GET /lar/v1/sources", ok(sources), {}});
    EXPECT_EQ(run({"sources", "--json"}).out, wire::to_json(sources) + "\n");
}

TEST_F(Commands, WhatAModelWroteIsMarkedWhereNoSourceHoldsIt) {
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(written())});
    const Ran ran = run({"ask", "--model", "tiny", "why?"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(ran.out.starts_with(
        "Retries wait. [1]\nThe moon is green. [no source]\n\nSo it is. [1][not what it says]\nHello.\n"))
        << ran.out;
    EXPECT_TRUE(ran.out.contains(
        "812 tokens sent, 300 of them reused · 60 written · first text after 420 ms · 2 sentences are not"))
        << ran.out;
    EXPECT_FALSE(ran.out.contains("No model was used"));
    EXPECT_TRUE(lard.bodies[0].contains(R"("model":"tiny","no_model":false)")) << lard.bodies[0];
    EXPECT_EQ(run({"ask", "--model", "tiny", "--no-model", "why?"}).exit.error().exit, Exit::usage);
}

TEST_F(Commands, AnExplanationIsPrintedBelowTheAnswer) {
    wire::ApiAnswer explained = answer();
    explained.receipt.hints = {"yesterday: 2026-11-20"};
    explained.explanation = wire::ApiExplanation{
        .intent = "find",
        .searched = "why retry",
        .wants = {"reasons"},
        .terms = {{.term = "retri", .sort = "word", .weight = 1, .information = 3.5, .passages = 12}},
        .answerable = 0.9,
        .least_answerable = 0.43,
        .candidates = {{.place = {.kind = "file", .path = "a.md", .line_first = 3, .line_last = 4},
                        .score = 6,
                        .parts = {{"words (BM25)", 4}, {"shelf", 1.5}},
                        .coverage = 0.5,
                        .outcome = "cited as [1]"}}};
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(explained)});
    const Ran ran = run({"ask", "--explain", "why?"});
    EXPECT_TRUE(lard.bodies[0].contains(R"("explain":true)")) << lard.bodies[0];
    for (const char* line :
         {"intent: find; wants reasons\n", "hints: yesterday: 2026-11-20\n", "retri  word",
          "answerable: 0.900, at least the 0.430 that an answer needs\n", " 1. 6.00  a.md:3-4  cited as [1]\n",
          "words (BM25) 4.00 × shelf 1.50 · holds 50 % of the question\n"})
        EXPECT_TRUE(ran.out.contains(line)) << line << "\n" << ran.out;
}

TEST_F(Commands, WhereItShouldBeAnsweredIsTableOfEverythingThatWasLookedAt) {
    wire::ApiAnswer routed = answer();
    routed.route =
        wire::ApiRoute{.decision = "propose",
                       .provider = "big",
                       .task = "code",
                       .reasons = {{"task", "code", "your rules name code", true}, {"entropy", "0.40", "2.50"}},
                       .why = "big could be asked: your rules name the task code"};
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(routed)});
    const Ran ran = run({"ask", "--explain-route", "refactor", "this"});
    EXPECT_TRUE(lard.bodies[0].contains(R"("explain_route":true)")) << lard.bodies[0];
    for (const char* line : {"\nWhere it should be answered\nbig could be asked: your rules name the task code\n",
                             "task       code   your rules name code  another model\n",
                             "entropy    0.40   2.50                  nothing\n"})
        EXPECT_TRUE(ran.out.contains(line)) << line << "\n" << ran.out;
}

TEST_F(Commands, AProposalIsOneLineWithTheCommandToGoOn) {
    wire::ApiAnswer proposed = answer();
    proposed.id = "019aa7c4";
    proposed.route = wire::ApiRoute{.decision = "propose",
                                    .provider = "big",
                                    .task = "code",
                                    .reasons = {},
                                    .why = "big could be asked: it is code"};
    const std::string line =
        "\nbig could be asked: it is code. `lar handoff propose --answer 019aa7c4 --to big` shows what would be "
        "sent.\n";
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(proposed)});
    EXPECT_TRUE(run({"ask", "refactor", "this"}).out.contains(line));
    proposed.route->decision = "here";
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(proposed)});
    EXPECT_FALSE(run({"ask", "refactor", "this"}).out.contains("lar handoff"));
}

TEST_F(Commands, WhatStandsElsewhereTooIsSaid) {
    const wire::ApiPlace place{.kind = "file", .path = "a.md", .line_first = 3, .line_last = 4};
    EXPECT_EQ(also_text(place, {place}), "also in a.md:3-4");
    EXPECT_EQ(also_text(place, {place, place, place, place, place}), "also in a.md:3-4, a.md:3-4, a.md:3-4 and 2 more");
    wire::ApiPlace other = place;
    other.hash = "another";
    EXPECT_EQ(also_text(place, {other}), "nearly the same in a.md:3-4");
    EXPECT_EQ(also_text(place, {other, place}), "also in a.md:3-4; nearly the same in a.md:3-4");
    EXPECT_EQ(also_text(place, {}), "");
}

TEST_F(Commands, WhyNoModelWroteTheAnswerIsSaid) {
    wire::ApiAnswer quoted = answer();
    quoted.receipt.no_model = "there is no model yet";
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(quoted)});
    EXPECT_TRUE(run({"ask", "why?"}).out.contains("opens a source.\nWhy none: there is no model yet.\n"));
    wire::ApiAnswer invented = written();
    invented.outcome = "unsupported";
    lard.script.push_back({"POST /lar/v1/ask", {200, ""}, events_of(invented)});
    EXPECT_EQ(run({"ask", "why?"}).exit, Exit::not_found);
}

}  // namespace
}  // namespace lar::cli
