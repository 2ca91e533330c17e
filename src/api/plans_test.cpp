// What requests mean for an engine.
#include <gtest/gtest.h>

#include "api/ollama_plans.h"
#include "api/openai_plans.h"
#include "wire/codec.h"

namespace lar::api {
namespace {

using models::Capability;

models::Model model(std::vector<Capability> capabilities = {Capability::completion}) {
    models::Model out;
    out.reference = *models::parse_reference("test");
    out.capabilities = std::move(capabilities);
    out.facts.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}";
    return out;
}
models::Model plain_model() {
    models::Model out = model();
    out.facts.chat_template.clear();
    return out;
}

Result<Plan> generate(std::string_view json, const models::Model& of = model()) {
    return plan_of(*wire::read_ollama_generate(json), of);
}
Result<Plan> chat(std::string_view json, const models::Model& of = model()) {
    return plan_of(*wire::read_ollama_chat(json), of);
}
Result<Plan> openai_chat(std::string_view json, const models::Model& of = model()) {
    return plan_of(*wire::read_openai_chat(json), of);
}
Result<Plan> completion(std::string_view json, const models::Model& of = model()) {
    return plan_of(*wire::read_openai_completion(json), of);
}
std::string error_of(const Result<Plan>& plan) { return plan ? "no error" : plan.error().message; }
const wire::ChatPrompt& chat_of(const Plan& plan) { return std::get<wire::ChatPrompt>(plan.choices.at(0).prompt); }
const wire::TextPrompt& text_of(const Plan& plan) { return std::get<wire::TextPrompt>(plan.choices.at(0).prompt); }

TEST(OllamaPlans, OptionsReachTheSamplersByTheirNames) {
    models::Model with_defaults = model();
    with_defaults.parameters = {.num_ctx = 4096, .top_k = 7, .stop = std::vector<std::string>{"END"}};
    const auto plan =
        generate(R"({"prompt":"x","options":{"temperature":0,"top_p":0.5,"num_predict":16,"seed":3,"num_keep":5,
        "repeat_last_n":-1,"stop":["a","b"],"mirostat":2,"num_thread":2,"penalize_newline":true,"nonsense":[1]}})",
                 with_defaults);
    ASSERT_TRUE(plan) << plan.error().message;
    const wire::Generate& one = plan->choices[0];
    EXPECT_EQ(one.sampling.temperature, 0);
    EXPECT_EQ(one.sampling.top_p, 0.5F);
    EXPECT_EQ(one.sampling.top_k, 7) << "the model's own";
    EXPECT_EQ(one.sampling.seed, 3U);
    EXPECT_EQ(one.sampling.repeat_last_n, -1);
    EXPECT_EQ(one.sampling.mirostat, 2U);
    EXPECT_EQ(one.sampling.repeat_penalty, 1) << "llama.cpp's default, so that greedy text is the same";
    EXPECT_EQ(one.max_tokens, 16U);
    EXPECT_EQ(one.keep_tokens, 5U);
    EXPECT_EQ(one.stop, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(plan->options.num_ctx, 4096);
    EXPECT_EQ(plan->options.num_thread, 2);
}

TEST(OllamaPlans, NegativeNumbersMeanNoLimitAndARandomSeed) {
    for (const char* json : {R"({"prompt":"x","options":{"num_predict":-1,"seed":-1,"top_k":-1}})",
                             R"({"prompt":"x","options":{"num_predict":-2}})", R"({"prompt":"x"})"}) {
        const auto plan = generate(json);
        ASSERT_TRUE(plan);
        EXPECT_FALSE(plan->choices[0].max_tokens);
        EXPECT_EQ(plan->choices[0].sampling.seed, 0xFFFFFFFFU);
    }
    EXPECT_EQ(generate(R"({"prompt":"x","options":{"top_k":-1}})")->choices[0].sampling.top_k, 0);
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","options":{"num_ctx":"many"}})")).substr(0, 26),
              "the parameter 'num_ctx' mu");
    EXPECT_EQ(generate(R"({"prompt":"x","options":{"num_ctx":"8192"}})")->options.num_ctx, 8192);
}

TEST(OllamaPlans, WhatIsNotDoneYetIsRefusedByName) {
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","format":"json"})")), "this Lar cannot do 'format' yet; leave it out");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","format":""})")), "no error");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","images":["aGk="]})")),
              "this Lar cannot do 'images' yet; leave it out");
    EXPECT_EQ(error_of(chat(R"({"messages":[{"role":"user","content":"x"}],"tools":[{}]})")),
              "this Lar cannot do 'tools' yet; leave it out");
    EXPECT_EQ(error_of(chat(R"({"messages":[{"role":"user","content":"x"}],"tools":[]})")), "no error");
    EXPECT_EQ(error_of(chat(R"({"messages":[{"role":"tool","content":"x"}]})")),
              "this Lar cannot do 'messages[0].role \"tool\"' yet; leave it out");
    EXPECT_EQ(error_of(chat(R"({"messages":[{"role":"wizard","content":"x"}]})")),
              "'messages[0].role' must be \"system\", \"user\" or \"assistant\", not \"wizard\"");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","suffix":"y"})")), "\"test:latest\" does not support insert");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","think":true})")), "\"test:latest\" does not support thinking");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","think":false})")), "no error");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","think":"hard"})")).substr(0, 16), "'think' must be ");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","template":"{{ .Prompt }}"})")).substr(0, 33),
              "'template' is in the language of ");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x"})", model({Capability::embedding}))),
              "\"test:latest\" does not support generate");
    EXPECT_EQ(error_of(chat(R"({"messages":[{"role":"user","content":"x"}]})", model({Capability::embedding}))),
              "\"test:latest\" does not support chat");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","top_logprobs":21})")), "top_logprobs must be between 0 and 20");
    EXPECT_EQ(error_of(generate(R"({"prompt":"x","raw":true,"system":"y"})")),
              "raw mode does not support template, system, or context");
}

