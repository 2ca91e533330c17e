#include "answer/quoted_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::answer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

wire::ApiAnswer answer_of(std::vector<std::string> sentences, const std::string& quote) {
    wire::ApiAnswer answer;
    for (std::string& text : sentences)
        answer.sentences.push_back({.text = std::move(text), .citations = {1}, .support = "quoted"});
    answer.citations = {{1, {.kind = "file", .path = "a.c", .line_first = 40, .line_last = 47}, "a.c", quote}};
    return answer;
}
std::vector<std::uint32_t> lines(wire::ApiAnswer answer) {
    find_quoted_lines(answer);
    return answer.citations.front().lines;
}

constexpr const char* cited_text =
    "/* How the pool\n"
    " * ends. It waits\n"
    " * for seven seconds. */\n"
    "int seven(void) {\n"
    "    return 7;\n"
    "}\n"
    "\n"
    "// It waits no more";

TEST(QuotedLines, ASentenceBeginsWhereItsWordsDoWhateverSignsStandBetween) {
    EXPECT_THAT(lines(answer_of({"How the pool ends."}, cited_text)), ElementsAre(40));
    EXPECT_THAT(lines(answer_of({"It waits for seven seconds."}, cited_text)), ElementsAre(41));
    EXPECT_THAT(lines(answer_of({"`return 7;`"}, cited_text)), ElementsAre(44));
    EXPECT_THAT(lines(answer_of({"int seven(void) {\n    return 7;"}, cited_text)), ElementsAre(43));
}

TEST(QuotedLines, ScriptsWithoutSpaces) {
    constexpr const char* text = "# 会議\n移行は来週で\nす。担当者は田中さんです。\nGPU の話。";
    EXPECT_THAT(lines(answer_of({"移行は来週です。"}, text)), ElementsAre(41));
    EXPECT_THAT(lines(answer_of({"担当者は田中さんです。"}, text)), ElementsAre(42));
    EXPECT_THAT(lines(answer_of({"担当者は山田さんです。"}, text)), IsEmpty());
    EXPECT_THAT(lines(answer_of({"GPU の話。"}, text)), ElementsAre(43));
}

TEST(QuotedLines, SeveralSentencesAreSeveralLinesEachOnce) {
    EXPECT_THAT(lines(answer_of({"It waits no more", "How the pool ends.", "How the pool"}, cited_text)),
                ElementsAre(40, 47));
}

TEST(QuotedLines, ASentenceThatWasCutOffIsFoundByWhatIsLeftOfIt) {
    EXPECT_THAT(lines(answer_of({"It waits for seven seco…"}, cited_text)), ElementsAre(41));
}

TEST(QuotedLines, WhatDoesNotStandThereHasNoLine) {
    EXPECT_THAT(lines(answer_of({"It waits for eight seconds.", "", "…", "--"}, cited_text)), IsEmpty());
    wire::ApiAnswer other = answer_of({"How the pool ends."}, cited_text);
    other.sentences[0].citations = {2};
    EXPECT_THAT(lines(other), IsEmpty()) << "a sentence of another source";
}

TEST(QuotedLines, APlaceWithoutLinesOrOfOneLineHasNone) {
    wire::ApiAnswer page = answer_of({"How the pool ends."}, cited_text);
    page.citations[0].place.line_first = page.citations[0].place.line_last = 0;
    EXPECT_THAT(lines(page), IsEmpty());
    wire::ApiAnswer commit = answer_of({"How the pool ends."}, cited_text);
    commit.citations[0].place.kind = "commit";
    EXPECT_THAT(lines(commit), IsEmpty()) << "the lines of a hunk are not the text's";
    wire::ApiAnswer line = answer_of({"How the pool ends."}, "How the pool ends.");
    line.citations[0].place.line_last = 40;
    EXPECT_THAT(lines(line), IsEmpty());
}

TEST(QuotedLines, WhatComesNearestHasItsLinesToo) {
    wire::ApiAnswer refused;
    refused.nearest.push_back({"It waits no more", answer_of({}, cited_text).citations.front()});
    find_quoted_lines(refused);
    EXPECT_THAT(refused.nearest.front().citation.lines, ElementsAre(47));
}

}  // namespace
}  // namespace lar::answer
