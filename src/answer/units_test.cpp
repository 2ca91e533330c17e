#include "answer/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace lar::answer {
namespace {

using testing::ElementsAre;

std::vector<Unit> units(const std::string& path, const std::string& text,
                        store::DocumentKind kind = store::DocumentKind::file) {
    store::PlacedPassage placed;
    placed.document.kind = kind;
    if (kind == store::DocumentKind::file)
        placed.document.path = path;
    else
        placed.passage.path = path;
    placed.passage.text = text;
    placed.passage.line_first = 10;
    return units_of(placed);
}
std::vector<std::string> texts(const std::vector<Unit>& units) {
    std::vector<std::string> found;
    for (const Unit& unit : units) found.push_back(unit.text);
    return found;
}

TEST(units, sentences_are_put_together_over_the_ends_of_lines) {
    const auto found = units(
        "a.md", "# Head\nOne goes on\nhere. Two, e.g. this, costs 3.5 to U.S. firms!\n\n- three\n  goes on\n- four\n");
    EXPECT_THAT(texts(found),
                ElementsAre("One goes on here.", "Two, e.g. this, costs 3.5 to U.S. firms!", "three goes on", "four"));
    EXPECT_EQ(found[0].line_first, 11U);
    EXPECT_EQ(found[0].line_last, 12U);
    EXPECT_EQ(found[1].line_first, 12U);
    EXPECT_EQ(found[2].line_first, 14U);
}

TEST(units, chinese_and_japanese_sentences_need_no_spaces) {
    const auto found = units("a.md", "担当者は田中さんで\nす。「いつ？」と聞いた！次は\nGPU の話。\n");
    EXPECT_THAT(texts(found), ElementsAre("担当者は田中さんです。", "「いつ？」", "と聞いた！", "次は GPU の話。"));
    EXPECT_EQ(found[0].line_last, 11U);
    EXPECT_EQ(found[3].line_first, 11U);
    EXPECT_THAT(texts(units("b.md", "首先，\n然后 (完)。”好\n")), ElementsAre("首先，然后 (完)。”", "好"));
}

TEST(units, a_table_gives_its_rows) {
    const auto found = units("a.md", "| name | size |\n|---|---|\n| head | 16 KiB |\n| body | 8 MiB |\n");
    EXPECT_THAT(texts(found), ElementsAre("head | 16 KiB", "body | 8 MiB"));
    EXPECT_EQ(found[0].form, Form::row);
}

TEST(units, code_in_a_text_is_kept_line_by_line) {
    const auto found = units("a.md", "Run this:\n\n```\nmake test\n```\n");
    EXPECT_THAT(texts(found), ElementsAre("Run this:", "make test"));
    EXPECT_EQ(found[1].form, Form::code);
}

TEST(units, comments_are_sentences_and_statements_are_code) {
    const auto found = units("a.cpp",
                             "// How often it tries\n// again. Then it gives up.\nconstexpr int limit = 7;  // "
                             "times\n\nint open(const char* path,\n         int flags) {\n}\n");
    EXPECT_THAT(texts(found),
                ElementsAre("How often it tries again.", "Then it gives up.", "constexpr int limit = 7;  // times",
                            "int open(const char* path,\n         int flags) {"));
    EXPECT_EQ(found[0].form, Form::sentence);
    EXPECT_EQ(found[2].form, Form::code);
    EXPECT_EQ(found[2].line_first, 12U);
    EXPECT_EQ(found[3].line_first, 14U);
    EXPECT_EQ(found[3].line_last, 15U);
}

TEST(units, comments_of_other_languages_are_read) {
    EXPECT_THAT(
        texts(units("a.py",
                    "def f():\n    \"\"\"Says why.\n\n    At length.\n    \"\"\"\n    # a remark\n    return 1\n")),
        ElementsAre("def f():", "Says why.", "At length.", "a remark", "return 1"));
    EXPECT_THAT(texts(units("a.c", "/* One\n * goes on.\n */\n#include <x.h>\nint a; /* it */\n")),
                ElementsAre("One goes on.", "#include <x.h>", "int a; /* it */"));
}

TEST(units, a_diff_gives_its_changed_lines_with_their_numbers) {
    const auto found = units("a.cpp", "@@ -3,2 +7,3 @@ int f()\n same\n+added\n-removed\n+also added\n }\n",
                             store::DocumentKind::commit);
    EXPECT_THAT(texts(found), ElementsAre("+ added", "- removed", "+ also added"));
    EXPECT_EQ(found[0].line_first, 8U);
    EXPECT_EQ(found[2].line_first, 9U);
}

TEST(units, a_commit_message_is_sentences_and_the_lines_below_it_their_own) {
    const auto message = [](const std::string& text) {
        store::PlacedPassage placed;
        placed.document.kind = store::DocumentKind::commit;
        placed.passage.text = text;
        return texts(units_of(placed));
    };
    EXPECT_THAT(
        message(
            "Retry poll(2)\n\nThis adds logic to retry when waiting for the\nconnection, e.g. after an\nadded signal. "
            "So it waits.\n\n    retry(7);\n    wait();\n\nSigned-off-by: Ana <a@x.org>\nCo-authored-by: Ben\n\n"
            "modified net.c (+3 -1)\nadded test.c (+9 -0)\n"),
        ElementsAre("Retry poll(2)",
                    "This adds logic to retry when waiting for the connection, e.g. after an added signal.",
                    "So it waits.", "retry(7);", "wait();", "Signed-off-by: Ana <a@x.org>", "Co-authored-by: Ben",
                    "modified net.c (+3 -1)", "added test.c (+9 -0)"));
}

TEST(units, any_bytes_give_bounded_pieces) {
    std::mt19937 random(4);
    const std::string_view common = "a. \n\n`#|-*/\"'()+@{};A1";
    for (const std::string path : {"a.md", "a.cpp", "a.py", "a.txt", "a.log"}) {
        for (int round = 0; round < 300; ++round) {
            std::string text;
            for (std::size_t i = random() % 400; i > 0; --i) text += common[random() % common.size()];
            for (const Unit& unit : units(path, text)) {
                EXPECT_FALSE(unit.text.empty());
                EXPECT_LE(unit.line_first, unit.line_last);
            }
        }
    }
    EXPECT_LE(units("a.txt", std::string(100'000, 'x') + ". ").size(), limit_units);
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "One. Two.\n";
    EXPECT_EQ(units("a.txt", many).size(), limit_units);
}

}  // namespace
}  // namespace lar::answer
