#include "inference/text_stream.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace lar::inference {
namespace {

using Stops = TextStream::Stops;

TEST(TextStream, PlainTextLeavesAtOnce) {
    TextStream stream({"STOP"});
    const TextStream::Out out = stream.push("Hello", Stops::count);
    EXPECT_EQ(out.text, "Hello");
    EXPECT_EQ(out.tokens, 1U);
    EXPECT_FALSE(out.stopped_by);
}

TEST(TextStream, ACharacterIsNeverSplit) {
    TextStream stream({});
    EXPECT_EQ(stream.push("n\xC3", Stops::count).text, "n");
    const TextStream::Out rest = stream.push("\xA9v", Stops::count);
    EXPECT_EQ(rest.text, "\xC3\xA9v");
    EXPECT_EQ(rest.tokens, 2U);
    EXPECT_EQ(stream.push("\xF0\x9F\x98", Stops::count).text, "");
    const std::string never = stream.finish().text;
    EXPECT_TRUE(never.starts_with("\xEF\xBF\xBD") && is_utf8(never)) << "what never became a character";
}

TEST(TextStream, BytesThatAreNoCharacterComeOutAsReplacements) {
    TextStream stream({});
    std::string text = stream.push("a\xFF\xC3(", Stops::count).text + stream.finish().text;
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(text.front(), 'a');
    EXPECT_EQ(text.back(), '(');
}

TEST(TextStream, AStopStringIsFoundAcrossTokensAndNothingOfItLeaves) {
    TextStream stream({"END", "\nUser:"});
    EXPECT_EQ(stream.push("fine\n", Stops::count).text, "fine");
    EXPECT_EQ(stream.push("Us", Stops::count).text, "");
    const TextStream::Out out = stream.push("er: more", Stops::count);
    EXPECT_EQ(out.text, "");
    EXPECT_EQ(out.stopped_by, "\nUser:");
}

TEST(TextStream, WhatOnlyBeganLikeAStopStringLeavesWhenItIsNone) {
    TextStream stream({"\nUser:"});
    EXPECT_EQ(stream.push("a\nUs", Stops::count).text, "a");
    const TextStream::Out out = stream.push("ed", Stops::count);
    EXPECT_EQ(out.text, "\nUsed");
    EXPECT_EQ(out.tokens, 2U);
    EXPECT_EQ(stream.push("\nUse", Stops::count).text, "");
    EXPECT_EQ(stream.finish().text, "\nUse");
}

TEST(TextStream, TheEarliestOfSeveralStopStringsCounts) {
    TextStream stream({"bb", "a"});
    const TextStream::Out out = stream.push("xabb", Stops::count);
    EXPECT_EQ(out.text, "x");
    EXPECT_EQ(out.stopped_by, "a");
}

TEST(TextStream, BeforeTheLeastNumberOfTokensStopStringsAreText) {
    TextStream stream({"END"});
    EXPECT_EQ(stream.push("END", Stops::do_not_count).text, "END");
    EXPECT_EQ(stream.push("END", Stops::count).stopped_by, "END");
}

TEST(TextStream, HoweverTheBytesAreCutTheTextIsTheSame) {
    const std::string whole = "Das ist só fácil: 日本語, \xF0\x9F\x98\x80 and the END of it";
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        TextStream stream({"END", "EN!", "the E?"});
        std::string text;
        std::uint32_t tokens = 0, pushed = 0;
        std::optional<std::string> stopped_by;
        for (std::size_t place = 0; place < whole.size() && !stopped_by;) {
            const std::size_t size = 1 + random() % 7;
            const TextStream::Out out = stream.push(whole.substr(place, size), Stops::count);
            EXPECT_TRUE(is_utf8(out.text));
            text += out.text;
            tokens += out.tokens;
            stopped_by = out.stopped_by;
            ++pushed;
            place += size;
        }
        EXPECT_EQ(stopped_by, "END");
        EXPECT_EQ(text, whole.substr(0, whole.find("END")));
        EXPECT_LE(tokens, pushed);
    }
}

}  // namespace
}  // namespace lar::inference
