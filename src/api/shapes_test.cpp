// What clients are told, event by event.
#include <gtest/gtest.h>

#include "api/errors.h"
#include "api/ollama_shapes.h"
#include "api/openai_shapes.h"
#include "api/thoughts.h"

namespace lar::api {
namespace {

class StoppedClock final : public Clock {
public:
    std::int64_t now_us() const override { return 1'795'219'200'123'456; }  // 2026-11-21T00:00:00.123456Z
    std::int64_t monotonic_us() const override { return 0; }
};
const StoppedClock stopped;

wire::Piece piece(std::string text) { return {.text = std::move(text), .tokens = 1}; }
wire::Piece with_logprobs(std::string text) {
    const wire::TokenChance chance{5, text, {104, 105}, -0.5F}, other{6, "ho", {104, 111}, -1.5F};
    return {.text = text, .tokens = 1, .logprobs = {{chance, {chance, other}}}};
}
const wire::Finished finished{.reason = wire::FinishReason::length,
                              .prompt_tokens = 3,
                              .reused_tokens = 2,
                              .generated_tokens = 2,
                              .prompt_us = 10,
                              .generation_us = 20,
                              .context = {1, 2, 3, 4, 5}};
const Totals totals{.total_us = 40, .load_us = 5};

std::string say(Shape& shape, std::size_t choice, const wire::Piece& one) {
    return shape.piece(choice, one, {.answer = one.text});
}

TEST(OllamaShapes, AStreamOfGenerateIsLinesAndTheLastHasTheFigures) {
    const auto shape = ollama_shape({.model = "m", .with_context = true}, stopped);
    EXPECT_EQ(shape->stream_type(), "application/x-ndjson");
    EXPECT_EQ(shape->begun(0), "");
    EXPECT_EQ(say(*shape, 0, piece("Hi")),
              "{\"model\":\"m\",\"created_at\":\"2026-11-21T00:00:00.123456Z\",\"response\":\"Hi\",\"done\":false}\n");
    EXPECT_EQ(shape->finished(0, finished, {}, totals),
              "{\"model\":\"m\",\"created_at\":\"2026-11-21T00:00:00.123456Z\",\"response\":\"\",\"done\":true,\"done_"
              "reason\":\"length\","
              "\"context\":[1,2,3,4,5],\"total_duration\":40000,\"load_duration\":5000,\"prompt_eval_count\":3,"
              "\"prompt_eval_duration\":10000,"
              "\"eval_count\":2,\"eval_duration\":20000}\n");
    EXPECT_EQ(shape->end(), "");
    EXPECT_EQ(shape->broke_off({.message = "gone"}), "{\"error\":\"gone\"}\n");
}

TEST(OllamaShapes, AWholeChatIsOneObject) {
    const auto shape = ollama_shape({.model = "m", .kind = OllamaKind::chat, .stream = false}, stopped);
    EXPECT_EQ(say(*shape, 0, with_logprobs("hi")), "");
    EXPECT_EQ(say(*shape, 0, piece(" there")), "");
    EXPECT_EQ(shape->finished(0, finished, {.answer = "!"}, totals), "");
    const std::string whole = shape->whole();
    EXPECT_TRUE(
        whole.contains(R"("message":{"role":"assistant","content":"hi there!"},"done":true,"done_reason":"length")"))
        << whole;
    EXPECT_TRUE(
        whole.contains(R"("logprobs":[{"token":"hi","logprob":-0.5,"bytes":[104,105],"top_logprobs":[{"token":"hi")"))
        << whole;
    EXPECT_FALSE(whole.contains("context"));
}

TEST(OllamaShapes, SaysWhatWasCut) {
    const auto shape = ollama_shape({.model = "m", .kind = OllamaKind::chat}, stopped);
    wire::Finished cut = finished;
    cut.dropped_tokens = 7;
    EXPECT_TRUE(shape->finished(0, cut, {}, {.dropped_messages = 2})
                    .contains(R"("truncated":{"dropped_tokens":7,"dropped_messages":2})"));
}

TEST(OllamaShapes, ThoughtsAreToldApart) {
    const auto shape = ollama_shape({.model = "m", .kind = OllamaKind::chat}, stopped);
    EXPECT_TRUE(shape->piece(0, piece("x"), {.thought = "hm"}).contains(R"("content":"","thinking":"hm"})"));
    EXPECT_EQ(shape->piece(0, piece("x"), {}), "") << "nothing is said while a marker may be coming";
    const std::string end = shape->finished(0, finished, {.answer = "<th"}, totals);
    EXPECT_TRUE(end.contains(R"("content":"<th"},"done":false)")) << end;
}

TEST(OllamaShapes, LoadingIsAnAnswerToo) {
    const auto shape = ollama_shape({.model = "m"}, stopped);
    EXPECT_TRUE(
        shape->done_without_prompt(false, {}).body.ends_with(R"("response":"","done":true,"done_reason":"load"})"));
    EXPECT_TRUE(shape->done_without_prompt(true, {}).body.contains(R"("done_reason":"unload")"));
}

TEST(OllamaShapes, ErrorsHaveTheStatusThatClientsTest) {
    EXPECT_EQ(ollama_refusal({.code = Code::not_found, .message = "model 'x' not found"}).status, 404);
    EXPECT_EQ(ollama_refusal({.code = Code::not_found, .message = "model 'x' not found"}).body,
              R"({"error":"model 'x' not found"})");
    const http::Response too_long = ollama_refusal({Code::too_large, "the prompt does not fit", 600, 512});
    EXPECT_EQ(too_long.status, 400);
    EXPECT_TRUE(too_long.body.contains("600 tokens and the window 512: shorten it, or send \\\"truncate\\\": true"))
        << too_long.body;
    EXPECT_EQ(ollama_refusal({.code = Code::unavailable}).status, 503);
    EXPECT_EQ(render_ollama_problem({404, "there is nothing at this address", "look"}).body,
              R"({"error":"there is nothing at this address; look"})");
}

TEST(OpenAiShapes, AStreamOfAChatHasOneRoleOneReasonAndTheUsageAlone) {
    const auto shape = openai_chat_shape(
        {.model = "m", .id = "chatcmpl-1", .created = 9, .stream = true, .include_usage = true, .echoes = {""}});
    EXPECT_TRUE(shape->begun(0).contains(
        R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])"));
    const std::string said = say(*shape, 0, piece("Hi"));
    EXPECT_TRUE(said.starts_with(
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":9,\"model\":\"m\","))
        << said;
    EXPECT_TRUE(
        said.ends_with("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n"))
        << said;
    EXPECT_TRUE(shape->finished(0, finished, {}, totals)
                    .contains(R"("choices":[{"index":0,"delta":{},"finish_reason":"length"}])"));
    const std::string end = shape->end();
    EXPECT_TRUE(end.contains(
        R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":2}}})"))
        << end;
    EXPECT_TRUE(end.ends_with("\n\ndata: [DONE]\n\n"));
    EXPECT_EQ(shape->broke_off({.code = Code::unavailable, .message = "gone"}),
              "data: {\"error\":{\"message\":\"gone\",\"type\":\"api_error\",\"param\":null,\"code\":null}}\n\n");
}

TEST(OpenAiShapes, UsageIsOnlyStreamedWhenAskedFor) {
    const auto shape = openai_chat_shape({.stream = true, .echoes = {""}});
    EXPECT_EQ(shape->end(), "data: [DONE]\n\n");
}

TEST(OpenAiShapes, ChoicesAreToldByTheirIndexAndThePromptIsCountedOnce) {
    const auto shape = openai_chat_shape({.model = "m", .echoes = {"", ""}});
    say(*shape, 1, piece("b"));
    say(*shape, 0, with_logprobs("a"));
    shape->finished(1, finished, {}, totals);
    shape->finished(0, finished, {}, totals);
    const std::string whole = shape->whole();
    EXPECT_TRUE(whole.contains(
        R"({"index":0,"message":{"role":"assistant","content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[104,105],"top_logprobs":[)"))
        << whole;
    EXPECT_TRUE(whole.contains(R"({"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"length"})"))
        << whole;
    EXPECT_TRUE(whole.contains(R"("prompt_tokens":3,"completion_tokens":4,"total_tokens":7)")) << whole;
}

TEST(OpenAiShapes, ACompletionBeginsWithItsEchoAndCountsOffsetsInCharacters) {
    const auto shape = openai_text_shape({.model = "m", .echoes = {"é: "}});
    say(*shape, 0, with_logprobs("hi"));
    say(*shape, 0, with_logprobs("ho"));
    shape->finished(0, finished, {}, totals);
    const std::string whole = shape->whole();
    EXPECT_TRUE(whole.contains(R"("object":"text_completion")")) << whole;
    EXPECT_TRUE(whole.contains(
        R"("text":"é: hiho","logprobs":{"tokens":["hi","ho"],"token_logprobs":[-0.5,-0.5],"top_logprobs":[{"hi":-0.5,"ho":-1.5},{"ho":-0.5}],"text_offset":[3,5]},"finish_reason":"length")"))
        << whole;
    const auto stream = openai_text_shape({.stream = true, .echoes = {"x"}});
    EXPECT_TRUE(stream->begun(0).contains(R"("text":"x","finish_reason":null)"));
}

TEST(OpenAiShapes, WhatDoesNotFitIsToldAsClientsKnowIt) {
    const http::Response refusal = openai_refusal({Code::too_large, "no", 600, 512});
    EXPECT_EQ(refusal.status, 400);
    EXPECT_TRUE(
        refusal.body.contains("maximum context length is 512 tokens. However, your messages resulted in 600 tokens"))
        << refusal.body;
    EXPECT_TRUE(
        refusal.body.contains(R"("type":"invalid_request_error","param":"messages","code":"context_length_exceeded")"))
        << refusal.body;
    EXPECT_TRUE(openai_refusal({.code = Code::not_found, .message = "x"})
                    .body.contains(R"("type":"not_found_error","param":null,"code":"model_not_found")"));
}

TEST(OpenAiShapes, WhoAsksTooOftenIsToldSoAsClientsKnowIt) {
    const http::Response refusal = render_openai_problem({429, "'app' has asked too often", "Ask again in 20 s."});
    EXPECT_EQ(
        refusal.body,
        R"({"error":{"message":"'app' has asked too often. Ask again in 20 s.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})");
    EXPECT_EQ(code_of(429), Code::unavailable);
}

TEST(OpenAiShapes, NumbersInBase64AreLittleEndianFloats) {
    EXPECT_EQ(to_base64({}), "");
    EXPECT_EQ(to_base64({1.0F}), "AACAPw==");
    EXPECT_EQ(to_base64({1.0F, -2.0F}), "AACAPwAAAMA=");
    EXPECT_EQ(to_base64({1.0F, -2.0F, 0.5F}), "AACAPwAAAMAAAAA/");
}

// The same however the text is cut.
TEST(Thoughts, AreWhatStandsBetweenTheMarkersAtTheBeginning) {
    struct Case {
        std::string_view text;
        bool begun;
        std::string_view thought, answer;
    };
    for (const Case& c :
         {Case{"hello", false, "", "hello"}, Case{"\n<think>\nhm, 1 < 2</think>\n\nYes", false, "hm, 1 < 2", "Yes"},
          Case{"hm</think>Yes", true, "hm", "Yes"}, Case{"<think>never ends </thin", false, "never ends </thin", ""},
          Case{"<thing>", false, "", "<thing>"}, Case{"a <think>b</think>", false, "", "a <think>b</think>"},
          Case{"<think></think>x", false, "", "x"}, Case{"  <th", false, "", "  <th"}}) {
        for (std::size_t step = 1; step <= c.text.size(); ++step) {
            Thoughts thoughts(c.begun);
            std::string thought, answer;
            const auto add = [&](Thoughts::Text text) { thought += text.thought, answer += text.answer; };
            for (std::size_t at = 0; at < c.text.size(); at += step) add(thoughts.take(c.text.substr(at, step)));
            add(thoughts.end());
            EXPECT_EQ(thought, c.thought) << c.text << " in steps of " << step;
            EXPECT_EQ(answer, c.answer) << c.text << " in steps of " << step;
        }
    }
    EXPECT_TRUE(ends_in_thought("user\nassistant\n<think>\n"));
    EXPECT_FALSE(ends_in_thought("<think>x</think>"));
}

}  // namespace
}  // namespace lar::api