TEST(OllamaPlans, AnEmptyPromptLoadsOrUnloads) {
    EXPECT_EQ(generate(R"({"model":"test"})")->work, Plan::Work::load);
    EXPECT_EQ(generate(R"({"model":"test","keep_alive":0})")->work, Plan::Work::unload);
    EXPECT_EQ(generate(R"({"model":"test","keep_alive":"10m"})")->keep_alive_us, 600'000'000);
    EXPECT_EQ(chat(R"({"messages":[]})")->work, Plan::Work::load);
    EXPECT_EQ(chat(R"({"messages":[],"keep_alive":"0s"})")->work, Plan::Work::unload);
    EXPECT_LT(*chat(R"({"messages":[],"keep_alive":-1})")->keep_alive_us, 0);
    EXPECT_FALSE(generate(R"({"prompt":"x","keep_alive":"soon"})"));
}

TEST(OllamaPlans, APromptGoesThroughTheTemplateWhereThereIsOne) {
    models::Model with_words = model();
    with_words.system = "Be brief.";
    with_words.messages = {{"user", "a"}, {"assistant", "b"}};
    EXPECT_EQ(
        chat_of(*generate(R"({"prompt":"x"})", with_words)).messages,
        R"([{"role":"system","content":"Be brief."},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"x"}])");
    EXPECT_TRUE(chat_of(*generate(R"({"prompt":"x","system":"Sing."})", with_words))
                    .messages.starts_with(R"([{"role":"system","content":"Sing."})"));
    EXPECT_EQ(text_of(*generate(R"({"prompt":"x","raw":true})", with_words)).text, "x");
    EXPECT_EQ(text_of(*generate(R"({"prompt":"x"})", plain_model())).text, "x");
    EXPECT_EQ(text_of(*generate(R"({"prompt":"x","system":"Sing."})", plain_model())).text, "Sing.\n\nx");
    EXPECT_EQ(chat_of(*generate(R"({"prompt":"x","template":"{% if a %}{% endif %}"})")).tmpl, "{% if a %}{% endif %}");
    const auto infill = generate(R"({"prompt":"x","suffix":"y"})", [] {
        models::Model fills = model();
        fills.facts.infill = true;
        return fills;
    }());
    EXPECT_EQ(std::get<wire::InfillPrompt>(infill->choices[0].prompt).after, "y");
    const auto on = generate(R"({"prompt":"x","context":[1,2]})", plain_model());
    EXPECT_EQ(on->before, (std::vector<wire::Token>{1, 2}));
    EXPECT_FALSE(text_of(*on).add_special);
}

TEST(OllamaPlans, AConversationUsesTheTemplateThatEnginesCanRender) {
    constexpr std::string_view hello = R"({"messages":[{"role":"user","content":"x"}]})";
    EXPECT_EQ(chat_of(*chat(hello)).tmpl, "") << "the file's own";
    models::Model made = model();
    made.tmpl = "{% if x %}{% endif %}";
    EXPECT_EQ(chat_of(*chat(hello, made)).tmpl, made.tmpl);
    made.tmpl = "{{ .Prompt }}";
    EXPECT_EQ(chat_of(*chat(hello, made)).tmpl, "") << "Go's is Ollama's to render";
    EXPECT_TRUE(
        chat_of(*chat(hello, plain_model())).tmpl.starts_with("{% for message in messages %}{{ message.content }}"));
}

TEST(OllamaPlans, NothingIsCutUnlessAskedFor) {
    EXPECT_EQ(generate(R"({"prompt":"x"})")->choices[0].overflow, wire::Overflow::refuse);
    EXPECT_FALSE(generate(R"({"prompt":"x"})")->choices[0].shift);
    EXPECT_EQ(generate(R"({"prompt":"x","truncate":true})")->choices[0].overflow, wire::Overflow::drop_oldest);
    EXPECT_TRUE(generate(R"({"prompt":"x","shift":true})")->choices[0].shift);
    const auto plan = chat(R"({"messages":[{"role":"user","content":"x"}],"truncate":true})");
    EXPECT_TRUE(plan->may_drop_messages);
    EXPECT_EQ(plan->choices[0].overflow, wire::Overflow::refuse) << "whole messages go, not tokens";
}

