#include "sources/files/passages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/format.h"
#include "base/text.h"
#include "store/languages.h"
#include "store/reindexing.h"

namespace lar::sources {
namespace {

// The promise of the header: in order, every line but blank ones between, each line once.
void expect_whole(const std::string& text, TextShape shape) {
    const std::vector<std::string_view> lines = split_lines(text);
    std::uint32_t next = 1;
    for (const Cut& cut : cut_passages(text, shape)) {
        ASSERT_LE(cut.line_first, cut.line_last);
        for (; next < cut.line_first; ++next)
            ASSERT_EQ(trim(lines[next - 1]), "") << "line " << next << " is in no passage";
        std::string joined;
        for (std::uint32_t n = cut.line_first; n <= cut.line_last; ++n)
            joined += std::string(lines[n - 1]) + (n < cut.line_last ? "\n" : "");
        const bool piece_of_line = cut.line_first == cut.line_last && cut.text.size() < joined.size();
        if (piece_of_line)
            ASSERT_TRUE(joined.contains(cut.text));
        else
            ASSERT_EQ(cut.text, joined);
        next = std::max(next, cut.line_last + 1);
    }
    for (; next <= lines.size(); ++next) ASSERT_EQ(trim(lines[next - 1]), "") << "line " << next << " is in no passage";
}

TEST(Passages, TheirWordsAreTheSameWhenTheStoreMakesThemAgain) {
    const std::string english = "# The pool\n\nIt keeps connections.\n\n## Limits\n\nAt most `maxSize` of them.\n";
    const std::string german = "# Der Vorrat\n\nEr hält die Verbindungen.\n\n## Grenzen\n\nHöchstens `maxSize`.\n";
    const store::Document document{.path = "docs/pool.md", .title = "Was nicht in der Liste steht"};
    auto passages = new_passages(english, document.path, document.title, TextShape::markup);
    passages.append_range(new_passages(german, document.path, document.title, TextShape::markup));
    EXPECT_TRUE(passages.back().indexed.body.ends_with("~de")) << passages.back().indexed.body;
    for (const store::NewPassage& each : passages) {
        const store::IndexedText again =
            store::indexed_again(document, each.passage, store::language_of(document, each.passage));
        EXPECT_EQ(again.title, each.indexed.title);
        EXPECT_EQ(again.path, each.indexed.path);
        EXPECT_EQ(again.context, each.indexed.context);
        EXPECT_EQ(again.body, each.indexed.body);
    }
}

TEST(Passages, EveryLineOfAnyTextStandsInExactlyOnePassage) {
    std::mt19937 random(7);
    const std::vector<std::string> pieces = {"",
                                             "",
                                             "# Heading",
                                             "## Sub",
                                             "    indented();",
                                             "int main() {",
                                             "}",
                                             "A sentence. Another one.",
                                             "// comment",
                                             "====",
                                             "----",
                                             "```",
                                             "\tx = 1",
                                             std::string(300, 'w'),
                                             "* item",
                                             "- another",
                                             "3. third",
                                             "| a | b |",
                                             "|---|---|",
                                             "class A:",
                                             " \t"};
    for (int round = 0; round < 400; ++round) {
        std::string text;
        for (unsigned i = 0; i < random() % 150; ++i) text += pieces[random() % pieces.size()] + "\n";
        if (round % 3 == 0 && !text.empty()) text.pop_back();
        for (const TextShape shape : {TextShape::prose, TextShape::markup, TextShape::code}) expect_whole(text, shape);
    }
}

TEST(Passages, MarkdownIsCutAtHeadingsAndNamesThePathOfThem) {
    const std::string body(700, 'x');
    const std::string text = lar::format("# Book\n\n{0}\n\n## One\n\n{0}\n\n### Deep\n\n{0}\n\n## Two\n\n{0}\n", body);
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_EQ(cuts.size(), 4U);
    EXPECT_EQ(cuts[0].context, "Book");
    EXPECT_EQ(cuts[1].context, "Book > One");
    EXPECT_EQ(cuts[1].line_first, 5U);
    EXPECT_EQ(cuts[2].context, "Book > One > Deep");
    EXPECT_EQ(cuts[3].context, "Book > Two");
    EXPECT_EQ(title_of(text, "docs/x.md", TextShape::markup), "Book");
}

TEST(Passages, HeadingsOfHtmlAreHeadingsInMarkdown) {
    const std::string body(700, 'x');
    const std::string text = lar::format(
        "<h1 align=\"center\"><img src=\"logo.png\"></h1>\n<h1 align=\"center\"><a href=\"/\">Book</a></h1>\n\n{0}\n\n"
        "<h3 name=\"one\">\nHow is one done?\n</h3>\n\n{0}\n\n<h3>How is two done?</h3>\n\n{0}\n",
        body);
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_EQ(cuts.size(), 3U);
    EXPECT_EQ(cuts[1].context, "Book > How is one done?");
    EXPECT_EQ(cuts[1].line_first, 6U);  // with its tag
    EXPECT_EQ(cuts[2].context, "Book > How is two done?");
    EXPECT_EQ(title_of(text, "README.md", TextShape::markup), "Book");
}

TEST(Passages, APictureInAHeadingOfHtmlMakesNoHeadingOfWhatFollows) {
    const std::string body(700, 'x');
    const std::string text = "<h1 align=\"center\"><img src=\"logo.png\"></h1>\nIt is fast.\n\n" + body +
                             "\n\n<h2>\n  <a href=\"/\">Use</a>\n</h2>\n\n" + body + "\n";
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_EQ(cuts.size(), 2U);
    EXPECT_EQ(cuts[0].context, "");
    EXPECT_EQ(cuts[1].context, "Use");
}

TEST(Passages, SmallSectionsAreJoinedWithTheirNeighbours) {
    const std::vector<Cut> cuts = cut_passages("# A\n\nshort\n\n# B\n\nshort\n", TextShape::markup);
    ASSERT_EQ(cuts.size(), 1U);
    EXPECT_EQ(cuts[0].line_last, 7U);
}

TEST(Passages, ALongListIsCutBetweenItsItems) {
    std::string text = "# Things\n\n";
    for (int i = 0; i < 60; ++i) text += lar::format("- thing {} is described here,\n  over two lines\n", i);
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_GE(cuts.size(), 2U);
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        EXPECT_TRUE(cuts[i].text.starts_with("- thing")) << cuts[i].text;
        EXPECT_EQ(cuts[i].context, "Things");
    }
}

TEST(Passages, ALongTableIsCutBetweenRowsAndItsHeadStandsAboveThem) {
    std::string text = "# Ports\n\nWhat listens where.\n\n| port | service |\n|---|---|\n";
    for (int i = 0; i < 99; ++i)
        text += lar::format("| {} | the service of number {}, which is described here |\n", 8000 + i, i);
    text += "\nNothing else.\n";
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_GE(cuts.size(), 3U);
    EXPECT_EQ(cuts[0].context, "Ports");
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        EXPECT_TRUE(cuts[i].text.starts_with("| 80")) << cuts[i].text;
        EXPECT_EQ(cuts[i].context, "Ports > | port | service |");
    }
}

