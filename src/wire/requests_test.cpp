// The requests of other programs: every type a field may come in, and what is said of a wrong one.
#include <gtest/gtest.h>

#include "wire/codec.h"
#include "wire/fields.h"
#include "wire/ollama.h"
#include "wire/openai.h"

namespace lar::wire {
namespace {

template <class T>
std::string error_of(const Result<T>& result) {
    return result ? "no error" : result.error().message;
}

TEST(Fields, AWrongTypeIsToldByTheFieldsName) {
    EXPECT_EQ(error_of(read_openai_chat(R"({"temperature":"hot"})")), "'temperature' must be a number, not a string");
    EXPECT_EQ(error_of(read_openai_chat(R"({"messages":"nope"})")), "'messages' must be an array, not a string");
    EXPECT_EQ(error_of(read_ollama_chat(R"({"messages":[{"role":"user"},{"role":"user","content":["x"]}]})")),
              "'messages[1].content' must be a string, not an array");
    EXPECT_EQ(error_of(read_ollama_chat(R"({"messages":[7]})")), "'messages[0]' must be a JSON object, not a number");
    EXPECT_EQ(error_of(read_ollama_generate(R"({"stream":"yes"})")), "'stream' must be true or false, not a string");
    EXPECT_EQ(error_of(read_ollama_generate(R"({"context":[1,2.5]})")), "'context[1]' must be a whole number, not 2.5");
    EXPECT_EQ(error_of(read_ollama_generate(R"({"context":[4294967296]})")),
              "'context[0]' must be from -2147483648 to 2147483647");
    EXPECT_EQ(error_of(read_openai_chat(R"({"stream_options":{"include_usage":1}})")),
              "'stream_options.include_usage' must be true or false, not a number");
    EXPECT_EQ(error_of(read_ollama_create(R"({"files":{"a":1}})")), "'files.a' must be a string, not a number");
}

TEST(Fields, WhatIsNotJsonIsRefusedAsAWhole) {
    EXPECT_EQ(error_of(read_ollama_chat("")), "missing request body");
    EXPECT_EQ(error_of(read_ollama_chat(" \n")), "missing request body");
    EXPECT_EQ(error_of(read_ollama_chat("[]")), "the request must be a JSON object, not an array");
    EXPECT_EQ(error_of(read_ollama_chat("null")), "the request must be a JSON object, not null");
    for (const std::string_view text : {"not json", "hello", "tell me", "\"open", "[1,"})
        EXPECT_EQ(error_of(read_ollama_chat(text)), "the request is not JSON") << text;
    for (const char* json : {"{", R"({"model":)", R"({"model":"x"} more)", R"({"model":"x")",
                             R"({"unknown":{"a":tru}})", R"({"unknown":[1,]})", R"({"unknown":"\q"})"}) {
        const auto request = read_ollama_chat(json);
        ASSERT_FALSE(request) << json;
        EXPECT_EQ(request.error().code, Code::invalid);
        EXPECT_TRUE(request.error().message.starts_with("the request is not valid JSON: ")) << request.error().message;
    }
    std::string deep = R"({"options":)";
    for (int i = 0; i < 100'000; ++i) deep += R"({"a":)";
    EXPECT_FALSE(read_ollama_chat(deep)) << "nesting ends before the stack does";
}

TEST(Fields, NullAndUnknownKeysChangeNothingAndTheLastOfTwoCounts) {
    const auto request = read_ollama_generate(
        R"({"model":"a","prompt":"x","stream":null,"seed":5,"keep_alive":null,"images":null,"new":[{"x":1}],"model":"b"})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->model, "b");
    EXPECT_TRUE(request->stream);
    EXPECT_FALSE(request->keep_alive.present());
    EXPECT_TRUE(request->images.empty());
}

TEST(Fields, AnyTextSurvives) {
    const auto request =
        read_openai_chat(R"({"messages":[{"role":"user","content":"h\u00e9llo 世界 🙂 \u0000 \uD83D\uDE00"}]})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->messages[0].content, std::string("héllo 世界 🙂 ") + '\0' + " 😀");
}

TEST(OllamaRequests, AModelMayBeCalledByItsOldKey) {
    EXPECT_EQ(read_ollama_name(R"({"name":"a"})")->model, "a");
    EXPECT_EQ(read_ollama_name(R"({"model":"b","name":"a"})")->model, "b");
}

TEST(OllamaRequests, AnInputIsOneTextOrMany) {
    EXPECT_FALSE(read_ollama_embed(R"({"model":"a"})")->input);
    EXPECT_FALSE(read_ollama_embed(R"({"input":"x"})")->input_is_list);
    EXPECT_EQ(read_ollama_embed(R"({"input":["x","y"]})")->input->size(), 2U);
    EXPECT_TRUE(read_ollama_embed(R"({"input":[]})")->input->empty());
    EXPECT_EQ(error_of(read_ollama_embed(R"({"input":7})")),
              "'input' must be a string or an array of strings, not a number");
    EXPECT_EQ(error_of(read_ollama_embed(R"({"input":[7]})")), "'input[0]' must be a string, not a number");
}

TEST(OllamaRequests, WhatIsNotDoneYetIsReadSoThatItCanBeRefused) {
    const auto chat = read_ollama_chat(
        R"({"tools":[{"type":"function"}],"format":{"type":"object"},"think":"high","messages":[{"role":"tool","tool_calls":[{}],"images":["aGk="]}]})");
    ASSERT_TRUE(chat) << chat.error().message;
    EXPECT_EQ(chat->tools.size(), 1U);
    EXPECT_EQ(chat->format.text, R"({"type":"object"})");
    EXPECT_EQ(chat->think.text, R"("high")");
    EXPECT_EQ(chat->messages[0].tool_calls.size(), 1U);
    EXPECT_EQ(chat->messages[0].images.size(), 1U);
    const auto create =
        read_ollama_create(R"({"model":"a","renderer":"x","license":"MIT","template":"","remote_host":null})");
    ASSERT_TRUE(create);
    EXPECT_EQ(create->unsupported, std::vector<std::string>{"renderer"});
    EXPECT_EQ(create->license, std::vector<std::string>{"MIT"});
    EXPECT_EQ(create->tmpl, "") << "an empty template is one, and not none";
}

TEST(OpenAiRequests, ContentIsATextOrParts) {
    const auto chat = read_openai_chat(
        R"({"messages":[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":" there"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}]})");
    ASSERT_TRUE(chat) << chat.error().message;
    EXPECT_EQ(chat->messages[0].content, "Hi there");
    EXPECT_EQ(chat->messages[0].part_types, std::vector<std::string>{"image_url"});
    EXPECT_TRUE(chat->messages[1].tool_calls);
    EXPECT_EQ(error_of(read_openai_chat(R"({"messages":[{"content":7.5}]})")),
              "'messages[0].content' must be a string or an array of parts, not a number");
}

TEST(OpenAiRequests, StopAndInputComeInSeveralTypes) {
    EXPECT_EQ(read_openai_chat(R"({"stop":"x"})")->stop, std::vector<std::string>{"x"});
    EXPECT_EQ(read_openai_chat(R"({"stop":["x","y"]})")->stop.size(), 2U);
    EXPECT_EQ(error_of(read_openai_chat(R"({"stop":7})")),
              "'stop' must be a string or an array of strings, not a number");
    EXPECT_EQ(read_openai_embeddings(R"({"input":"x"})")->texts.size(), 1U);
    EXPECT_EQ(read_openai_embeddings(R"({"input":["x","y"]})")->texts.size(), 2U);
    EXPECT_EQ(read_openai_embeddings(R"({"input":[1,2,3]})")->tokens, (std::vector<std::vector<Token>>{{1, 2, 3}}));
    EXPECT_EQ(read_openai_embeddings(R"({"input":[[1],[2,3]]})")->tokens,
              (std::vector<std::vector<Token>>{{1}, {2, 3}}));
    EXPECT_EQ(error_of(read_openai_embeddings(R"({"input":["x",7]})")), "'input[1]' must be a string, not a number");
    EXPECT_EQ(error_of(read_openai_completion(R"({"prompt":[{}]})")),
              "'prompt[0]' must be a string, an array of strings, or tokens, not an object");
}

TEST(OpenAiRequests, NamesWhatItCannotDoAndOnlyWhenItIsAskedFor) {
    const auto refused = [](std::string_view json) { return read_openai_chat(json)->unsupported; };
    EXPECT_TRUE(
        refused(
            R"({"tools":[],"tool_choice":"none","response_format":{"type":"text"},"store":false,"user":"ana","metadata":{}})")
            .empty());
    EXPECT_EQ(refused(R"({"tools":[{}],"tool_choice":"required"})"),
              (std::vector<std::string>{"tools", "tool_choice"}));
    EXPECT_EQ(refused(R"({"response_format":{"type":"json_object"}})"), std::vector<std::string>{"response_format"});
    EXPECT_EQ(refused(R"({"modalities":["text","audio"],"audio":{}})"),
              (std::vector<std::string>{"audio", "modalities"}));
}

TEST(OpenAiRequests, TheNewerLimitWinsAndSharedSamplersAreTaken) {
    const auto chat = read_openai_chat(
        R"({"max_tokens":5,"max_completion_tokens":7.0,"top_k":3,"min_p":0.1,"logit_bias":{"50":-100}})");
    ASSERT_TRUE(chat) << chat.error().message;
    EXPECT_EQ(chat->max_tokens, 7);
    EXPECT_EQ(chat->samplers.text, R"({"top_k":3,"min_p":0.1})");
    ASSERT_EQ(chat->logit_bias.size(), 1U);
    EXPECT_EQ(chat->logit_bias[0].token, 50);
    EXPECT_EQ(error_of(read_openai_chat(R"({"logit_bias":{"hello":1}})")),
              "'logit_bias' names tokens by their numbers");
}

TEST(Answers, HaveTheShapeThatClientsKnow) {
    EXPECT_EQ(to_json(OpenAiError{{.message = "no", .type = "invalid_request_error"}}),
              R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}})");
    EXPECT_EQ(
        to_json(OpenAiChatChunk{.id = "1",
                                .created = 2,
                                .model = "m",
                                .system_fingerprint = "f",
                                .choices = {{.delta = {.content = "x"}}}}),
        R"({"id":"1","object":"chat.completion.chunk","created":2,"model":"m","system_fingerprint":"f","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]})");
    EXPECT_EQ(to_json(OllamaGenerated{.model = "m", .created_at = "t", .response = "x"}),
              R"({"model":"m","created_at":"t","response":"x","done":false})");
    EXPECT_EQ(
        to_json(OllamaChatted{.model = "m",
                              .created_at = "t",
                              .message = {.content = "x"},
                              .done = true,
                              .done_reason = "stop",
                              .total_duration = 5}),
        R"({"model":"m","created_at":"t","message":{"role":"assistant","content":"x"},"done":true,"done_reason":"stop","total_duration":5})");
    const std::string show =
        to_json(OllamaShow{.tmpl = "{{ x }}", .model_info = {{"general.architecture", {"\"llama\""}}, {"empty", {}}}});
    EXPECT_TRUE(show.contains(R"("template":"{{ x }}")")) << show;
    EXPECT_TRUE(show.contains(R"("model_info":{"empty":null,"general.architecture":"llama"})")) << show;
    const auto back = from_json<OllamaShow>(show);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->model_info.at("general.architecture").text, "\"llama\"");
}

}  // namespace
}  // namespace lar::wire
