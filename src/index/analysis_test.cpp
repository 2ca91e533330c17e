#include "index/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "index/words.h"

namespace lar::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> terms(std::string_view text) {
    std::vector<std::string> terms;
    for (const Token& token : analyse(text)) terms.push_back(token.term);
    return terms;
}

TEST(analysis, words_are_folded_and_stemmed_and_stop_words_dropped) {
    EXPECT_THAT(terms("The Retries were CONNECTING to a pool."), ElementsAre("retri", "were", "connect", "pool"));
    EXPECT_EQ(terms_of("Connection pools, exhausted!"), "connect pool exhaust");
    EXPECT_THAT(terms("the of and"), IsEmpty());
}

TEST(analysis, an_identifier_gives_its_parts_and_its_whole) {
    EXPECT_THAT(terms("parseHttpHeader"), ElementsAre("pars", "http", "header", "parsehttphead"));
    EXPECT_THAT(terms("HTTPServer"), ElementsAre("http", "server", "httpserver"));
    EXPECT_THAT(terms("__init__"), ElementsAre("init"));
    EXPECT_THAT(terms("is_valid"), ElementsAre("valid", "isvalid"));
    EXPECT_THAT(terms("sha256"), ElementsAre("sha256"));
    EXPECT_THAT(terms("PDFs"), ElementsAre("pdf"));
}

TEST(analysis, spellings_of_one_identifier_share_its_whole) {
    const auto whole = terms("parseHttpHeader").back();
    EXPECT_EQ(terms("parse_http_header").back(), whole);
    EXPECT_EQ(terms("ParseHTTPHeader").back(), whole);
    EXPECT_EQ(terms("parsehttpheader").back(), whole);
}

TEST(analysis, names_joined_by_points_give_each_and_the_whole) {
    EXPECT_THAT(terms("src/store/database.cpp"), ElementsAre("src", "store", "databas", "cpp", "database.cpp"));
    EXPECT_THAT(terms("v1.2"), ElementsAre("v1", "2", "v1.2"));
    EXPECT_THAT(terms("store.open()"), ElementsAre("store", "open", "store.open"));
    EXPECT_THAT(terms("It ended. Then"), ElementsAre("end"));
}

TEST(analysis, acronyms_and_numbers_stay_whole) {
    EXPECT_THAT(terms("U.S. troops"), ElementsAre("us", "troop"));
    EXPECT_THAT(terms("3.14 and 10,000 and 300'000"), ElementsAre("3.14", "10000", "300000"));
    EXPECT_THAT(terms("1,2"), ElementsAre("1", "2"));
    EXPECT_THAT(terms("C++ or C#"), ElementsAre("c++", "c#"));
}

TEST(analysis, an_apostrophe_inside_a_word_is_dropped) {
    EXPECT_THAT(terms("Ana's mail"), ElementsAre("ana", "mail"));
    EXPECT_THAT(terms("Ana\u2019s mail"), ElementsAre("ana", "mail"));
    EXPECT_THAT(terms("don't 'quoted'"), ElementsAre("dont", "quot"));
}

TEST(analysis, unicode_is_folded) {
    EXPECT_EQ(terms("\u00C9lan M\u00DCLLER r\u00E9sum\u00E9"), terms("elan muller resume"));
    EXPECT_EQ(terms("\uFF26\uFF29\uFF2C\uFF25"), terms("file"));  // full width
    EXPECT_EQ(terms("Stra\u00DFe"), terms("strasse"));
    EXPECT_EQ(terms("\u041F\u0420\u0418\u0412\u0415\u0422"), terms("\u043F\u0440\u0438\u0432\u0435\u0442"));
    EXPECT_EQ(terms("o\uFB03ce"), terms("office"));  // a ligature
}

TEST(analysis, scripts_without_spaces_give_pairs) {
    EXPECT_THAT(terms("\u6771\u4EAC\u90FD"), ElementsAre("\u6771\u4EAC", "\u4EAC\u90FD"));
    EXPECT_THAT(terms("\u6771 x"), ElementsAre("\u6771", "x"));
    EXPECT_THAT(terms("GPU\u6771\u4EAC"), ElementsAre("gpu", "\u6771\u4EAC"));
}

