#include "answer/quoted_lines.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "index/words.h"

namespace lar::answer {
namespace {

struct PlacedWord {
    std::string_view text;
    std::uint32_t line = 0;  // of the text, from 0
};

// Each letter of a script without spaces is a word: lines of it are put together without a space.
std::vector<PlacedWord> placed_words(std::string_view text) {
    std::vector<PlacedWord> words;
    std::uint32_t line = 0;
    bool goes_on = false;
    for (std::size_t at = 0; at < text.size();) {
        const index::CodePoint point = index::code_point_at(text, at);
        if (point.letter == index::Letter::none) {
            if (text[at] == '\n') ++line;
            goes_on = false;
        } else if (goes_on && point.letter != index::Letter::unspaced) {
            words.back().text = {words.back().text.data(), words.back().text.size() + point.bytes};
        } else {
            words.push_back({text.substr(at, point.bytes), line});
            goes_on = point.letter != index::Letter::unspaced;
        }
        at += point.bytes;
    }
    return words;
}

// A long sentence was cut off, perhaps within a word, which its ellipsis is then a part of.
std::vector<PlacedWord> sentence_words(std::string_view text) {
    constexpr std::string_view cut_off = "…";
    while (!text.empty() && (text.ends_with(' ') || text.ends_with('\n') || text.ends_with('`'))) text.remove_suffix(1);
    std::vector<PlacedWord> words = placed_words(text);
    if (text.ends_with(cut_off) && !words.empty()) words.pop_back();
    return words;
}

std::vector<std::uint32_t> lines_of(const wire::ApiCitation& citation, const std::vector<std::string_view>& sentences) {
    const wire::ApiPlace& place = citation.place;
    std::vector<std::uint32_t> lines;
    if (place.kind != "file" || place.line_first == 0 || place.line_last <= place.line_first) return lines;
    const std::vector<PlacedWord> passage = placed_words(citation.quote);
    for (const std::string_view sentence : sentences) {
        const std::vector<PlacedWord> words = sentence_words(sentence);
        if (words.empty()) continue;
        const auto found = std::ranges::search(passage, words, {}, &PlacedWord::text, &PlacedWord::text);
        if (!found.empty()) lines.push_back(place.line_first + found.front().line);
    }
    std::ranges::sort(lines);
    lines.erase(std::ranges::unique(lines).begin(), lines.end());
    std::erase_if(lines, [&](std::uint32_t line) { return line > place.line_last; });
    return lines;
}

}  // namespace

void find_quoted_lines(wire::ApiAnswer& answer) {
    for (wire::ApiCitation& citation : answer.citations) {
        std::vector<std::string_view> citing;
        for (const wire::ApiSentence& sentence : answer.sentences)
            if (std::ranges::contains(sentence.citations, citation.number)) citing.push_back(sentence.text);
        citation.lines = lines_of(citation, citing);
    }
    for (wire::ApiNearest& nearest : answer.nearest)
        nearest.citation.lines = lines_of(nearest.citation, {nearest.text});
}

}  // namespace lar::answer
