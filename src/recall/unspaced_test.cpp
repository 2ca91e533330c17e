#include "recall/unspaced.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recall/question.h"
#include "recall/testing.h"

namespace lar::recall {
namespace {

TEST(unspaced, grammar_tells_nothing_and_a_letter_beside_it_little) {
    for (const char* pair : {"はい", "です", "什么", "多少", "是谁", "누구", "니까"})
        EXPECT_EQ(pair_tells(pair), PairTells::nothing) << pair;
    for (const char* pair : {"者は", "谁负", "的大", "전은"}) EXPECT_EQ(pair_tells(pair), PairTells::little) << pair;
    for (const char* pair : {"移行", "会议", "서버", "サー"}) EXPECT_EQ(pair_tells(pair), PairTells::much) << pair;
    for (const char* word : {"할인", "제한", "은행", "申请", "りん", "天候"})
        EXPECT_EQ(pair_tells(word), PairTells::much) << word;
    for (const char* term : {"server", "the", "é", "данн", ""}) EXPECT_EQ(pair_tells(term), PairTells::much) << term;
}

TEST(unspaced, what_is_a_pair) {
    for (const char* term : {"东京", "京", "はい"}) EXPECT_TRUE(is_pair(term)) << term;
    for (const char* term : {"ab", "gpu", "книга", "กา", ""}) EXPECT_FALSE(is_pair(term)) << term;
}

TEST(unspaced, a_pair_that_the_store_lacks_between_two_that_it_has_is_where_words_meet) {
    Memory memory;
    memory.file("a.md", "缓存的大小可以修改。会议");
    auto reader = memory.reader();
    const auto information = [&](std::string_view question, std::string_view term) {
        const QuestionTerms terms = must(informed_terms(question, Wording::asked, reader));
        const auto found = std::ranges::find(terms.terms, term, &QuestionTerm::term);
        return found == terms.terms.end() || found->part ? 0 : found->information;
    };
    EXPECT_EQ(information("怎么修改缓存", "改缓"), 0);
    EXPECT_GT(information("怎么修改缓存", "缓存"), 0);
    EXPECT_GT(information("会议室", "议室"), 0) << "the end of a longer word";
    EXPECT_GT(information("修改机票", "机票"), 0) << "a word that is not there stays";
    EXPECT_EQ(information("怎么修改缓存", "怎么"), 0);
}

}  // namespace
}  // namespace lar::recall
