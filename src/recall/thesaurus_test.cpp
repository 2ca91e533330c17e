#include "recall/thesaurus.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace lar::recall {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> terms(std::string_view question) {
    std::vector<std::string> found;
    for (const OtherWord& other : other_words(question, Led::far)) found.push_back(other.term);
    return found;
}

OtherWord other_word(std::string_view question, std::string_view term) {
    for (OtherWord& other : other_words(question, Led::far))
        if (other.term == term) return std::move(other);
    return {};
}

TEST(Thesaurus, APhraseMeansAWordThatTheQuestionDoesNotHave) {
    const std::string_view question = "Why was the shared pool taken out again?";
    const OtherWord revert = other_word(question, "revert");
    EXPECT_EQ(revert.nearness, Nearness::phrase);
    ASSERT_EQ(revert.said_by.size(), 3U);
    EXPECT_EQ(question.substr(revert.said_by[0].first, 5), "taken");
    EXPECT_EQ(question.substr(revert.said_by[2].first, 5), "again");
}

TEST(Thesaurus, OtherWordsMayStandBetweenThoseOfAPhraseButNotMany) {
    EXPECT_THAT(terms("what was taken right out of it again"), Contains("revert"));
    EXPECT_THAT(terms("what was taken to the shop and carried out there by them, and again"), Not(Contains("revert")));
    EXPECT_THAT(terms("again it was out, not taken"), Not(Contains("revert")));
}

TEST(Thesaurus, AWordIsFoundInAnyOfItsForms) {
    EXPECT_THAT(terms("which folders are deleted"), Contains("directori"));
    EXPECT_THAT(terms("which folders are deleted"), Contains("remov"));
    EXPECT_EQ(other_word("the regexp", "regex").nearness, Nearness::same);
    EXPECT_EQ(other_word("my password", "credenti").nearness, Nearness::related);
}

TEST(Thesaurus, WhatIsSaidIsNotOfferedAndNothingTwice) {
    const auto found = terms("is a deleted folder removed, or is its directory kept when it is deleted?");
    EXPECT_THAT(found, Not(Contains("remov")));
    EXPECT_THAT(found, Not(Contains("directori")));
    auto once = found;
    std::ranges::sort(once);
    EXPECT_EQ(std::ranges::adjacent_find(once), once.end());
}

TEST(Thesaurus, AnyTextMayBeAsked) {
    for (const std::string_view text :
         {"", " ", "the of", "xyzzy", "taken", "taken out", "\xff\xfe", "日本語", "a'b''", "____"})
        for (const OtherWord& other : other_words(text, Led::far)) EXPECT_FALSE(other.said_by.empty()) << text;
    EXPECT_THAT(other_words("xyzzy plugh", Led::far), IsEmpty());
    EXPECT_THAT(terms(std::string(100'000, 'a')), IsEmpty());
}

TEST(Thesaurus, SignsOfTypographyBelongToNoWord) {
    EXPECT_THAT(terms("why \u201ctaken out again\u201d?"), Contains("revert"));
    EXPECT_THAT(terms("taken\u2014out\u2026again"), Contains("revert"));
}

TEST(Thesaurus, ShortWordsAndThoseWhoseStemsChangeAreFoundInAnyForm) {
    for (const std::string_view question : {"can it use all cores", "is it using all cores", "it used all its cores"})
        EXPECT_THAT(terms(question), Contains("parallel")) << question;
}

TEST(Thesaurus, ManyWordsAreLookedUpToALimit) {
    std::string many;
    for (std::size_t i = 0; i < 2048; ++i) many += "how ";
    EXPECT_LE(other_words(many, Led::far).size(), limit_other_words);
    EXPECT_THAT(terms(many + "delete"), Not(Contains("remov")));
}

TEST(Thesaurus, WhatIsNearIsNotLedToFromAfar) {
    for (const OtherWord& other : other_words("was the folder taken out again after a crash", Led::near))
        EXPECT_NE(other.nearness, Nearness::phrase) << other.term;
}

TEST(Thesaurus, OfOneWordOnlyTheFamilyIsNear) {
    const auto led_to = [](std::string_view question, Led led) {
        std::vector<std::string> found;
        for (const OtherWord& other : other_words(question, led)) found.push_back(other.term);
        return found;
    };
    for (const auto& [asked, found] : {std::pair("january", "jan"), std::pair("element", "elem")}) {
        EXPECT_THAT(led_to(asked, Led::far), Contains(found));
        EXPECT_THAT(led_to(asked, Led::near), Not(Contains(found)));
    }
    EXPECT_THAT(led_to("thrown", Led::near), Contains("throw"));
}

TEST(Thesaurus, OneTermHasWhatGoesWithItAlone) {
    EXPECT_THAT(synonyms_of("delet"), Contains("remov"));
    EXPECT_THAT(synonyms_of("delet"), Not(Contains("delet")));
    EXPECT_THAT(synonyms_of("taken"), Not(Contains("revert")));
    EXPECT_THAT(terms("a crash"), Contains("segfault"));
    EXPECT_THAT(synonyms_of("crash"), Not(Contains("segfault"))) << "it may be found by it, and is not the same";
    EXPECT_THAT(synonyms_of("xyzzi"), IsEmpty());
}

}  // namespace
}  // namespace lar::recall