TEST(Plans, TheOldestMessagesGoAndNeverTheSystemsNorTheLast) {
    const auto conversation = [] {
        return std::vector<wire::TemplateMessage>{{"system", std::string(100, 's')},
                                                  {"user", std::string(100, 'a')},
                                                  {"assistant", std::string(100, 'b')},
                                                  {"user", std::string(100, 'c')}};
    };
    auto messages = conversation();
    EXPECT_EQ(drop_messages(messages, 110, 100), 1U);
    EXPECT_EQ(messages[1].content.front(), 'b');
    messages = conversation();
    EXPECT_EQ(drop_messages(messages, 1000, 500), 2U);
    EXPECT_EQ(messages.size(), 2U);
    EXPECT_EQ(drop_messages(messages, 1000, 500), 0U);
    std::vector<wire::TemplateMessage> none;
    EXPECT_EQ(drop_messages(none, 2, 1), 0U);
}

TEST(OpenAiPlans, RequestsBecomeChoices) {
    const auto plan = openai_chat(
        R"({"messages":[{"role":"developer","content":"d"},{"role":"user","name":"ana","content":[{"type":"text","text":"x"}]}],
        "n":2,"seed":7,"max_completion_tokens":5,"stop":"z","temperature":0.5,"logprobs":true,"top_logprobs":3,"logit_bias":{"9":-100},"top_k":2})");
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_EQ(plan->choices.size(), 2U);
    EXPECT_EQ(plan->choices[0].sampling.seed, 7U);
    EXPECT_EQ(plan->choices[1].sampling.seed, 8U);
    EXPECT_EQ(plan->choices[1].sampling.top_k, 2);
    EXPECT_EQ(plan->choices[0].max_tokens, 5U);
    EXPECT_EQ(plan->choices[0].logprobs, 3U);
    EXPECT_EQ(plan->choices[0].stop, std::vector<std::string>{"z"});
    EXPECT_EQ(plan->choices[0].sampling.logit_bias[0].token, 9);
    EXPECT_EQ(chat_of(*plan).messages,
              R"([{"role":"system","content":"d"},{"role":"user","content":"x","name":"ana"}])");
    EXPECT_FALSE(plan->may_drop_messages);
}

TEST(OpenAiPlans, WhatIsNotDoneYetIsRefusedByName) {
    const auto with = [](std::string_view more) {
        return error_of(
            openai_chat(std::string(R"({"messages":[{"role":"user","content":"x"}],)") + std::string(more) + "}"));
    };
    EXPECT_EQ(with(R"("tools":[{}])"), "this Lar cannot do 'tools' yet; leave it out");
    EXPECT_EQ(with(R"("response_format":{"type":"json_schema"})"),
              "this Lar cannot do 'response_format' yet; leave it out");
    EXPECT_EQ(with(R"("reasoning_effort":"high")"), "\"test:latest\" does not support thinking");
    EXPECT_EQ(with(R"("reasoning_effort":"none")"), "no error");
    EXPECT_EQ(with(R"("temperature":3)"), "'temperature' must be from 0 to 2, not 3");
    EXPECT_EQ(with(R"("n":17)"), "'n' must be from 1 to 16");
    EXPECT_EQ(with(R"("top_logprobs":2)"), "'top_logprobs' needs 'logprobs' to be true");
    EXPECT_EQ(with(R"("max_tokens":-1)"), "'max_tokens' must be from 0 to 16777216");
    EXPECT_EQ(with(R"("stop":[""])").substr(0, 25), "a string of 'stop' has 0 ");
    EXPECT_EQ(error_of(openai_chat(R"({"messages":[]})")), "[] is too short - 'messages'");
    EXPECT_EQ(error_of(openai_chat(R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})")),
              "this Lar cannot do 'messages[0].content with image_url' yet; leave it out");
    EXPECT_EQ(error_of(completion(R"({"prompt":"x","echo":true,"logprobs":1})")),
              "this Lar cannot do 'echo together with logprobs' yet; leave it out");
    EXPECT_EQ(error_of(completion(R"({"prompt":"x","best_of":2})")), "this Lar cannot do 'best_of' yet; leave it out");
    EXPECT_EQ(error_of(completion(R"({})")), "'prompt' is missing");
}

TEST(OpenAiPlans, EachPromptOfACompletionIsPlainTextAndHasItsAnswers) {
    const auto plan = completion(R"({"prompt":["a","b"],"n":2,"echo":true,"max_tokens":0})");
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_EQ(plan->choices.size(), 4U);
    EXPECT_EQ(plan->echoes, (std::vector<std::string>{"a", "a", "b", "b"}));
    EXPECT_EQ(plan->choices[0].max_tokens, 0U);
    EXPECT_EQ(completion(R"({"prompt":"a"})")->choices[0].max_tokens, 16U);
    EXPECT_EQ(std::get<wire::TokenPrompt>(completion(R"({"prompt":[1,2]})")->choices[0].prompt).tokens.size(), 2U);
}

}  // namespace
}  // namespace lar::api
