#include "quoted_lines.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace lar::cli {
namespace {

struct Word {
    std::string_view text;
    std::uint32_t line = 0;  // of the text, from 0
};

bool is_word_byte(char c) {
    return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<Word> placed_words(std::string_view text) {
    std::vector<Word> words;
    std::uint32_t line = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_word_byte(text[at])) {
            if (text[at++] == '\n') ++line;
            continue;
        }
        const std::size_t first = at;
        while (at < text.size() && is_word_byte(text[at])) ++at;
        words.push_back({text.substr(first, at - first), line});
    }
    return words;
}

// A long sentence was cut off, perhaps within a word, which its ellipsis is then a part of.
std::vector<Word> sentence_words(std::string_view text) {
    constexpr std::string_view cut_off = "…";
    while (!text.empty() && (text.ends_with(' ') || text.ends_with('\n') || text.ends_with('`'))) text.remove_suffix(1);
    std::vector<Word> words = placed_words(text);
    if (text.ends_with(cut_off) && !words.empty()) words.pop_back();
    return words;
}

}  // namespace

std::vector<std::uint32_t> quoted_lines(const wire::ApiAnswer& answer, const wire::ApiCitation& citation) {
    const wire::ApiPlace& place = citation.place;
    std::vector<std::uint32_t> lines;
    if (place.kind != "file" || place.line_first == 0 || place.line_last <= place.line_first) return lines;
    const std::vector<Word> passage = placed_words(citation.quote);
    for (const wire::ApiSentence& sentence : answer.sentences) {
        if (!std::ranges::contains(sentence.citations, citation.number)) continue;
        const std::vector<Word> words = sentence_words(sentence.text);
        if (words.empty()) continue;
        const auto found = std::ranges::search(passage, words, {}, &Word::text, &Word::text);
        if (!found.empty()) lines.push_back(place.line_first + found.front().line);
    }
    std::ranges::sort(lines);
    lines.erase(std::ranges::unique(lines).begin(), lines.end());
    std::erase_if(lines, [&](std::uint32_t line) { return line > place.line_last; });
    return lines;
}

}  // namespace lar::cli
