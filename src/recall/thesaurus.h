// How people ask, and which words the sources use instead: thesaurus.txt, which says how it is written, and
// families.txt, equivalents.txt and household.txt.
//
// A person asks why something was "taken out again" and the history says "Revert"; nothing but knowing that these go
// together finds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lar::recall {

inline constexpr std::size_t limit_thesaurus_words = 256;  // of a question; what comes after is not looked up
inline constexpr std::size_t limit_other_words = 256;

// A word of the question: bytes [first, last).
struct Span {
    std::size_t first = 0, last = 0;
    bool operator==(const Span&) const = default;
};

// How a word of the sources goes with what was asked.
enum class Nearness : std::uint8_t {
    related,  // with a single word: often said where that is meant
    same,     // as good as that word
    phrase,   // with several words together, which seldom mean anything else
};

struct OtherWord {
    std::string term;           // as index/analysis.h gives terms
    std::vector<Span> said_by;  // each word once
    Nearness nearness = Nearness::related;
};
// From where it may be led: only to what stands for the words as well or often, or also to what they are found by.
enum class Led : std::uint8_t { near, far };
// What the question does not say itself, each once, as the nearest that it is, in the order of what the question says.
std::vector<OtherWord> other_words(std::string_view question, Led led);

// Whether the term is of a word that stands anywhere in it.
bool is_in_thesaurus(std::string_view term);

// What stands for a single term as well as it does itself, or often: not all that it may be found by.
std::vector<std::string> synonyms_of(std::string_view term);

}  // namespace lar::recall
