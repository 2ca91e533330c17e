#include "wire/codec.h"

#include <gtest/gtest.h>

#include "wire/api.h"
#include "wire/bench.h"
#include "wire/eval.h"
#include "wire/files.h"
#include "wire/reader.h"
#include "wire/spawner.h"

namespace lar::wire {
namespace {

TEST(Codec, AMessageSurvivesTheWayThereAndBack) {
    const Commit commit{.commit = "abc",
                        .author = "A \"quoted\" név",
                        .time_us = 5,
                        .message = "line\nline",
                        .files = {{.path = "a.c", .hunks = {{.new_line = 3, .text = "+x\n"}}}}};
    const auto event = from_json<ReaderEvent>(to_json(ReaderEvent(Commits{7, {commit}})));
    ASSERT_TRUE(event);
    const auto& commits = std::get<Commits>(*event);
    EXPECT_EQ(commits.id, 7U);
    EXPECT_EQ(commits.commits[0].author, commit.author);
    EXPECT_EQ(commits.commits[0].files[0].hunks[0].text, "+x\n");
}

TEST(Codec, AnyCharacterOfAFileSurvivesTheWay) {
    std::string all;
    for (char c = 0; c < 127; ++c) all += c;
    const std::string json = to_json(ApiHit{.text = all});
    for (const char c : json) EXPECT_GE(c, ' ') << "JSON holds no bare control characters";
    const auto hit = from_json<ApiHit>(json);
    ASSERT_TRUE(hit) << hit.error().message;
    EXPECT_EQ(hit->text, all);
}

TEST(Codec, TheTypeIsAReadableTag) {
    EXPECT_EQ(to_json(SpawnerRequest(Kill{3})), R"({"type":"kill","id":3})");
    EXPECT_EQ(to_json(SpawnerEvent(Ended{.id = 1, .how = Ending::violation, .status = 31})),
              R"({"type":"ended","id":1,"how":"violation","status":31,"detail":""})");
}

TEST(Codec, BetweenProcessesEveryDeviationIsInvalid) {
    for (const char* wrong :
         {"", "{}", "null", "[]", R"({"type":"kill"})", R"({"type":"kill","id":-1})",
          R"({"type":"kill","id":1,"more":2})", R"({"type":"exec","id":1})",
          R"({"type":"spawn","id":1,"worker":"janitor"})", R"({"type":"spawn","id":1,"worker":9})",
          R"({"type":"kill","id":1} trailing)", R"({"type":"kill","id":18446744073709551616})", R"({"id":1})"}) {
        const auto request = from_json<SpawnerRequest>(wrong);
        ASSERT_FALSE(request) << wrong;
        EXPECT_EQ(request.error().code, Code::invalid);
    }
}

TEST(Codec, AForeignCollectionMaySayMoreThanWeRead) {
    const auto document = from_json<BeirDocument>(R"({"_id":"7","metadata":{"url":"x"},"text":"t"})");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->id, "7");
    EXPECT_EQ(document->text, "t");
    EXPECT_FALSE(from_json<BeirDocument>("{"));
}

TEST(Codec, AChunkOfAnotherServerIsReadForWhatIsKnownOfIt) {
    const auto chunk = from_json<BenchChunk>(
        R"({"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}],"usage":null})");
    ASSERT_TRUE(chunk) << chunk.error().message;
    ASSERT_EQ(chunk->choices.size(), 1U);
    EXPECT_FALSE(chunk->choices[0].delta->content);
    EXPECT_FALSE(chunk->usage);
    const auto last = from_json<BenchChunk>(
        R"({"choices":[],"usage":{"prompt_tokens":45,"completion_tokens":3,"total_tokens":48,"prompt_tokens_details":{"cached_tokens":40,"audio_tokens":0}},"timings":{"cache_n":0,"predicted_per_second":12.5}})");
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(last->usage->prompt_tokens_details->cached_tokens, 40U);
    EXPECT_EQ(last->timings->predicted_per_second, 12.5);
}

TEST(Codec, ARefusalComesInSeveralShapes) {
    const auto object =
        from_json<BenchRefusal>(R"({"error":{"code":400,"message":"too long","type":"x","n_ctx":512}})");
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(std::get<BenchProblem>(*object->error).message, "too long");
    const auto text = from_json<BenchRefusal>(R"({"error":"model not found"})");
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(std::get<std::string>(*text->error), "model not found");
    EXPECT_EQ(from_json<BenchRefusal>(R"({"object":"error","message":"busy","code":503})")->message, "busy");
}

TEST(Codec, AReportNamesItsMeasuresAsOthersDo) {
    const std::string json = to_json(RetrievalReport{.ndcg_10 = 0.5, .queries = 3});
    EXPECT_TRUE(json.contains(R"("ndcg@10":0.5)")) << json;
    EXPECT_TRUE(json.contains(R"("recall@100":0)")) << json;
}

TEST(Codec, APersonsRequestMayLeaveFieldsOutButNotInventAny) {
    const auto request = from_json<ApiSearchRequest>(R"({"query":"pool"})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->limit, 10U);
    EXPECT_FALSE(request->since);
    const auto wrong = from_json<ApiSearchRequest>(R"({"query":"pool","sinse":"2h"})");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "there is no field 'sinse' here (at 1:24)");
    EXPECT_FALSE(from_json<ApiSearchRequest>(R"({"query":"pool","limit":-1})"));
    EXPECT_FALSE(from_json<ApiSearchRequest>(R"({"query":"pool","limit":4294967296})"));
}

TEST(Codec, WhatIsWrongWithJsonIsSaidInWordsWithItsPlace) {
    const auto said = [](std::string_view json) { return from_json<ApiSearchRequest>(json).error().message; };
    EXPECT_EQ(said(""), "the request has no body: JSON is expected");
    EXPECT_EQ(said(R"({"query":5})"), "not the JSON expected here: at 1:10 text in quotes is expected");
    EXPECT_EQ(said("{\n \"limit\": true}"), "not the JSON expected here: at 2:11 a number that fits is expected");
    EXPECT_EQ(said("[]"), "not the JSON expected here: at 1:1 an object in braces is expected");
    EXPECT_EQ(said(R"({"in":"notes"})"), "not the JSON expected here: at 1:7 a list in brackets is expected");
    EXPECT_EQ(said(R"({"explain":1})"), "not the JSON expected here: at 1:12 true or false is expected");
    EXPECT_EQ(said(R"({"query":"po)"), "the JSON ends too early, at 1:13");
    EXPECT_EQ(said(R"({"q\u0065":1})"), "there is no field 'q\\u0065' here (at 1:11)");
}

}  // namespace
}  // namespace lar::wire
