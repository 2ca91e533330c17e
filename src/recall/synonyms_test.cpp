#include "recall/synonyms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recall/everyday.h"
#include "recall/question.h"
#include "recall/testing.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(WordLists, a_section_ends_where_the_next_begins) {
    std::vector<std::string_view> lines;
    for_each_line("# head\n[de]\neins\n\n# zwei\ndrei\n[fr]\nquatre\n", "de",
                  [&](std::string_view line) { lines.push_back(line); });
    EXPECT_THAT(lines, ElementsAre("eins", "drei"));
}

TEST(WordLists, a_term_says_which_language_it_is_in) {
    EXPECT_EQ(language_of_term("haus~de"), index::Language::german);
    EXPECT_EQ(language_of_term("house"), index::Language::english);
    EXPECT_EQ(language_of_term("~"), index::Language::english);
    EXPECT_EQ(language_of_term("x~nobody"), index::Language::english);
}

TEST(Everyday, each_language_has_its_words) {
    const auto term = [](std::string_view word, index::Language language) {
        return index::analyse(word, language).at(0).term;
    };
    EXPECT_TRUE(is_everyday(term("happened", index::Language::english)));
    EXPECT_TRUE(is_everyday(term("gefunden", index::Language::german)));
    EXPECT_TRUE(is_everyday(term("случилось", index::Language::russian)));
    EXPECT_FALSE(is_everyday(term("Zeppelin", index::Language::german)));
    EXPECT_FALSE(is_everyday("gefund")) << "no word of English";
}

TEST(Synonyms, are_terms_of_their_language) {
    EXPECT_THAT(synonyms_in_language("kennwort~de"), Contains(Field(&Synonym::term, "passwort~de")));
    EXPECT_THAT(synonyms_in_language("kennwort"), IsEmpty());
    EXPECT_THAT(synonyms_in_language("kennwort~nl"), IsEmpty());
    EXPECT_THAT(synonyms_in_language("价格"), Contains(Field(&Synonym::term, "价钱")));
    EXPECT_THAT(synonyms_in_language("zeppelin~de"), IsEmpty());
}

TEST(Synonyms, who_says_the_same_by_another_word_finds_it) {
    Memory memory;
    for (int i = 0; i < 40; ++i)
        memory.file(std::to_string(i) + ".md",
                    "Das ist die Seite " + std::to_string(i) + " und sie handelt vom Wetter.");
    memory.file("zettel.md", "Das Passwort für den Router steht auf dem Zettel im Schrank.");
    auto reader = memory.reader();
    const QuestionTerms terms = must(informed_terms("Wo steht das Kennwort für den Router?", Wording::asked, reader));
    EXPECT_THAT(terms.aliases, Contains(Field(&Alias::term, "passwort~de")));
    const Recalled found =
        must(recall("Wo steht das Kennwort für den Router?", {}, {}, reader, standing_clock, greenwich));
    ASSERT_FALSE(found.candidates.empty());
    EXPECT_EQ(found.candidates[0].placed.document.path, "zettel.md");
    EXPECT_GE(found.answerable, least_answerable);
}

}  // namespace
}  // namespace lar::recall
