#include "recall/synonyms.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "index/analysis.h"
#include "recall/unspaced.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr char synonyms_text[] =
#include "recall/synonyms.inc"
    ;
constexpr std::array<std::string_view, 3> unspaced = {"zh", "ja", "ko"};

// Where a term stands. A line's words are analysed again when one of them is asked for.
struct SynonymPlace {
    std::uint32_t key = 0;
    std::uint32_t line = 0;  // byte of the text
};
using SynonymPlaces = std::vector<SynonymPlace>;

// The words of a line "a = b = c", each as a term; one of several terms, or of none, is left out.
std::vector<std::string> terms_of_line(std::string_view line, index::Language language) {
    std::vector<std::string> terms;
    const char between = line.contains('=') ? '=' : '~';
    for (const std::string_view word : split(line, between))
        if (auto tokens = index::analyse(trim(word), language); tokens.size() == 1)
            terms.push_back(std::move(tokens[0].term));
    return terms;
}

void add_section(SynonymPlaces& places, std::string_view section, index::Language language) {
    for_each_line(synonyms_text, section, [&](std::string_view line) {
        for (const std::string& term : terms_of_line(line, language))
            places.push_back({key_of(term), static_cast<std::uint32_t>(line.data() - synonyms_text)});
    });
}

// English stands for the scripts without spaces, whose terms have no mark.
SynonymPlaces read_synonyms(index::Language language) {
    SynonymPlaces places;
    if (language == index::Language::english)
        for (const std::string_view section : unspaced) add_section(places, section, language);
    else
        add_section(places, index::code_of(language), language);
    std::ranges::stable_sort(places, {}, &SynonymPlace::key);
    places.shrink_to_fit();
    return places;
}

std::span<const SynonymPlace> places_of(std::string_view term) {
    static OfEachLanguage<SynonymPlaces> all;
    const index::Language language = language_of_term(term);
    if (language == index::Language::english && !is_pair(term)) return {};
    const auto places = std::ranges::equal_range(all.of(language, read_synonyms), key_of(term), {}, &SynonymPlace::key);
    return {places.begin(), places.end()};
}

}  // namespace

bool has_synonyms(std::string_view term) { return !places_of(term).empty(); }

std::vector<Synonym> synonyms_in_language(std::string_view term) {
    const index::Language language = language_of_term(term);
    std::vector<Synonym> found;
    for (const SynonymPlace& place : places_of(term)) {
        const std::string_view rest = std::string_view(synonyms_text).substr(place.line);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        auto terms = terms_of_line(line, language);
        if (!std::ranges::contains(terms, term)) continue;
        for (std::string& other : terms)
            if (other != term && !std::ranges::contains(found, other, &Synonym::term))
                found.push_back({std::move(other), line.contains('=')});
    }
    return found;
}

}  // namespace lar::recall
