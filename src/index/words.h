// What happens to one word on its way to a term: folding, and the English stem.
//
// fold() is for words with bytes beyond ASCII; lower-casing is all that ASCII needs. A Stemmer keeps
// the stems of recent words, because a few thousand words are most of any text; one per thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

// The code point at text[at]; an ill-formed byte is one of its own that separates.
CodePoint code_point_at(std::string_view text, std::size_t at);

// NFKC, case folded, accents on Latin letters dropped; folding what is folded changes nothing.
std::string fold(std::string_view word);

class Stemmer {
public:
    Stemmer();
    ~Stemmer();
    Stemmer(const Stemmer&) = delete;
    Stemmer& operator=(const Stemmer&) = delete;

    // The stem of a lower-case ASCII word. Valid until the next call.
    std::string_view stem(std::string_view word);

private:
    static constexpr std::size_t limit_kept_bytes = 15;
    static constexpr std::size_t kept_words = 1024;
    struct Kept {
        std::array<char, limit_kept_bytes> word{}, stem{};
        std::uint8_t word_bytes = 0, stem_bytes = 0;
    };

    sb_stemmer* stemmer_;
    std::unique_ptr<std::array<Kept, kept_words>> kept_;
};

}  // namespace lar::index
