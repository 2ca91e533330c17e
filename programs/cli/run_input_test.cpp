#include "run_input.h"

#include <gtest/gtest.h>

namespace lar::cli {
namespace {

// The entries that these lines make.
std::vector<Entry> entries(std::initializer_list<std::string_view> lines) {
    TypedLines typed;
    std::vector<Entry> all;
    for (const std::string_view line : lines)
        if (auto entry = typed.take(line); entry && *entry) all.push_back(**entry);
    EXPECT_FALSE(typed.open());
    return all;
}

template <class T>
T command(std::string_view text) {
    const auto parsed = parse_command(text);
    EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().message);
    const T* one = parsed ? std::get_if<T>(&*parsed) : nullptr;
    EXPECT_NE(one, nullptr) << text;
    return one != nullptr ? *one : T{};
}

Failure refused(std::string_view text) {
    const auto parsed = parse_command(text);
    EXPECT_FALSE(parsed.has_value()) << text;
    return parsed ? Failure() : parsed.error();
}

TEST(RunInput, ALineIsAMessageAndSpaceIsNone) {
    const auto all = entries({"hello", "", "   ", "  indented"});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].text, "hello");
    EXPECT_FALSE(all[0].command);
    EXPECT_EQ(all[1].text, "  indented");
}

TEST(RunInput, QuotesHoldSeveralLinesTogether) {
    const auto all = entries({R"("""one)", "  two", "", "/bye", R"(end""")", R"("""all in one""")", R"("""/path""")"});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].text, "one\n  two\n\n/bye\nend");
    EXPECT_FALSE(all[0].command);
    EXPECT_EQ(all[1].text, "all in one");
    EXPECT_EQ(all[2].text, "/path");
    EXPECT_FALSE(all[2].command);
}

TEST(RunInput, QuotesThatHoldNothingAreNoMessage) { EXPECT_TRUE(entries({R"(""")", R"(""")", R"("""""")"}).empty()); }

TEST(RunInput, ASystemTextMayHaveSeveralLines) {
    const auto all = entries({R"(/set system """Be)", R"(brief.""")"});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_TRUE(all[0].command);
    EXPECT_EQ(command<SetSystem>(all[0].text).text, "Be\nbrief.");
}

TEST(RunInput, WhatWasBegunCanBeDropped) {
    TypedLines typed;
    EXPECT_FALSE(*typed.take(R"("""begun)"));
    EXPECT_TRUE(typed.open());
    typed.drop();
    EXPECT_FALSE(typed.open());
    EXPECT_EQ((*typed.take("next"))->text, "next");
}

TEST(RunInput, AMessageWithoutEndIsRefusedWhereItIsTooLong) {
    TypedLines typed;
    EXPECT_TRUE(typed.take(R"(""")").has_value());
    EXPECT_TRUE(typed.take(std::string(limit_typed_bytes / 2, 'a')).has_value());
    EXPECT_FALSE(typed.take(std::string(limit_typed_bytes / 2, 'a')).has_value());
    EXPECT_FALSE(typed.open());
}

TEST(RunInput, EveryCommandIsUnderstood) {
    EXPECT_EQ(command<SetSystem>("/set system You  are brief").text, "You  are brief");
    EXPECT_EQ(command<SetParameter>("/set parameter stop a b").values, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(command<SetSwitch>("/set nohistory").which, Switch::history);
    EXPECT_FALSE(command<SetSwitch>("/set nohistory").on);
    EXPECT_TRUE(command<SetSwitch>("/set verbose").on);
    EXPECT_FALSE(command<SetSwitch>("/set quiet").on);
    EXPECT_EQ(command<SetThink>("/set think high").level, "high");
    EXPECT_EQ(command<SetThink>("/set nothink").level, "false");
    EXPECT_EQ(command<Show>("/show template").part, Part::template_text);
    EXPECT_EQ(command<LoadModel>("  /load  tiny:q4 ").model, "tiny:q4");
    EXPECT_EQ(command<SaveModel>("/save mine").model, "mine");
    command<Clear>("/clear");
    command<Bye>("/bye");
    EXPECT_EQ(command<Help>("/?").topic, Topic::commands);
    EXPECT_EQ(command<Help>("/? shortcuts").topic, Topic::shortcuts);
    EXPECT_EQ(command<Help>("/help set").topic, Topic::set);
    EXPECT_EQ(command<Help>("/set").topic, Topic::set);
    EXPECT_EQ(command<Help>("/show").topic, Topic::show);
    EXPECT_EQ(command<Help>("/set parameter").topic, Topic::parameters);
}

TEST(RunInput, AnUnknownCommandNamesTheNearest) {
    EXPECT_EQ(refused("/laod x").hint, "did you mean /load?");
    EXPECT_EQ(refused("/set nohistroy").hint, "did you mean /set nohistory?");
    EXPECT_EQ(refused("/show licence").hint, "did you mean /show license?");
    EXPECT_TRUE(refused("/home/ana/notes.txt").hint.contains(R"(""")"));
    EXPECT_TRUE(refused("/set format json").message.contains("later"));
    EXPECT_TRUE(refused("/load").message.contains("MODEL"));
    EXPECT_TRUE(refused("/clear all").message.contains("takes nothing"));
}

TEST(RunInput, HelpNamesEveryCommandThatItsTableHas) {
    for (const std::string_view word : {"/set", "/show", "/load", "/save", "/clear", "/bye", "/help", "/?"})
        EXPECT_TRUE(help_text(Topic::commands).contains(word)) << word;
    EXPECT_TRUE(help_text(Topic::set).contains("/set nohistory"));
    EXPECT_TRUE(help_text(Topic::show).contains("/show modelfile"));
    EXPECT_TRUE(help_text(Topic::parameters).contains("/set parameter temperature"));
    EXPECT_TRUE(help_text(Topic::shortcuts).contains("Ctrl-C"));
}

TEST(RunInput, ParametersAreTypedAsTheModelTakesThem) {
    EXPECT_EQ(*parameter_json({"temperature", {"0.2"}}), "0.2");
    EXPECT_EQ(*parameter_json({"num_ctx", {"4096"}}), "4096");
    EXPECT_EQ(*parameter_json({"stop", {"a\"b", "c"}}), R"(["a\"b","c"])");
    EXPECT_EQ(*parameter_json({"use_mmap", {"false"}}), "false");
    EXPECT_EQ(parameter_json({"temprature", {"1"}}).error().hint, "did you mean temperature?");
    EXPECT_FALSE(parameter_json({"temperature", {"hot"}}));
    EXPECT_FALSE(parameter_json({"temperature", {"1", "2"}}));
    EXPECT_FALSE(parameter_json({"num_ctx", {"1,\"seed\":2"}}));
    EXPECT_FALSE(parameter_json({"a\":1,\"seed", {"1"}}));
}

}  // namespace
}  // namespace lar::cli
