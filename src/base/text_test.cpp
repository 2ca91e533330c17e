#include "base/text.h"

#include <gtest/gtest.h>

#include "base/identity.h"

namespace lar {
namespace {

using namespace std::string_literals;

TEST(Text, LinesLoseTheirEndsAndNothingElse) {
    EXPECT_EQ(split_lines("a\r\nb\n\nc").size(), 4U);
    EXPECT_EQ(split_lines("a\r\nb\n\nc")[0], "a");
    EXPECT_EQ(split_lines("a\n").size(), 1U);
    EXPECT_TRUE(split_lines("").empty());
    EXPECT_EQ(split("a,,b", ',').size(), 3U);
    EXPECT_EQ(trim(" \t x y \n"), "x y");
}

TEST(Text, Utf8IsJudgedAsRfc3629Does) {
    for (const auto& good : {"plain"s, "\xc3\xa9"s, "\xe2\x82\xac"s, "\xf0\x9f\x98\x80"s, "\xf4\x8f\xbf\xbf"s})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const auto& bad : {"\x80"s, "\xc0\x80"s, "\xc1\xbf"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s, "\xf0\x80\x80\x80"s,
                            "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xe2\x82"s, "\xff"s})
        EXPECT_FALSE(is_utf8(bad));
}

TEST(Text, LossyConversionReplacesOnlyTheIllFormedBytes) {
    EXPECT_EQ(to_utf8_lossy("a\xff\xc3\xa9"), "a\xef\xbf\xbd\xc3\xa9");
    EXPECT_TRUE(is_utf8(to_utf8_lossy("\xe2\x82 \xf0\x9f")));
}

TEST(Text, APrefixNeverCutsACodePoint) {
    EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 3), "a");
    EXPECT_EQ(utf8_prefix("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
    EXPECT_EQ(utf8_prefix("\xe2\x82\xac", 1), "");
}

TEST(Text, ControlCharactersDoNotReachATerminal) {
    EXPECT_EQ(printable("a\x1b[31m\tb\n"), "a [31m\tb\n");
    // The second set of them, which terminals obey in UTF-8 too; what comes right after it is no control character.
    EXPECT_EQ(printable("a\xc2\x9b[31m\xc2\x80\xc2\xa0é"), "a [31m \xc2\xa0é");
    // What is read from right to left as it is meant stays; what only turns the order around does not.
    EXPECT_EQ(printable("invoice\u202egpj.exe\u2066 שלום\u200f"), "invoice gpj.exe  שלום\u200f");
}

TEST(Identity, UuidsAreVersionSevenAndInTimeOrder) {
    const std::string early = new_uuid(1'000'000'000'000), late = new_uuid(1'700'000'000'000'000);
    ASSERT_EQ(early.size(), 36U);
    EXPECT_EQ(early[14], '7');
    EXPECT_LT(early, late);
    EXPECT_NE(new_uuid(5), new_uuid(5));
}

TEST(Identity, TheHashIsBlake2b256) {
    EXPECT_EQ(hash_hex(""), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    EXPECT_EQ(random_hex(16).size(), 32U);
}

}  // namespace
}  // namespace lar
