// Prompts of random words, as long as asked for in tokens.
//
// Every prompt begins with words drawn anew, so that no server has its beginning in a cache. How many tokens a word
// makes is the tokenizer's affair; two small requests tell, and what a chat template adds to each prompt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace lar::cli::bench {

class Words {
public:
    explicit Words(std::uint64_t seed) : random_(seed) {}
    std::string draw(std::size_t count);

private:
    std::mt19937_64 random_;
};

// tokens = per_prompt + per_word × words
struct WordSize {
    double per_word = 1;
    double per_prompt = 0;

    // At least one.
    std::size_t words_for(std::uint64_t tokens) const;
    // The same for text that stands beside other text, so that the template is paid for already.
    std::size_t more_words_for(std::uint64_t tokens) const;
};

inline constexpr std::size_t short_sample_words = 16;
inline constexpr std::size_t long_sample_words = 64;
// From the tokens of prompts of that many words. Without sense in them (a server that does not count), a word is a
// token.
WordSize word_size(std::uint64_t short_sample_tokens, std::uint64_t long_sample_tokens);

}  // namespace lar::cli::bench
