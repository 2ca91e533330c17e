#include "arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands.h"
#include "completions.h"
#include "help.h"

namespace lar::cli {
namespace {

using testing::ElementsAre;

Outcome<Arguments> parse(std::vector<std::string> words) { return parse_arguments(words); }

TEST(Arguments, AQuestionNeedsNoQuotes) {
    const auto arguments = parse({"ask", "where", "is", "the", "lock", "--in", "project", "--json"});
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_EQ(arguments->words(), "where is the lock");
    EXPECT_THAT(arguments->values("--in"), ElementsAre("project"));
    EXPECT_TRUE(arguments->json);
}

TEST(Arguments, AnOptionTakesOneWordAndLeavesTheRest) {
    const auto arguments = parse({"ask", "--since", "2d", "--in", "a", "--in=b", "what", "changed"});
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_EQ(arguments->value("--since"), "2d");
    EXPECT_THAT(arguments->values("--in"), ElementsAre("a", "b"));
    EXPECT_EQ(arguments->words(), "what changed");
}

TEST(Arguments, WordsAfterTwoDashesAreWords) {
    const auto arguments = parse({"search", "--", "--no-tcp"});
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_EQ(arguments->words(), "--no-tcp");
}

TEST(Arguments, AnUnknownVerbIsAnsweredWithTheNearest) {
    const auto arguments = parse({"serach", "x"});
    ASSERT_FALSE(arguments);
    EXPECT_EQ(arguments.error().exit, Exit::usage);
    EXPECT_EQ(arguments.error().hint, "did you mean `lar search`?");
    EXPECT_EQ(nearest_verb("stat"), "status");
    EXPECT_EQ(nearest_verb("forgte"), "forget");
    EXPECT_EQ(nearest_verb("xyzzy"), "");
    EXPECT_EQ(nearest_verb(std::string(10'000, 'x')), "");
}

TEST(Arguments, AnUnknownOptionIsAnsweredWithTheNearest) {
    const auto arguments = parse({"ask", "--sinse", "2h", "what"});
    ASSERT_FALSE(arguments);
    EXPECT_EQ(arguments.error().exit, Exit::usage);
    EXPECT_EQ(arguments.error().message, "lar ask has no option --sinse");
    EXPECT_EQ(arguments.error().hint, "did you mean --since?");
    EXPECT_EQ(parse({"ask", "--json", "--in=a", "--lmit", "3", "what"}).error().hint, "did you mean --limit?");
}

TEST(Arguments, MissingAndSurplusWordsAreRefused) {
    EXPECT_EQ(parse({"ask"}).error().message, "lar ask needs QUESTION");
    EXPECT_EQ(parse({"forget", "a", "b"}).error().exit, Exit::usage);
    EXPECT_EQ(parse({"ask", "x", "--since"}).error().exit, Exit::usage);
    EXPECT_EQ(parse({"ask", "x", "--since", "1h", "--since", "2h"}).error().message, "--since is given twice");
    EXPECT_EQ(parse({"serve", "--json"}).error().exit, Exit::usage);
}

TEST(Arguments, NumbersAreCheckedAgainstTheirLimits) {
    const auto limit = [](const char* text) {
        return parse({"search", "x", "--limit", text})->number("--limit", 10, 1000);
    };
    EXPECT_EQ(*limit("7"), 7U);
    EXPECT_EQ(*parse({"search", "x"})->number("--limit", 10, 1000), 10U);
    for (const char* wrong : {"0", "-1", "1001", "7x", "", "99999999999999999999"}) EXPECT_FALSE(limit(wrong)) << wrong;
}

TEST(Arguments, HelpIsGivenEvenWhereWordsAreMissing) {
    const auto arguments = parse({"ask", "--help"});
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_TRUE(arguments->help);
    EXPECT_EQ(parse({})->verb->name, "help");
    EXPECT_EQ(parse({"--version"})->verb->name, "version");
}

TEST(Verbs, EachHasACommandHelpAndAnExample) {
    const Output plain(1, {});
    for (const Verb& verb : verbs()) {
        EXPECT_NE(command_of(verb.name), nullptr) << verb.name;
        const std::string help = verb_help(verb, plain);
        EXPECT_TRUE(verb.example.contains(std::string("lar ") + std::string(verb.name))) << verb.name;
        EXPECT_FALSE(verb.summary.empty()) << verb.name;
        for (const Option& option : verb.options) {
            EXPECT_TRUE(help.contains(option.name)) << verb.name << option.name;
            EXPECT_TRUE(option.name.starts_with("--")) << option.name;
        }
        EXPECT_TRUE(all_help(plain).contains(verb.summary)) << verb.name;
    }
}

TEST(Verbs, TheirExamplesParse) {
    for (const Verb& verb : verbs()) {
        std::string example(verb.example);
        for (std::size_t begin = 0; begin < example.size();) {
            const std::size_t end = std::min(example.find('\n', begin), example.size());
            std::string line = example.substr(begin, end - begin);
            line = line.substr(0, line.find(" > "));
            begin = end + 1;
            std::vector<std::string> words;
            std::string word;
            bool quoted = false;
            for (const char c : line + " ") {
                if (c == '"')
                    quoted = !quoted;
                else if (c == ' ' && !quoted) {
                    if (!word.empty()) words.push_back(std::move(word));
                    word.clear();
                } else
                    word += c;
            }
            words.erase(words.begin());
            const auto arguments = parse_arguments(words);
            EXPECT_TRUE(arguments) << line << ": " << (arguments ? "" : arguments.error().message);
        }
    }
}

TEST(Completions, EachShellKnowsEveryVerbAndOption) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto script = completion_script(shell);
        ASSERT_TRUE(script);
        for (const Verb& verb : verbs()) {
            EXPECT_TRUE(script->contains(verb.name)) << shell << verb.name;
            for (const Option& option : verb.options)
                EXPECT_TRUE(script->contains(std::string_view(shell) == "fish" ? option.name.substr(2) : option.name))
                    << shell << option.name;
        }
    }
    EXPECT_EQ(completion_script("tcsh").error().exit, Exit::usage);
}

TEST(Arguments, AFlagMayHaveAValueBehindEquals) {
    const auto parsed = [](std::vector<std::string> words) { return parse_arguments(words); };
    EXPECT_EQ(parsed({"run", "tiny", "hello"})->value("--think"), std::nullopt);
    EXPECT_EQ(parsed({"run", "tiny", "--think", "hello"})->value("--think"), "true");
    EXPECT_EQ(parsed({"run", "tiny", "--think", "hello"})->positionals, (std::vector<std::string>{"tiny", "hello"}));
    EXPECT_EQ(parsed({"run", "tiny", "--think=high"})->value("--think"), "high");
    EXPECT_EQ(parsed({"run", "tiny", "--think=false"})->value("--think"), "false");
}

}  // namespace
}  // namespace lar::cli
