#include "recall/evidence.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "base/text.h"
#include "store/languages.h"

namespace lar::recall {
namespace {

constexpr std::size_t together_words = 30;  // a stretch of text about one thing
constexpr std::size_t close_words = 8;      // neighbours further apart than this are a coincidence

// Of n words of prose or code about one or two times n^0.78 are different (Heaps' law); in lists of words hardly any
// repeats. Of 7,800 passages of four repositories those beyond the limit were lists of words, all of them. Good writers
// get there too, but nobody writes sentences without "the" and "of": between two and five in ten words are such.
constexpr double distinct_power = 0.78;
constexpr double distinct_of_lists = 2.45;
constexpr std::size_t least_list_words = 60;
constexpr double least_stop_words = 0.15;  // of all words of a text in sentences

bool is_in_sentences(std::string_view text) {
    const std::string lower = to_lower_ascii(text);
    std::size_t words = 0, stop_words = 0;
    for (auto at = lower.begin(); at != lower.end();) {
        const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
        const auto first = std::find_if(at, lower.end(), is_letter);
        at = std::find_if_not(first, lower.end(), is_letter);
        if (first == at) break;
        ++words;
        if (index::is_stop_word(std::string_view(first, at))) ++stop_words;
    }
    return static_cast<double>(stop_words) >= least_stop_words * static_cast<double>(words);
}

bool is_word_list(std::string_view text, const std::vector<index::Token>& tokens) {
    std::size_t words = 0;
    std::unordered_set<std::string_view> distinct;
    for (const index::Token& token : tokens) {
        const bool word =
            !token.term.empty() && std::ranges::all_of(token.term, [](char c) { return c >= 'a' && c <= 'z'; });
        if (token.part || !word || token.term.size() < 2) continue;
        ++words;
        distinct.insert(token.term);
    }
    return words >= least_list_words &&
           static_cast<double>(distinct.size()) >
               distinct_of_lists * std::pow(static_cast<double>(words), distinct_power) &&
           !is_in_sentences(text);
}

}  // namespace

EvidenceReader::EvidenceReader(const QuestionTerms& terms) : terms_(terms) {
    for (std::size_t i = 0; i < terms.terms.size(); ++i)
        known_.emplace(terms.terms[i].term, Known{std::uint64_t{1} << i, false});
    for (std::size_t i = 0; i < terms.terms.size(); ++i) {
        in_languages_ = in_languages_ || !terms.terms[i].forms.empty();
        for (const std::string& form : terms.terms[i].forms) known_.emplace(form, Known{std::uint64_t{1} << i, false});
    }
    for (const Alias& alias : terms.aliases) known_.emplace(alias.term, Known{alias.of, alias.synonym});
}

std::vector<EvidenceReader::Place> EvidenceReader::places_in(const std::vector<index::Token>& tokens) const {
    std::vector<Place> places;
    for (std::size_t position = 0; position < tokens.size(); ++position) {
        const auto found = known_.find(tokens[position].term);
        if (found == known_.end()) continue;
        for (std::uint64_t left = found->second.terms; left != 0; left &= left - 1)
            places.push_back({static_cast<std::size_t>(std::countr_zero(left)), position, found->second.synonym});
    }
    return places;
}

EvidenceReader::Masks EvidenceReader::masks_of(const std::vector<Place>& places) {
    Masks masks;
    for (const Place& place : places) {
        masks.held |= std::uint64_t{1} << place.term;
        if (!place.synonym) masks.said |= std::uint64_t{1} << place.term;
    }
    return masks;
}

std::uint64_t EvidenceReader::terms_in(std::string_view text, index::Language language) const {
    return masks_of(places_in(index::analyse(text, language))).held;
}

index::PassageTokens EvidenceReader::analyse(const store::PlacedPassage& placed) const {
    // Where no word has a form in another language, it does not matter what language it is.
    if (!in_languages_) return {index::Language::english, index::analyse(placed.passage.text)};
    return store::analyse(placed.document, placed.passage);
}

double EvidenceReader::coverage(std::uint64_t held) const {
    if (terms_.information <= 0) return 0;
    double information = 0;
    for (std::size_t i = 0; i < terms_.terms.size(); ++i)
        if (!terms_.terms[i].part && (held >> i & 1) != 0) information += terms_.terms[i].information;
    return information / terms_.information;
}

// Each pair of neighbours counts by the less telling of the two and by how close together they come at best.
double EvidenceReader::closeness(const std::vector<Place>& places) const {
    double possible = 0, found = 0;
    for (const auto& [first, second] : terms_.pairs) {
        const double worth = std::min(terms_.terms[first].information, terms_.terms[second].information);
        possible += worth;
        std::size_t nearest = close_words + 1, last_first = SIZE_MAX, last_second = SIZE_MAX;
        for (const Place& place : places) {
            if (place.term == first) last_first = place.position;
            if (place.term == second) last_second = place.position;
            if ((place.term != first && place.term != second) || last_first == SIZE_MAX || last_second == SIZE_MAX)
                continue;
            nearest =
                std::min(nearest, last_first > last_second ? last_first - last_second + 1 : last_second - last_first);
        }
        if (nearest <= close_words) found += worth / static_cast<double>(std::max<std::size_t>(nearest, 1));
    }
    return possible > 0 ? found / possible : 0;
}

double EvidenceReader::together(const std::vector<Place>& places, std::uint64_t said_above) const {
    double best = coverage(said_above);
    for (std::size_t first = 0; first < places.size(); ++first) {
        std::uint64_t said = said_above;
        for (std::size_t i = first; i < places.size() && places[i].position - places[first].position <= together_words;
             ++i)
            if (!places[i].synonym) said |= std::uint64_t{1} << places[i].term;
        best = std::max(best, coverage(said));
    }
    return best;
}

Evidence EvidenceReader::read_text(std::string_view text, index::Language language) const {
    const auto places = places_in(index::analyse(text, language));
    const Masks masks = masks_of(places);
    return {.held = masks.held, .coverage = coverage(masks.held), .closeness = closeness(places)};
}

Evidence EvidenceReader::read(const store::PlacedPassage& placed) const { return read(placed, analyse(placed)); }

Evidence EvidenceReader::read(const store::PlacedPassage& placed, const index::PassageTokens& analysed) const {
    const auto places = places_in(analysed.tokens);
    const std::array<std::string_view, 4> names = {placed.document.title, placed.document.path, placed.passage.path,
                                                   placed.passage.context};
    Masks above;
    for (const std::string_view name : names) {
        const Masks masks = masks_of(places_in(index::analyse(name, analysed.language)));
        above.held |= masks.held;
        above.said |= masks.said;
    }
    Evidence evidence{.held = masks_of(places).held | above.held, .named = above.held};
    evidence.coverage = coverage(evidence.held);
    evidence.together = together(places, above.said);
    evidence.closeness = closeness(places);
    evidence.word_list = is_word_list(placed.passage.text, analysed.tokens);
    return evidence;
}

}  // namespace lar::recall
