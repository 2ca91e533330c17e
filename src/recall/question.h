// The words of a question as search sees them: terms with weights, how much each tells, and which stand together.
//
// Words that only make a sentence a question ("where", "does", "I") are dropped when another one
// remains. Neighbouring words may be one identifier in the sources ("stop words", `stop_words`), so their
// joined forms are terms too where the store has them. A term's information is its idf over the whole store; a term
// that the store has never seen has the most, and no passage will ever hold it, which is how a question without an
// answer shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "index/language.h"
#include "recall/recall.h"
#include "store/store.h"

namespace lar::recall {

struct QuestionTerm {
    std::string term;
    double weight = 1;           // for ranking
    double information = 0;      // weight * idf
    std::uint64_t passages = 0;  // that hold it
    bool identifier = false;     // more words than one, joined as code joins them
    bool part = false;           // of an identifier that is a term too, or a guess at one, or where two words meet
    // The word as passages in the collection's other languages have it: "hauser" is "haus~de" in German ones.
    std::vector<std::string> forms = {};
};

// Another word for a term, or for several that mean something together, searched too. A spelling ("maximum", "max") and
// what a phrase means ("taken out again", "revert") count as the terms where they stand; a synonym ("erase", "delete")
// helps to find and to choose, but is no proof that the sources speak of what was asked.
struct Alias {
    std::string term;
    std::uint64_t of = 0;  // bit i: of QuestionTerms::terms[i]; none where a phrase is made of words that are no terms
    double weight = 0;
    bool synonym = false;
};

// A pair of letters between two others that it overlaps with (unspaced.h): where the store has these and not the pair,
// it is where two words meet. A neighbour that is grammar needs not be there.
struct Meeting {
    std::size_t term = 0;
    std::vector<std::size_t> neighbours;  // one or two, in QuestionTerms::terms
};

// A word that no passage holds, and the term that it was taken for (misspelt.h).
struct Misspelt {
    std::string term, word;  // as the question has it
    std::string meant;
};

struct QuestionTerms {
    Wording wording = Wording::plain;
    std::vector<QuestionTerm> terms;  // at most store::limit_query_terms, each once, in order of appearance
    std::vector<std::pair<std::size_t, std::size_t>> pairs;  // neighbours in the question
    std::vector<Meeting> meetings;
    std::vector<std::string> guesses;  // identifiers that neighbours may make together
    std::vector<Alias> aliases;
    std::vector<Misspelt> misspelt;
    double information = 0;  // of all terms that are not parts

    std::vector<store::QueryTerm> query() const;
};

// `question` keeps its double quotes: what stands in them weighs more. Each of its words gets its form in each of the
// languages, which are those of the collection besides English; of these the question is taken for one when words such
// as "the" say so, and such words are dropped.
QuestionTerms terms_of_question(std::string_view question, Wording wording,
                                std::span<const index::Language> languages = {});
// Fills in information and passages, and drops the guesses that the store has never seen.
Result<> inform(QuestionTerms& terms, store::Reader& reader);
// Both, in the languages that the store has.
Result<QuestionTerms> informed_terms(std::string_view question, Wording wording, store::Reader& reader);

}  // namespace lar::recall
