// Text without sense, as words of natural language are spread: the word of rank r turns up about 1/r times as often as
// the first (Zipf). The same seed makes the same text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace lar::cli {

// Of a vocabulary of 200,000 words; the first hundred stand for what a list of stop words holds.
inline constexpr std::uint32_t zipf_vocabulary = 200'000;
inline constexpr std::uint32_t zipf_stop_words = 100;

class ZipfText {
public:
    explicit ZipfText(std::uint64_t seed) : random_(seed) {}

    // So many words, in lines of twelve.
    std::string passage(std::size_t words);
    // So many different words, none of them a stop word.
    std::string question(std::size_t words);

private:
    std::uint32_t rank();  // 0 is the most frequent word

    std::mt19937_64 random_;
};

// The same word for the same rank; frequent words are short, and no two ranks share one.
std::string zipf_word(std::uint32_t rank);

}  // namespace lar::cli
