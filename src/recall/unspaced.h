// What a term of a script without spaces tells: Chinese, Japanese, Korean, whose text is searched by pairs of
// neighbouring letters (index/analysis.h). Pairs are not words: "はいつ" is grammar between two of them, "者は" the end
// of one and the beginning of another, and what a question has of these the answer need not have.
#pragma once

#include <cstdint>
#include <string_view>

namespace lar::recall {

enum class PairTells : std::uint8_t {
    nothing,  // grammar: particles, endings, question words; no word of synonyms.txt
    little,   // one letter of a word beside grammar
    much,     // and every term of other scripts
};
PairTells pair_tells(std::string_view term);

// Whether the term is of one of these: a pair, or a letter that stands alone. Pairs of Thai letters are no more than
// two of an alphabet.
bool is_pair(std::string_view term);

}  // namespace lar::recall
