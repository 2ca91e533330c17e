#include "zipf.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.h"

namespace lar::cli {
namespace {

TEST(Zipf, NoTwoRanksShareAWord) {
    std::set<std::string> words;
    for (std::uint32_t rank = 0; rank < zipf_vocabulary; ++rank) words.insert(zipf_word(rank));
    EXPECT_EQ(words.size(), zipf_vocabulary);
    EXPECT_LT(zipf_word(0).size(), zipf_word(zipf_vocabulary - 1).size());
}

TEST(Zipf, TheTenthWordIsATenthAsFrequentAsTheFirst) {
    ZipfText text(7);
    std::map<std::string, double> counts;
    constexpr std::size_t drawn = 200'000;
    const std::string passage = text.passage(drawn);
    for (const std::string_view line : split_lines(passage))
        for (const std::string_view word : split(line, ' ')) counts[std::string(word)] += 1;
    EXPECT_NEAR(counts[zipf_word(0)] / counts[zipf_word(9)], 10, 3);
    EXPECT_NEAR(counts[zipf_word(9)] / counts[zipf_word(99)], 10, 3);
}

TEST(Zipf, AQuestionHasDifferentWordsAndNoStopWords) {
    ZipfText text(7);
    std::set<std::string> stop_words;
    for (std::uint32_t rank = 0; rank < zipf_stop_words; ++rank) stop_words.insert(zipf_word(rank));
    for (int i = 0; i < 200; ++i) {
        const std::string question = text.question(6);
        std::set<std::string> words;
        for (const std::string_view word : split(question, ' ')) words.emplace(word);
        EXPECT_EQ(words.size(), 6U) << question;
        for (const std::string& word : words) EXPECT_FALSE(stop_words.contains(word)) << word;
    }
}

TEST(Zipf, TheSameSeedMakesTheSameText) {
    EXPECT_EQ(ZipfText(3).passage(60), ZipfText(3).passage(60));
    EXPECT_NE(ZipfText(3).passage(60), ZipfText(4).passage(60));
}

}  // namespace
}  // namespace lar::cli
