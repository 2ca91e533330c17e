#include "recall/misspelt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recall/question.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::IsEmpty;

TEST(Misspelt, the_nearest_and_then_the_most_frequent_is_meant) {
    const std::vector<index::HeldTerm> held = {{"databas", 9}, {"datatyp", 40}, {"dataset", 5}, {"datum", 90}};
    EXPECT_EQ(meant_by("dataest", held), "dataset") << "swapped";
    EXPECT_EQ(meant_by("chnage", {{"chang", 9}}), "chang") << "chnaged";
    EXPECT_EQ(meant_by("databs", held), "databas") << "left out";
    EXPECT_EQ(meant_by("dattaset", held), "dataset") << "put in";
    EXPECT_EQ(meant_by("dataxet", held), "dataset") << "changed";
    EXPECT_EQ(meant_by("datascr", held), "") << "two in a short word";
    EXPECT_EQ(meant_by("dat", held), "") << "too short";
    EXPECT_EQ(meant_by("configurtino", {{"configuration", 3}, {"configure", 90}}), "configuration")
        << "two in a long word";
    EXPECT_EQ(meant_by("databs", {{"databas", 1}}), "") << "too rare";
    EXPECT_EQ(meant_by("übr", {{"über", 3}}), "") << "too short";
    EXPECT_EQ(meant_by("überfal", {{"überfall", 3}}), "überfall");
    EXPECT_EQ(meant_by("kennwrt~de", {{"kennwort~de", 3}, {"kennwort", 9}}), "kennwort~de");
    EXPECT_EQ(meant_by(std::string(60, 'a'), {{std::string(61, 'a'), 9}}), "");
}

TEST(Misspelt, what_no_passage_holds_is_searched_as_what_was_meant) {
    Memory memory;
    for (int i = 0; i < 30; ++i)
        memory.file(std::to_string(i) + ".md", "Page " + std::to_string(i) + " on the weather.");
    memory.file("pool.md", "The connection pool holds sixteen connections to the database.");
    memory.file("other.md", "Every connection to the database is logged.");
    auto reader = memory.reader();
    const QuestionTerms terms = must(informed_terms("how large is the conection pool?", Wording::asked, reader));
    ASSERT_EQ(terms.misspelt.size(), 1U);
    EXPECT_EQ(terms.misspelt[0].word, "conection");
    EXPECT_EQ(terms.misspelt[0].meant, "connect");
    const Recalled found = must(recall("how large is the conection pool?", {}, {}, reader, standing_clock, greenwich));
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(found.candidates[0].placed.document.path, "pool.md");
    EXPECT_GE(found.answerable, least_answerable);
    EXPECT_THAT(found.understood.hints, testing::Contains("\"conection\" is nowhere: taken for \"connect…\""));
}

TEST(Misspelt, what_is_right_or_asked_for_as_it_is_stays) {
    Memory memory;
    for (int i = 0; i < 3; ++i) memory.file(std::to_string(i) + ".md", "The roster keeps the connection open.");
    auto reader = memory.reader();
    ASSERT_EQ(meant_by("router", must(reader.terms_beginning({{"ro"}}, [](std::string_view) { return true; }))),
              "roster");
    EXPECT_THAT(must(informed_terms("where is the router?", Wording::asked, reader)).misspelt, IsEmpty())
        << "a word that Lar knows";
    EXPECT_THAT(must(informed_terms("a conection", Wording::asked, reader)).misspelt, testing::SizeIs(1));
    EXPECT_THAT(must(informed_terms("a conection", Wording::plain, reader)).misspelt, IsEmpty());
}

TEST(Misspelt, a_word_that_is_said_rightly_too_is_searched_once) {
    Memory memory;
    for (int i = 0; i < 3; ++i) memory.file(std::to_string(i) + ".md", "The landlord keeps the connection open.");
    auto reader = memory.reader();
    const QuestionTerms terms = must(informed_terms("is the conection the connection?", Wording::asked, reader));
    EXPECT_THAT(terms.misspelt, testing::SizeIs(1));
    for (const Alias& alias : terms.aliases) EXPECT_NE(alias.term, "connect");
}

TEST(Misspelt, words_are_compared_within_their_language_and_with_words_alone) {
    EXPECT_EQ(meant_by("kennwrt~de", {{"kennwort~da", 9}}), "");
    EXPECT_EQ(meant_by("versionx", {{"version2", 9}}), "");
}

}  // namespace
}  // namespace lar::recall
