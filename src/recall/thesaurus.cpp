#include "recall/thesaurus.h"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "index/analysis.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

// What only questions are led by stands first.
// clang-format off
constexpr char thesaurus_text[] =
#include "recall/equivalents.inc"
#include "recall/household.inc"
#include "recall/families.inc"
#include "recall/thesaurus.inc"
    ;
// clang-format on
constexpr std::string_view thesaurus(thesaurus_text, sizeof thesaurus_text - 1);
constexpr std::size_t far_size = thesaurus.find("# Words of one family");
static_assert(far_size < thesaurus.find("# How people ask, and which"));

constexpr std::size_t limit_words_between = 2;  // two words of a phrase
constexpr std::array<std::string_view, 39> passed_over = {
    "me",   "us",   "am",    "being", "having", "a",   "an",   "the",  "of", "to",   "it",  "its",  "their",
    "them", "they", "him",   "her",   "his",    "my",  "your", "our",  "we", "i",    "you", "he",   "she",
    "this", "that", "these", "those", "is",     "are", "was",  "were", "be", "been", "has", "have", "had"};

struct SaidWord {
    std::string lower, stem;
    Span span;
};

bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '\'' ||
           (c & 0x80) != 0;
}

// Quotation marks, dashes, an ellipsis: U+2000 to U+203F are none of a word, and three bytes each.
bool is_sign(std::string_view text) { return text.starts_with("\xE2\x80"); }

std::size_t end_of_word(std::string_view text, std::size_t at) {
    while (at < text.size() && is_of_word(text[at]) && !is_sign(text.substr(at))) ++at;
    return at;
}

// Words that search leaves out have themselves for a stem.
std::string stem_of(const std::string& lower) {
    auto terms = index::analyse(lower);
    return terms.empty() ? lower : std::move(terms.back().term);
}

std::vector<SaidWord> said_words(std::string_view text) {
    std::vector<SaidWord> words;
    for (std::size_t at = 0; at < text.size() && words.size() < limit_thesaurus_words;) {
        const std::size_t first = at;
        at = end_of_word(text, at);
        if (at == first) {
            at += is_sign(text.substr(at)) ? std::size_t{3} : std::size_t{1};
            continue;
        }
        std::string lower = to_lower_ascii(text.substr(first, at - first));
        if (std::ranges::contains(passed_over, lower)) continue;
        std::string stem = stem_of(lower);
        words.push_back({std::move(lower), std::move(stem), {first, at}});
    }
    return words;
}

// Where something that may be asked stands in the thesaurus.
struct Asked {
    std::uint32_t key = 0;  // of the stem of its first word
    std::uint32_t at = 0;
};

struct ThesaurusLine {
    std::string_view asked, found;
    char between = ',';  // what is asked
};