TEST(analysis, spans_name_the_bytes_a_term_came_from) {
    const std::string_view text = "a parse_header, \u6771\u4EAC\u90FD";
    const auto tokens = analyse(text);
    ASSERT_EQ(tokens.size(), 5U);
    EXPECT_EQ(text.substr(tokens[0].first, tokens[0].last - tokens[0].first), "parse");
    EXPECT_TRUE(tokens[0].part);
    EXPECT_EQ(text.substr(tokens[2].first, tokens[2].last - tokens[2].first), "parse_header");
    EXPECT_FALSE(tokens[2].part);
    EXPECT_EQ(text.substr(tokens[4].first, tokens[4].last - tokens[4].first), "\u4EAC\u90FD");
}

TEST(analysis, long_words_are_cut_and_not_taken_apart) {
    const auto cut = terms(std::string(5000, 'q'));
    ASSERT_EQ(cut.size(), 1U);
    EXPECT_EQ(cut[0].size(), limit_term_bytes);
    std::string blob;
    for (int i = 0; i < 500; ++i) blob += "aBc9";
    EXPECT_EQ(terms(blob).size(), 1U);
}

void expect_sound(std::string_view text) {
    std::string joined;
    for (const Token& token : analyse(text)) {
        ASSERT_LT(token.first, token.last);
        ASSERT_LE(token.last, text.size());
        ASSERT_FALSE(token.term.empty());
        ASSERT_LE(token.term.size(), limit_term_bytes);
        ASSERT_EQ(token.term.find_first_of(" \n\t"), std::string::npos);
        ASSERT_TRUE(is_utf8(token.term));
        joined += (joined.empty() ? "" : " ") + token.term;
    }
    ASSERT_EQ(joined, terms_of(text));
}

// A quotation mark behind a word belongs to nothing, but has it looked at letter by letter.
TEST(analysis, a_plain_word_gives_what_it_gives_letter_by_letter) {
    std::mt19937 random(3);
    const std::string_view letters = "aeiostnrlcAESC";
    for (int round = 0; round < 20000; ++round) {
        std::string word;
        const auto size = 1 + random() % (round % 50 == 0 ? 70 : 9);
        for (std::size_t i = 0; i < size; ++i) word += letters[random() % (round % 3 == 0 ? 14 : 10)];
        if (round % 4 == 1) word[0] = static_cast<char>(word[0] & ~0x20);
        if (round % 4 == 2)
            for (char& c : word) c = static_cast<char>(c & ~0x20);
        for (const std::string_view end : {" ", ".", ". ", ", ", "-", ""})
            EXPECT_EQ(terms(word + std::string(end)), terms(word + "'")) << word << end;
    }
}

TEST(analysis, any_bytes_give_sound_terms) {
    std::mt19937 random(1);
    const std::string_view common = "aZ_.,'9 \n\xE2\x80\x99\xC3\xA9\xE6\x9D\xB1\xCC\x81#+";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        const auto size = random() % 80;
        for (std::size_t i = 0; i < size; ++i) {
            text += round % 2 == 0 ? static_cast<char>(random()) : common[random() % common.size()];
        }
        expect_sound(text);
    }
}

TEST(analysis, folding_what_is_folded_changes_nothing) {
    std::mt19937 random(2);
    for (char32_t code = 0x80; code < 0x30000; code += 1 + static_cast<char32_t>(random() % 7)) {
        if (code >= 0xD800 && code < 0xE000) continue;
        std::string text = "a";
        if (code < 0x800) {
            text += {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
        } else if (code < 0x10000) {
            text += {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
                     static_cast<char>(0x80 | (code & 0x3F))};
        } else {
            text += {static_cast<char>(0xF0 | (code >> 18)), static_cast<char>(0x80 | ((code >> 12) & 0x3F)),
                     static_cast<char>(0x80 | ((code >> 6) & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
        }
        const std::string once = fold(text);
        EXPECT_EQ(fold(once), once) << std::hex << static_cast<unsigned>(code);
        expect_sound(text);
    }
}

}  // namespace
}  // namespace lar::index
