#include "inference/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/text.h"
#include "inference/jinja_value.h"

namespace lar::inference {
namespace {

using jinja::Budget;
using jinja::Value;
using testing::HasSubstr;

constexpr Timestamp january{.us = 1'768'478'400'000'000};  // 2026-01-15T12:00:00Z

ChatTemplate parsed(std::string_view source) {
    auto chat = ChatTemplate::parse(source, "<s>", "</s>");
    EXPECT_TRUE(chat) << chat.error().message;
    return *std::move(chat);
}
std::string shown(const ChatTemplate& chat, const wire::ChatPrompt& prompt,
                  ChatTemplate::Shape shape = ChatTemplate::Shape::adapted) {
    auto text = chat.render(prompt, january, shape);
    return text ? *std::move(text) : "!" + text.error().message;
}

constexpr std::string_view plain = "{% for m in messages %}[{{ m.role }}:{{ m.content }}]{% endfor %}";

TEST(Template, MessagesToolsAndFurtherVariablesReachIt) {
    const ChatTemplate chat = parsed(
        "{{ bos_token }}{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}{{ tools | length }}{{ mood }}"
        "{% if add_generation_prompt %}go{% endif %}{{ eos_token }}");
    EXPECT_EQ(shown(chat, {.messages = R"([{"role":"user","content":"Hi"}])",
                           .tools = R"([{"name":"t"}])",
                           .extra = R"({"mood":"calm"})"}),
              "<s>user=Hi;1calmgo</s>");
    EXPECT_EQ(shown(chat, {.messages = "[]", .add_generation_prompt = false}), "<s>0</s>");
}

TEST(Template, WhatIsNoConversationIsInvalid) {
    const ChatTemplate chat = parsed(plain);
    for (const std::string_view messages :
         {"", "{", "{}", "[1]", R"([{"content":"x"}])", "[] []", "[{\"role\":\"user\",\"content\":\"\xff\"}]"}) {
        const auto text = chat.render({.messages = std::string(messages)}, january);
        ASSERT_FALSE(text) << messages;
        EXPECT_EQ(text.error().code, Code::invalid) << messages;
    }
    EXPECT_FALSE(chat.render({.messages = "[]", .tools = "{}"}, january));
    EXPECT_FALSE(chat.render({.messages = "[]", .extra = "[]"}, january));
}

TEST(Template, ItsOwnWordsComeOutOfRaiseException) {
    const ChatTemplate chat =
        parsed("{% if messages | length > 1 %}{{ raise_exception('One message only!') }}{% endif %}");
    EXPECT_THAT(shown(chat, {.messages = R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])"}),
                HasSubstr("One message only!"));
}

TEST(Template, OneThatDoesNotParseSaysWhereAndWhy) {
    const auto chat = ChatTemplate::parse("a\n{% if x %}", "", "");
    ASSERT_FALSE(chat);
    EXPECT_EQ(chat.error().code, Code::invalid);
    EXPECT_EQ(chat.error().message, "the chat template cannot be read: line 2: 'endif' is missing");
}

TEST(Template, PartsAreJoinedForOneThatKnowsTextsOnly) {
    const ChatTemplate chat = parsed("{% for m in messages %}{{ m.role + ': ' + m.content }}{% endfor %}");
    EXPECT_FALSE(chat.abilities().part_content);
    EXPECT_EQ(
        shown(chat,
              {.messages = R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"}),
        "user: a\nb");
    EXPECT_THAT(shown(chat, {.messages = R"([{"role":"user","content":[{"type":"image_url","image_url":{}}]}])"}),
                HasSubstr("takes text only"));
}

TEST(Template, TextsBecomePartsForOneThatKnowsPartsOnly) {
    const ChatTemplate chat =
        parsed("{% for m in messages %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endfor %}");
    EXPECT_TRUE(chat.abilities().part_content);
    EXPECT_FALSE(chat.abilities().text_content);
    EXPECT_EQ(shown(chat, {.messages = R"([{"role":"user","content":"Hi"}])"}), "Hi");
}

TEST(Template, ArgumentsOfACallTakeTheShapeItWants) {
    constexpr std::string_view as_object =
        "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}{% endfor %}{% "
        "endfor %}";
    constexpr std::string_view as_text =
        "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ 'call ' + c.function.arguments }}{% endfor %}{% "
        "endfor %}";
    const std::string text =
        R"([{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":"{\"b\":1,\"a\":2}"}}]}])";
    const std::string object =
        R"([{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":{"b":1,"a":2}}}]}])";
    for (const std::string& messages : {text, object}) {
        EXPECT_EQ(shown(parsed(as_object), {.messages = messages}), R"({"b": 1, "a": 2})");
        EXPECT_THAT(shown(parsed(as_text), {.messages = messages}),
                    testing::MatchesRegex(R"(call \{"b": ?1, ?"a": ?2\})"));
    }
    EXPECT_EQ(shown(parsed(as_object), {.messages = text}, ChatTemplate::Shape::verbatim), R"("{\"b\":1,\"a\":2}")");
}

TEST(Template, ASystemMessageThatItRefusesOpensTheUsersMessage) {
    const ChatTemplate chat = parsed(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role "
        "}}:{{ m.content }}]{% endfor %}");
    EXPECT_FALSE(chat.abilities().system_role);
    const std::string messages = R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}])";
    EXPECT_EQ(shown(chat, {.messages = messages}), "[user:Be brief.\n\nHi]");
    EXPECT_EQ(shown(chat, {.messages = R"([{"role":"system","content":"Be brief."}])"}), "[user:Be brief.]");
    EXPECT_THAT(shown(chat, {.messages = messages}, ChatTemplate::Shape::verbatim), HasSubstr("no system"));
    EXPECT_TRUE(parsed(plain).abilities().system_role);
}