ThesaurusLine line_around(std::size_t at) {
    const std::size_t before = thesaurus.rfind('\n', at);
    const std::string_view line = thesaurus.substr(before + 1, thesaurus.find('\n', at) - before - 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {line, line, line.contains('=') ? '=' : '~'};
    return {line.substr(0, colon), line.substr(colon + 1), ','};
}

std::vector<Asked> read_thesaurus() {
    std::vector<Asked> all;
    std::unordered_map<std::string_view, std::uint32_t> keys;  // phrases begin with the same words
    for (std::size_t line = 0, end = 0; line < thesaurus.size(); line = end + 1) {
        end = std::min(thesaurus.find('\n', line), thesaurus.size());
        if (thesaurus[line] == '#' || thesaurus[line] == '\n') continue;
        const ThesaurusLine said = line_around(line);
        bool begins = true;
        std::size_t at = 0;
        while (at < said.asked.size()) {
            const std::size_t first = at;
            at = end_of_word(said.asked, at);
            const std::string_view word = said.asked.substr(first, at - first);
            if (begins && !word.empty() && !std::ranges::contains(passed_over, word)) {
                const auto [key, is_new] = keys.try_emplace(word);
                if (is_new) key->second = key_of(stem_of(std::string(word)));
                all.push_back({key->second, static_cast<std::uint32_t>(line + first)});
                begins = false;
            }
            begins = begins || (at < said.asked.size() && said.asked[at] == said.between);
            if (at == first) ++at;
        }
    }
    std::ranges::stable_sort(all, {}, &Asked::key);
    return all;
}

// Of every word that stands anywhere.
std::vector<std::uint32_t> read_keys() {
    std::vector<std::uint32_t> keys;
    for (const std::string_view line : split_lines(thesaurus)) {
        if (line.starts_with('#')) continue;
        for (const index::Token& token : index::analyse(line)) keys.push_back(key_of(token.term));
    }
    return sorted_keys(std::move(keys));
}

// What begins with a word of that stem.
std::span<const Asked> asked_with(std::string_view stem) {
    static const std::vector<Asked> all = read_thesaurus();
    const auto found = std::ranges::equal_range(all, key_of(stem), {}, &Asked::key);
    return {found.begin(), found.end()};
}

// Where the words of the phrase that begins at `phrase` stand in what is said from word `at` on; none: they do not.
std::vector<Span> said_at(std::span<const SaidWord> said, std::size_t at, std::size_t phrase) {
    std::vector<Span> spans;
    const std::size_t end = std::min(thesaurus.find_first_of(",:=~\n", phrase), thesaurus.size());
    std::size_t next = at, last = at;
    while (phrase < end) {
        const std::size_t first = phrase;
        phrase = end_of_word(thesaurus.substr(0, end), phrase);
        const std::string word(thesaurus.substr(first, phrase - first));
        if (phrase == first) ++phrase;
        if (word.empty() || std::ranges::contains(passed_over, word)) continue;
        if (next > last) return {};
        const std::string stem = said[next].lower == word ? said[next].stem : stem_of(word);
        while (next <= last && said[next].stem != stem) ++next;
        if (next > last) return {};
        spans.push_back(said[next].span);
        ++next;
        last = std::min(next + limit_words_between, said.size() - 1);
    }
    return spans;
}

std::vector<std::string> terms_found(const ThesaurusLine& line) {
    std::vector<std::string> terms;
    for (index::Token& token : index::analyse(line.found))
        if (!token.part && !std::ranges::contains(terms, token.term)) terms.push_back(std::move(token.term));
    return terms;
}

}  // namespace

std::vector<OtherWord> other_words(std::string_view question, Led led) {
    const std::vector<SaidWord> said = said_words(question);
    std::vector<OtherWord> others;
    const auto take = [&](std::string term, const std::vector<Span>& spans, Nearness nearness) {
        if (std::ranges::contains(said, term, &SaidWord::stem)) return;
        auto known = std::ranges::find(others, term, &OtherWord::term);
        if (known == others.end()) {
            if (others.size() == limit_other_words) return;
            known = others.insert(known, {.term = std::move(term), .said_by = {}, .nearness = nearness});
        }
        if (nearness < known->nearness) return;
        if (nearness > known->nearness) known->said_by.clear();
        known->nearness = nearness;
        for (const Span& span : spans)
            if (!std::ranges::contains(known->said_by, span)) known->said_by.push_back(span);
    };
    for (std::size_t at = 0; at < said.size(); ++at) {
        for (const Asked& asked : asked_with(said[at].stem)) {
            const std::vector<Span> spans = said_at(said, at, asked.at);
            if (spans.empty()) continue;
            const ThesaurusLine line = line_around(asked.at);
            if (led == Led::near && (line.between == ',' || asked.at < far_size)) continue;
            const Nearness nearness = spans.size() > 1      ? Nearness::phrase
                                      : line.between == '=' ? Nearness::same
                                                            : Nearness::related;
            for (std::string& term : terms_found(line)) take(std::move(term), spans, nearness);
        }
    }
    return others;
}

bool is_in_thesaurus(std::string_view term) {
    static const std::vector<std::uint32_t> keys = read_keys();
    return std::ranges::binary_search(keys, key_of(term));
}

std::vector<std::string> synonyms_of(std::string_view term) {
    std::vector<std::string> found;
    const std::array said = {SaidWord{.lower = std::string(term), .stem = std::string(term), .span = {0, term.size()}}};
    for (const Asked& asked : asked_with(term)) {
        const ThesaurusLine line = line_around(asked.at);
        if (line.between == ',' || said_at(said, 0, asked.at).size() != 1) continue;
        for (std::string& other : terms_found(line))
            if (other != term && !std::ranges::contains(found, other)) found.push_back(std::move(other));
    }
    return found;
}

}  // namespace lar::recall
