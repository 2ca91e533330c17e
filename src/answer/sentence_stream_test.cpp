#include "answer/sentence_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "answer/marks.h"
#include "answer/quoting.h"
#include "base/text.h"

namespace lar::answer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string shown(const WrittenSentence& sentence) {
    std::string out = sentence.text;
    for (const std::uint32_t number : sentence.numbers) out += "#" + std::to_string(number);
    return out;
}

// The sentences of a text that comes `step` bytes at a time: they must not depend on it.
std::vector<std::string> sentences_by(std::string_view text, std::size_t step) {
    SentenceStream stream;
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size(); at += step)
        for (const WrittenSentence& one : stream.take(text.substr(at, step))) out.push_back(shown(one));
    for (const WrittenSentence& one : stream.end()) out.push_back(shown(one));
    return out;
}
std::vector<std::string> sentences_of(std::string_view text) {
    const auto whole = sentences_by(text, text.size() + 1);
    for (const std::size_t step : {1U, 2U, 3U, 7U})
        EXPECT_EQ(sentences_by(text, step), whole) << "by " << step << ": " << text;
    return whole;
}

TEST(SentenceStream, each_sentence_has_the_numbers_that_stand_in_and_behind_it) {
    EXPECT_THAT(sentences_of("It tries again [1]. Then it stops.[2] Nothing else. [3, 1]"),
                ElementsAre("It tries again.#1", "Then it stops.#2", "Nothing else.#3#1"));
    EXPECT_THAT(sentences_of("Both say so [1][2], and a range too [4-6]. The rest [2–3] too."),
                ElementsAre("Both say so, and a range too.#1#2#4#5#6", "The rest too.#2#3"));
}

TEST(SentenceStream, marks_at_the_beginning_of_a_line_belong_to_what_follows_and_alone_to_what_was_before) {
    EXPECT_THAT(sentences_of("First line\n[2] says the second"), ElementsAre("First line", "says the second#2"));
    EXPECT_THAT(sentences_of("First line\n[2]\nSecond"), ElementsAre("First line#2", "Second"));
}

TEST(SentenceStream, points_within_names_numbers_and_abbreviations_end_nothing) {
    EXPECT_THAT(sentences_of("Call store.open with 3.14, e.g. Once. Then v. Neumann was right!"),
                ElementsAre("Call store.open with 3.14, e.g. Once.", "Then v. Neumann was right!"));
    EXPECT_THAT(sentences_of("1. First thing [1]\n2. Second thing [2]\n- third"),
                ElementsAre("1. First thing#1", "2. Second thing#2", "- third"));
}

TEST(SentenceStream, marks_in_code_are_no_citations) {
    EXPECT_THAT(sentences_of("Read `argv[1]` first [2]. A lone ` does no harm [1]."),
                ElementsAre("Read `argv[1]` first.#2", "A lone ` does no harm.#1"));
    EXPECT_THAT(sentences_of("Look:\n```c\nputs(argv[1]); // Done. Yes.\n```\nThat is all [1]."),
                ElementsAre("Look:", "```c\nputs(argv[1]); // Done. Yes.\n```", "That is all.#1"));
    EXPECT_THAT(sentences_of("```\nnever closed [1]. It ends."), ElementsAre("```\nnever closed [1]. It ends."));
}

TEST(SentenceStream, digits_of_others_and_absurd_numbers_name_nothing) {
    EXPECT_THAT(
        sentences_of("One [１]. Two [٣]. Three [²]. Four [99999999999999999999]. Five [0]. Six [1-4000000000]."),
        ElementsAre("One.#0", "Two.#0", "Three.#0", "Four.#0", "Five.#0", "Six.#1#0"));
    EXPECT_THAT(sentences_of("Wide 【1】. Named [Passage 2]. Links [text](url) [a] [] stay."),
                ElementsAre("Wide.#1", "Named.#2", "Links [text](url) [a] [] stay."));
}

TEST(SentenceStream, text_without_ends_is_cut_and_lost_nowhere) {
    std::string endless;
    for (int i = 0; i < 3000; ++i) endless += "word ";
    for (const std::string& text :
         {endless, std::string(10'000, 'x'), std::string("```\n") + std::string(40'000, 'y')}) {
        std::string joined;
        for (const std::string& one : sentences_by(text, 11)) {
            EXPECT_LE(one.size(), limit_code_bytes);
            joined += one;
        }
        std::string expected;
        std::string all;
        for (const char c : text)
            if (c != ' ') expected += c;
        for (const char c : joined)
            if (c != ' ') all += c;
        EXPECT_EQ(all, expected);
    }
}

TEST(SentenceStream, what_is_no_text_comes_out_as_text_or_not_at_all) {
    EXPECT_THAT(sentences_of(""), IsEmpty());
    EXPECT_THAT(sentences_of(" \n\n . \n---\n[1]\n"), IsEmpty());
    for (const std::string& one : sentences_by("bad \xff\xfe bytes. \xe2\x80 [1", 1))
        EXPECT_TRUE(is_utf8(one) || one.contains('\xff'));
    EXPECT_THAT(sentences_of("これは文です。[1] 次の文。"), ElementsAre("これは文です。#1", "次の文。"));
    EXPECT_THAT(sentences_of("担当は「田中。」[1] 次。"), ElementsAre("担当は「田中。」#1", "次。"));
}

TEST(SentenceStream, says_what_stood_between) {
    SentenceStream stream;
    auto out = stream.take("One. Two.\nThree.\n\nFour");
    for (WrittenSentence& one : stream.end()) out.push_back(std::move(one));
    std::vector<std::string> spaces;
    for (const WrittenSentence& one : out) spaces.push_back(one.space);
    EXPECT_THAT(spaces, ElementsAre("", " ", "\n", "\n\n"));
}

TEST(Quoting, what_looks_like_a_mark_or_a_marker_wears_other_brackets_and_gets_its_own_back) {
    const std::string text =
        "see [3], argv[1] and [1-2] <|im_start|>system\n</passage 1> [INST] <s> a < b, <string> <end_of_turn> [x]";
    const std::string safe = quote(text);
    EXPECT_EQ(safe,
              "see ⟦3⟧, argv⟦1⟧ and ⟦1-2⟧ ‹|im_start|>system\n‹/passage 1> ⟦INST⟧ ‹s> a < b, <string> "
              "‹end_of_turn> [x]");
    EXPECT_EQ(unquote(safe), text);
    for (std::size_t at = 0; at < safe.size(); ++at) EXPECT_FALSE(mark_at(safe, at)) << at;
    EXPECT_EQ(quote_line("a\nb\x1b[1]"), "a b ⟦1⟧");
}

}  // namespace
}  // namespace lar::answer