TEST(Template, WhatItKnowsIsFoundByTrying) {
    const TemplateAbilities simple = parsed("{% for m in messages %}{{ m.role + m.content }}{% endfor %}").abilities();
    EXPECT_EQ(simple, (TemplateAbilities{.tool_results = true, .system_role = true, .text_content = true}));
    const TemplateAbilities rich =
        parsed("{{ tools | tojson if tools }}{{ messages | tojson }}{% if enable_thinking %}<think>{% endif %}")
            .abilities();
    EXPECT_TRUE(rich.tools && rich.tool_calls && rich.tool_results && rich.argument_object && rich.thinking &&
                rich.thinking_switch);
    EXPECT_FALSE(rich.argument_text);
}

TEST(Template, TheThinkingSwitchHasBothItsNames) {
    const ChatTemplate chat = parsed("{{ messages | length }}{{ '<think>' if thinking else '</think>' }}");
    EXPECT_TRUE(chat.abilities().thinking_switch);
    EXPECT_EQ(shown(chat, {.messages = "[]", .extra = R"({"enable_thinking":true})"}), "0<think>");
    EXPECT_EQ(shown(chat, {.messages = "[]", .extra = R"({"enable_thinking":true,"thinking":false})"}), "0</think>");
}

TEST(Template, AModelWithoutOneGetsChatml) {
    const ChatTemplate chat = ChatTemplate::chatml("<s>", "</s>");
    EXPECT_EQ(chat.name(), "chatml");
    EXPECT_EQ(shown(chat, {.messages = R"([{"role":"system","content":"S"},{"role":"user","content":"Hi"}])"}),
              "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    EXPECT_EQ(parsed(plain).name(), "model");
}

TEST(Template, ARequestMayBringItsOwn) {
    EXPECT_EQ(shown(parsed(plain), {.messages = R"([{"role":"user","content":"Hi"}])",
                                    .tmpl = "{{ bos_token }}{{ messages[0].content }}"}),
              "<s>Hi");
    EXPECT_THAT(shown(parsed(plain), {.messages = "[]", .tmpl = "{{"}), HasSubstr("cannot be read"));
}

TEST(Template, OneThatNeverEndsIsRefusedAndNotRun) {
    const ChatTemplate chat = parsed("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
    const auto text = chat.render({.messages = "[]"}, january);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Code::too_large);
}

// ---- real templates with what Hugging Face's own renderer makes of them

// $LAR_SHARED, or beside the tree.
std::filesystem::path shared_folder() {
    if (const char* const shared = std::getenv("LAR_SHARED"); shared != nullptr) return shared;
    const char* const tree = std::getenv("LAR_TREE");
    return std::filesystem::path(tree != nullptr ? tree : ".") / "../shared";
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
std::string text_at(const Value& object, std::string_view key) {
    const Value* found = object.mapping().find(key);
    return found != nullptr && found->is_string() ? found->text() : std::string();
}
std::string json_at(const Value& object, std::string_view key) {
    const Value* found = object.mapping().find(key);
    Budget budget;
    return found == nullptr ? std::string() : *jinja::to_json(*found, {}, budget);
}

TEST(Template, RealOnesComeOutExactly) {
    const std::filesystem::path folder = shared_folder() / "eval/templates";
    if (!std::filesystem::exists(folder / "cases.json")) GTEST_SKIP() << "there are no templates in " << folder;
    Budget budget;
    const Value cases = *jinja::from_json(read(folder / "cases.json"), "cases", budget);
    const std::string vectors = read(folder / "dev.vectors.jsonl");
    int exact = 0, all = 0;
    for (const std::string_view line : split_lines(vectors)) {
        Budget line_budget;
        const Value vector = *jinja::from_json(line, "a vector", line_budget);
        const std::string name = text_at(vector, "template"), which = text_at(vector, "case");
        const Value& conversation = *cases.mapping().find("cases")->mapping().find(which);
        const auto chat =
            ChatTemplate::parse(read(folder / name), text_at(vector, "bos_token"), text_at(vector, "eos_token"));
        ++all;
        ASSERT_TRUE(chat) << name << ": " << chat.error().message;
        const wire::ChatPrompt prompt{
            .messages = json_at(conversation, "messages"),
            .tools = json_at(conversation, "tools"),
            .add_generation_prompt = jinja::truth(*conversation.mapping().find("add_generation_prompt"))};
        const auto text = chat->render(prompt, january, ChatTemplate::Shape::verbatim);
        if (vector.mapping().find("error") != nullptr) {
            EXPECT_FALSE(text) << name << ", " << which << " must fail";
            exact += text ? 0 : 1;
            continue;
        }
        const bool same = text && *text == text_at(vector, "expected");
        EXPECT_TRUE(same) << name << ", " << which << (text ? "" : ": " + text.error().message);
        exact += same ? 1 : 0;
        // What is right already stays so when it is adapted.
        const auto adapted = chat->render(prompt, january);
        EXPECT_TRUE(adapted && *adapted == text_at(vector, "expected")) << name << ", " << which << ", adapted";
    }
    RecordProperty("exact", exact);
    std::cout << exact << " of " << all << " expectations came out exactly\n";
    EXPECT_EQ(exact, all);
}

}  // namespace
}  // namespace lar::inference
