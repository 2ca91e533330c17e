#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "recall/question.h"
#include "recall/recall.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto german = std::to_array({index::Language::german});

std::vector<std::string> names(const QuestionTerms& terms) {
    std::vector<std::string> found;
    for (const QuestionTerm& term : terms.terms) found.push_back(term.term);
    return found;
}

class Languages : public testing::Test {
protected:
    Languages() {
        for (int i = 0; i < 40; ++i)
            memory_.file("notes/" + std::to_string(i) + ".md",
                         "ordinary words about page " + std::to_string(i) + " and the weather in town");
    }
    // The path of the best passage, if the question can be answered.
    std::string best(std::string_view question) {
        auto reader = memory_.reader();
        const Recalled found = must(recall(question, {}, {}, reader, standing_clock, greenwich));
        if (found.answerable < least_answerable || found.candidates.empty()) return "";
        return found.candidates[0].placed.document.path;
    }
    Memory memory_;
};

TEST_F(Languages, a_question_finds_other_forms_of_its_words_in_each_language) {
    memory_.file("de.md", "Wir haben das Haus am Fluss nicht verkauft, weil die Brücke dort gebaut wird.");
    memory_.file("fr.md", "Le cheval de mon voisin est dans le pré et il ne veut pas en sortir.");
    memory_.file("ru.md", "Он купил новую книгу о звёздах, и она ему очень понравилась.");
    memory_.file("en.md", "We will sell the horse to a farmer and buy a book about the stars with it.");
    EXPECT_EQ(best("Welche Häuser wurden verkauft?"), "de.md");
    EXPECT_EQ(best("Où sont les chevaux des voisins ?"), "fr.md");
    EXPECT_EQ(best("где книги про звезду"), "ru.md");
    EXPECT_EQ(best("who sells horses?"), "en.md");
}

TEST_F(Languages, a_question_without_spaces_need_not_have_its_grammar_in_the_answer) {
    memory_.file("ja.md", "来週の月曜日に新しいサーバーへ移行します。担当者は田中さんです。");
    memory_.file("zh.md", "缓存大小可以通过配置文件修改。空闲超过十分钟的连接会被关闭。");
    memory_.file("ko.md", "데이터베이스 백업은 매일 새벽 세 시에 실행됩니다.");
    EXPECT_EQ(best("サーバー移行の担当者は誰ですか？"), "ja.md");
    EXPECT_EQ(best("怎么修改缓存的大小"), "zh.md");
    EXPECT_EQ(best("空闲连接多久会被关闭？"), "zh.md");
    EXPECT_EQ(best("백업은 언제 실행되나요?"), "ko.md");
    EXPECT_EQ(best("給料日はいつですか"), "");
    EXPECT_EQ(best("机票多少钱？"), "");
    EXPECT_EQ(best("점심 메뉴는 무엇입니까"), "");
}

TEST_F(Languages, accents_may_be_left_out) {
    memory_.file("de.md", "Wir haben die Bücher über Störche gelesen, aber nicht alle waren gut.");
    EXPECT_EQ(best("bucher storch"), "de.md");
}

TEST_F(Languages, a_name_is_found_in_all_languages_and_in_code) {
    memory_.file("de.md", "Der Zeppelin ist über die Stadt geflogen, und wir haben ihm nachgesehen.");
    memory_.file("en.md", "The zeppelin flew over the town and we watched it.");
    memory_.file("code.cpp", "struct Zeppelin { int engines = 5; };");
    auto reader = memory_.reader();
    const Recalled found = must(recall("zeppelin", {}, {}, reader, standing_clock, greenwich));
    std::vector<std::string> paths;
    for (const Candidate& candidate : found.candidates) paths.push_back(candidate.placed.document.path);
    EXPECT_THAT(paths, testing::UnorderedElementsAre("de.md", "en.md", "code.cpp"));
    const QuestionTerms terms = must(informed_terms("zeppelin", Wording::plain, reader));
    EXPECT_EQ(terms.terms[0].passages, 3U);
}

TEST_F(Languages, what_is_in_no_language_of_the_collection_is_not_answerable) {
    memory_.file("de.md", "Wir haben das Haus am Fluss nicht verkauft, weil die Brücke dort gebaut wird.");
    EXPECT_EQ(best("Wer hat die Nashörner gefüttert?"), "");
}

TEST_F(Languages, the_collection_knows_its_languages) {
    auto reader = memory_.reader();
    EXPECT_THAT(must(reader.languages()), IsEmpty());
    memory_.file("de.md", "Wir haben das Haus am Fluss nicht verkauft, weil die Brücke dort gebaut wird.");
    memory_.file("fr1.md", "Le cheval de mon voisin est dans le pré et il ne veut pas en sortir.");
    memory_.file("fr2.md", "Elle ne sait pas où sont les clés de la maison de son père.");
    EXPECT_THAT(must(reader.languages()), ElementsAre(index::Language::french, index::Language::german));
}

TEST(QuestionInLanguages, function_words_of_the_language_it_is_in_are_dropped) {
    EXPECT_THAT(names(terms_of_question("Wo steht das Haus der Eltern?", Wording::asked, german)),
                ElementsAre("steht~de", "haus~de", "elt~de"));
    EXPECT_THAT(names(terms_of_question("Where is the Haus of Ana?", Wording::asked, german)),
                ElementsAre("haus", "ana"));
}

TEST(QuestionInLanguages, each_word_has_its_forms) {
    const QuestionTerms terms = terms_of_question("Where are the Häuser of parseHeader?", Wording::plain, german);
    ASSERT_THAT(names(terms), Contains("hauser"));
    for (const QuestionTerm& term : terms.terms) {
        if (term.term == "hauser") {
            EXPECT_THAT(term.forms, ElementsAre("haus~de"));
        } else if (term.part) {
            EXPECT_THAT(term.forms, IsEmpty());
        }
    }
    EXPECT_THAT(terms_of_question("Häuser", Wording::plain).terms[0].forms, IsEmpty());
}

}  // namespace
}  // namespace lar::recall
