// What happens to one word on its way to a term: folding, and the stem.
//
// fold() is for words with bytes beyond ASCII; lower-casing is all that ASCII needs. WordTerms is for English,
// ForeignTerms for other languages; each keeps the terms of recent words, because a few thousand words are most of any
// text; one per thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/language.h"

struct sb_stemmer;

namespace lar::index {

// How a code point takes part in words.
enum class Letter : std::uint8_t {
    none,  // separates
    lower,
    upper,
    caseless,  // a letter of a script without case
    digit,
    mark,      // belongs to the letter before it
    unspaced,  // a letter of a script written without spaces
    underscore,
};

struct CodePoint {
    Letter letter = Letter::none;
    std::uint8_t bytes = 1;
};

constexpr std::array<Letter, 128> make_ascii_letters() {
    std::array<Letter, 128> letters{};
    for (std::size_t c = 'a'; c <= 'z'; ++c) letters[c] = Letter::lower;
    for (std::size_t c = 'A'; c <= 'Z'; ++c) letters[c] = Letter::upper;
    for (std::size_t c = '0'; c <= '9'; ++c) letters[c] = Letter::digit;
    letters['_'] = Letter::underscore;
    return letters;
}
inline constexpr auto ascii_letters = make_ascii_letters();

CodePoint code_point_beyond_ascii(std::string_view text, std::size_t at);
// The code point at text[at]; an ill-formed byte is one of its own that separates.
inline CodePoint code_point_at(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte < 0x80 ? CodePoint{ascii_letters[byte], 1} : code_point_beyond_ascii(text, at);
}

// NFKC, case folded, accents on Latin letters dropped; folding what is folded changes nothing.
std::string fold(std::string_view word);
// The same with the accents, which stemmers want to see.
std::string fold_keeping_accents(std::string_view word);

class WordTerms {
public:
    WordTerms();
    ~WordTerms();
    WordTerms(const WordTerms&) = delete;
    WordTerms& operator=(const WordTerms&) = delete;

    // The term of a word of lower-case ASCII letters: its stem, or nothing for a stop word. Valid until the next call.
    std::string_view term_of(std::string_view word);
    // Of the word that was asked for last.
    FunctionWord function_word() const { return function_word_; }

private:
    static constexpr std::size_t limit_kept_bytes = 21;
    static constexpr std::size_t kept_words = 4096;
    // A word with zeros behind it, which are no letters.
    using Key = std::array<std::uint64_t, 3>;
    struct Kept {
        Key word{};
        std::array<char, limit_kept_bytes> term{};
        std::uint8_t term_bytes = 0;
        FunctionWord function_word = 0;
    };
    static_assert(sizeof(Kept) == 48);
    static std::size_t place_of(const Key& key);
    std::string_view stem(std::string_view word);

    sb_stemmer* stemmer_;
    FunctionWord function_word_ = 0;
    std::unique_ptr<std::array<Kept, kept_words>> kept_;
};

// Terms of words of a language: the stem without its accents, then '~' and the language, as in "haus~de". So what
// another language, or code, calls by the same letters stays apart, and a search joins them again where it wants to.
class ForeignTerms {
public:
    // Of a word folded with its accents, in the language's script; nothing for a function word. Valid until the next
    // call.
    std::string_view term_of(Language language, std::string_view word);

private:
    struct Delete {
        void operator()(sb_stemmer* stemmer) const;
    };
    struct Kept {
        Language language = Language::english;
        std::string word, term;
    };
    static constexpr std::size_t kept_words = 1024;
    std::string make(Language language, std::string_view word);

    std::array<std::unique_ptr<sb_stemmer, Delete>, language_count> stemmers_;
    std::vector<Kept> kept_;
};

}  // namespace lar::index
