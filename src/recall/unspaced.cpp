#include "recall/unspaced.h"

#include <cstddef>

#include "index/words.h"
#include "recall/synonyms.h"

namespace lar::recall {
namespace {

// Chinese: letters that are grammar wherever they stand, nearly, and those that are it beside others of both: "多少",
// "为什", "会被"; "会议" is a word.
constexpr std::string_view chinese = "的了吗呢吧么什谁誰哪怎们們这這那是我你您他她它在何几幾就也很被把没沒已";
constexpr std::string_view chinese_among_others =
    "多少久如為为會会能可要有和与與或都从從到對对于於以将將不還还才再只又个個样樣一些里时時候请請";
// Japanese: a pair of hiragana with one of these, and pairs without.
constexpr std::string_view japanese = "はがをにのへともでかっすたてだるれいまし";
constexpr std::string_view japanese_pairs =
    "どこ どう どれ どの どん んな なに なん なぜ こと この その あの よう ょう くら らい ない なか など くだ ださ "
    "さい ろう えて ける くて んだ";
// Korean: what questions end and begin with, and the particles that words end with.
constexpr std::string_view korean_pairs =
    "언제 어디 누구 무엇 어떻 떻게 어느 얼마 인가 가요 나요 니까 입니 습니 까요 되나 있나 했나 하나 하는 되는 있는 "
    "하면 되면 "
    "에서 에게 으로 부터 까지 했던 하고 되어 하지 라고 이야 거야 뭐야 뭐지 였지 했지 인지 는지 은지 던데 더라 해야 "
    "하기 려면";
constexpr std::string_view korean_particles = "은는을를에";

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

PairTells tells(std::string_view pair) {
    const std::string_view first = first_letter(pair), last = last_letter(pair);
    if (is_hiragana(first) && is_hiragana(last)) {
        const bool grammar = japanese.contains(first) || japanese.contains(last) || japanese_pairs.contains(pair);
        return grammar ? PairTells::nothing : PairTells::much;
    }
    if (is_hiragana(first) || is_hiragana(last)) return PairTells::little;
    if (korean_pairs.contains(pair)) return PairTells::nothing;
    const auto may_be_grammar = [](std::string_view letter) {
        return chinese.contains(letter) || chinese_among_others.contains(letter);
    };
    if (may_be_grammar(first) && may_be_grammar(last)) return PairTells::nothing;
    const bool little = chinese.contains(first) || chinese.contains(last) || korean_particles.contains(last);
    return little ? PairTells::little : PairTells::much;
}

}  // namespace

bool is_pair(std::string_view term) {
    // From U+3005; Thai and its neighbours, whose letters are an alphabet's, end at U+17FF. Old Hangul is left out.
    if (term.size() < 3 || term < "\xE3\x80\x85") return false;
    return index::code_point_at(term, 0).letter == index::Letter::unspaced && letters_in(term) <= 2;
}

PairTells pair_tells(std::string_view term) {
    if (!is_pair(term)) return PairTells::much;
    const PairTells told = tells(term);
    return told != PairTells::much && has_synonyms(term) ? PairTells::much : told;
}

}  // namespace lar::recall