TEST(Passages, WhatLooksLikeAListOrATableWithinAFenceIsNone) {
    std::string text = "# Code\n\n```\n";
    for (int i = 0; i < 30; ++i) text += "| a | b |\n|---|---|\n- item\n";
    const std::vector<Cut> cuts = cut_passages(text + "```\n", TextShape::markup);
    for (const Cut& cut : cuts) EXPECT_EQ(cut.context, "Code");
}

TEST(Passages, UnderlinedHeadingsOfRestructuredTextAreHeadings) {
    const std::string body(700, 'x');
    const std::string text =
        lar::format("=====\nTitle\n=====\n\n{0}\n\nPart\n----\n\n{0}\n\nDetail\n~~~~~~\n\n{0}\n", body);
    const std::vector<Cut> cuts = cut_passages(text, TextShape::markup);
    ASSERT_EQ(cuts.size(), 3U);
    EXPECT_EQ(cuts[0].line_first, 1U);
    EXPECT_EQ(cuts[1].context, "Title > Part");
    EXPECT_EQ(cuts[2].context, "Title > Part > Detail");
    EXPECT_EQ(title_of(text, "loop.rst", TextShape::markup), "Title");
}

TEST(Passages, ALongFunctionKeepsTheLinesThatOpenItAsContext) {
    std::string text = "class Store {\n    void open(int path) {\n";
    for (int i = 0; i < 120; ++i) text += lar::format("        step_number_{}(path);\n{}", i, i % 10 == 9 ? "\n" : "");
    text += "    }\n};\n";
    const std::vector<Cut> cuts = cut_passages(text, TextShape::code);
    ASSERT_GE(cuts.size(), 3U);
    EXPECT_EQ(cuts[0].context, "");
    EXPECT_EQ(cuts[1].context, "class Store { > void open(int path) {");
    for (const Cut& cut : cuts) EXPECT_LE(cut.line_last - cut.line_first, 2 * passage_target_lines);
}

TEST(Passages, TheCommentAtTheHeadOfAFileStandsAlone) {
    const std::vector<Cut> cuts = cut_passages(
        "// What this is for.\n// How it is used.\n// What it refuses.\n#pragma once\n\nint f();\n", TextShape::code);
    ASSERT_EQ(cuts.size(), 2U);
    EXPECT_EQ(cuts[0].line_last, 3U);
    EXPECT_EQ(cuts[1].line_first, 4U);
}

TEST(Passages, OnlyALineThatAloneIsTooLongIsCutAndItsPiecesCarryItsNumber) {
    std::string line;
    while (line.size() < 3 * limit_line_bytes) line += "One more sentence of a very long paragraph. ";
    const std::string text = "first\n" + line + "\nlast\n";
    const std::vector<Cut> cuts = cut_passages(text, TextShape::prose);
    ASSERT_GT(cuts.size(), 8U);
    EXPECT_EQ(cuts[2].line_first, 2U);
    EXPECT_EQ(cuts[2].line_last, 2U);
    EXPECT_EQ(cuts.back().line_last, 3U);
    std::size_t bytes = 0;
    for (const Cut& cut : cuts) bytes += cut.text.size();
    EXPECT_GE(bytes + cuts.size() + 2, text.size());
}

TEST(Passages, WhatGoesToTheStoreIsAnalysedAndHashed) {
    const std::vector<store::NewPassage> passages =
        new_passages("int parse_header();\n", "src/http.h", "http.h", TextShape::code);
    ASSERT_EQ(passages.size(), 1U);
    EXPECT_TRUE(passages[0].indexed.body.contains("header"));
    EXPECT_TRUE(passages[0].indexed.path.contains("http"));
    EXPECT_EQ(passages[0].passage.hash.size(), 64U);
    EXPECT_EQ(passages[0].passage.text, "int parse_header();");
}

}  // namespace
}  // namespace lar::sources
