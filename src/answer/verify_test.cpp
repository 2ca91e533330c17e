#include "answer/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recall/testing.h"

namespace lar::answer {
namespace {

using recall::Memory;
using recall::must;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> passages{
    "The uploader sends files to the server. When the server does not answer, it tries again, at most seven times.",
    "The scheduler starts worker threads with `max_workers = 16` and stops them after 90 seconds of idling.",
    "Ana merged the billing branch on 2026-11-20 because invoices were rounded wrongly."};

class Verifying : public testing::Test {
protected:
    Verifying() {
        for (int i = 0; i < 30; ++i)
            memory_.file(std::to_string(i) + ".md", "The page " + std::to_string(i) + " is about the weather.");
        for (std::size_t i = 0; i < passages.size(); ++i) memory_.file("p" + std::to_string(i), passages[i]);
    }
    VerifiedSentence verified(std::string text, std::vector<std::uint32_t> numbers) {
        auto reader = memory_.reader();
        Verifier verifier(passages, reader);
        auto sentence = must(verifier.verify({.text = std::move(text), .numbers = std::move(numbers)}));
        counts_ = verifier.counts();
        return sentence;
    }
    Support support(std::string text, std::vector<std::uint32_t> numbers) {
        return verified(std::move(text), std::move(numbers)).support;
    }
    Memory memory_;
    VerifyCounts counts_;
};

TEST_F(Verifying, what_the_cited_passage_says_is_supported_and_word_for_word_is_quoted) {
    EXPECT_EQ(support("The uploader retries at most 7 times when there is no answer from the server.", {1}),
              Support::supported);
    EXPECT_EQ(support("The uploader sends files  to the server.", {1}), Support::quoted);
    EXPECT_EQ(support("`max_workers = 16` worker threads are started by the scheduler.", {2}), Support::supported);
}

TEST_F(Verifying, other_forms_of_the_words_of_a_passage_in_another_language_count) {
    const std::vector<std::string> german{
        "Der Vertrag läuft bis Ende März und kann mit einer Frist von sechs Wochen gekündigt werden."};
    memory_.file("vertrag.md", german[0]);
    auto reader = memory_.reader();
    Verifier verifier(german, reader);
    const auto support = [&](std::string text) {
        return must(verifier.verify({.text = std::move(text), .numbers = {1}})).support;
    };
    EXPECT_EQ(support("Die Fristen der Verträge sind lang, man kündigt sie bis Ende März."), Support::supported);
    EXPECT_EQ(support("Der Kontrakt, ein Abkommen, wird gekündigt."), Support::supported);
    EXPECT_EQ(support("Die Löwen der Zirkusse sind hungrig, man füttert sie bis Sonntag."), Support::unsupported);
}

TEST_F(Verifying, grammar_of_a_script_without_spaces_need_not_be_there) {
    const std::vector<std::string> japanese{
        "キャッシュの有効期限は十五分に設定した。古いデータが出る問題を避けるため。"};
    memory_.file("cache.md", japanese[0]);
    auto reader = memory_.reader();
    Verifier verifier(japanese, reader);
    const auto support = [&](std::string text) {
        return must(verifier.verify({.text = std::move(text), .numbers = {1}})).support;
    };
    EXPECT_EQ(support("キャッシュの有効期限というのは、十五分だということになっているそうです。"), Support::supported);
    EXPECT_EQ(support("契約の更新は十二月に行われます。"), Support::unsupported);
    EXPECT_EQ(support("それはそうです。"), Support::unsupported) << "grammar alone says nothing";
}

TEST_F(Verifying, a_wrong_number_name_or_quotation_is_not_supported) {
    EXPECT_EQ(support("The uploader tries again at most nine times when the server does not answer.", {1}),
              Support::unsupported);
    EXPECT_EQ(support("The scheduler stops worker threads after 900 seconds of idling.", {2}), Support::unsupported);
    EXPECT_EQ(support("The scheduler starts worker threads with `min_workers = 16`.", {2}), Support::unsupported);
    EXPECT_EQ(support("The uploader sends files to the server \"as fast as it can\".", {1}), Support::unsupported);
    EXPECT_EQ(support("The scheduler starts worker threads in start_threads.", {2}), Support::unsupported);
    EXPECT_EQ(counts_.unsupported, 1U);
}

TEST_F(Verifying, numbers_count_however_they_are_written) {
    EXPECT_EQ(support("At most seven times the uploader tries the server again.", {1}), Support::supported);
    EXPECT_EQ(support("The scheduler starts sixteen worker threads.", {2}), Support::supported);
    EXPECT_EQ(support("The scheduler starts twenty-six worker threads.", {2}), Support::unsupported);
}

TEST_F(Verifying, passages_that_do_not_exist_are_dropped_and_counted) {
    const auto sentence = verified("The uploader sends files to the server.", {7, 1, 0});
    EXPECT_THAT(sentence.citations, ElementsAre(1U));
    EXPECT_EQ(sentence.support, Support::quoted);
    EXPECT_EQ(counts_.invented, 2U);
}

TEST_F(Verifying, what_stands_elsewhere_is_cited_from_there) {
    EXPECT_THAT(verified("Ana merged the billing branch because invoices were rounded wrongly.", {1}).citations,
                ElementsAre(3U));
    EXPECT_EQ(counts_.moved, 1U);
    EXPECT_THAT(verified("The scheduler stops idling worker threads after 90 seconds.", {}).citations, ElementsAre(2U));
    EXPECT_EQ(counts_.found, 1U);
    // Citations that add nothing go.
    EXPECT_THAT(verified("The uploader sends files to the server.", {1, 2, 3}).citations, ElementsAre(1U));
}

TEST_F(Verifying, what_nobody_says_is_marked_and_kept) {
    for (const std::string text :
         {"Kubernetes restarts the pods automatically.", "Yes.", "I did not find it.", "The weather is fine."}) {
        const auto sentence = verified(text, {});
        EXPECT_EQ(sentence.text, text);
        EXPECT_EQ(sentence.support, Support::unsupported) << text;
        EXPECT_THAT(sentence.citations, IsEmpty());
    }
    // The citation stays, so that one can look.
    const auto cited = verified("Kubernetes restarts the pods automatically.", {2});
    EXPECT_EQ(cited.support, Support::unsupported);
    EXPECT_THAT(cited.citations, ElementsAre(2U));
}

TEST_F(Verifying, code_is_held_line_by_line) {
    EXPECT_EQ(support("```\nmax_workers = 16\n```", {2}), Support::supported);
    EXPECT_EQ(support("```\nmax_workers = 16\nrm -rf /\n```", {2}), Support::unsupported);
}

}  // namespace
}  // namespace lar::answer
