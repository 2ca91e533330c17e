#include "recall/unspaced.h"

#include <array>
#include <cstddef>

#include "index/words.h"

namespace lar::recall {
namespace {

// Letters that are grammar wherever they stand, nearly. Hiragana are as well, without a list.
constexpr std::string_view grammar =
    "的了吗呢吧么什谁誰哪怎们們这這那是我你您他她它在何几幾请請就也很被把没沒已"
    "은는을를에의니까요습하되";
// Letters that are grammar beside grammar: "多少", "为什", "会被"; "会议" is a word.
constexpr std::string_view grammar_among_others =
    "多少久如为為会會能可要有和与與或都从從到对對于於以将將不还還才再只又个個样樣一天些里时時候"
    "이가서로도와과나어언제디누구무엇떻게왜했한할해된됩있인입얼마몇면지";

std::size_t letters_in(std::string_view text) {
    std::size_t letters = 0;
    for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return letters;
}

std::string_view first_letter(std::string_view text) { return text.substr(0, index::code_point_at(text, 0).bytes); }
std::string_view last_letter(std::string_view text) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    return text.substr(at);
}

// U+3041 to U+309F.
bool is_hiragana(std::string_view letter) { return letter >= "\xE3\x81\x81" && letter <= "\xE3\x82\x9F"; }

bool is_in(std::string_view letters, std::string_view letter) {
    for (std::size_t at = 0; at < letters.size(); at += index::code_point_at(letters, at).bytes)
        if (letters.substr(at).starts_with(letter)) return true;
    return false;
}

bool is_grammar(std::string_view letter) { return is_hiragana(letter) || is_in(grammar, letter); }
bool may_be_grammar(std::string_view letter) { return is_grammar(letter) || is_in(grammar_among_others, letter); }

}  // namespace

bool is_pair(std::string_view term) {
    // From U+3005; Thai and its neighbours, whose letters are an alphabet's, end at U+17FF. Old Hangul is left out.
    if (term.size() < 3 || term < "\xE3\x80\x85") return false;
    return index::code_point_at(term, 0).letter == index::Letter::unspaced && letters_in(term) <= 2;
}

PairTells pair_tells(std::string_view term) {
    if (!is_pair(term)) return PairTells::much;
    const std::string_view first = first_letter(term), last = last_letter(term);
    if (may_be_grammar(first) && may_be_grammar(last)) return PairTells::nothing;
    return is_grammar(first) || is_grammar(last) ? PairTells::little : PairTells::much;
}

}  // namespace lar::recall
