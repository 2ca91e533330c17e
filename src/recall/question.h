// The words of a question as search sees them: terms with weights, how much each tells, and which stand together.
//
// Words that only make a sentence a question ("where", "does", "I") are dropped when enough others
// remain. A term's information is its idf over the whole store; a term that the store has never seen
// has the most, and no passage will ever hold it, which is how a question without an answer shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "recall/recall.h"
#include "store/store.h"

namespace lar::recall {

struct QuestionTerm {
    std::string term;
    double weight = 1;           // for ranking
    double information = 0;      // weight * idf
    std::uint64_t passages = 0;  // that hold it
    bool part = false;           // of an identifier that is a term too
};

struct QuestionTerms {
    std::vector<QuestionTerm> terms;  // at most store::limit_query_terms, each once, in order of appearance
    std::vector<std::pair<std::size_t, std::size_t>> pairs;  // neighbours in the question
    double information = 0;                                  // of all terms that are not parts

    std::vector<store::QueryTerm> query() const;
};

// `question` keeps its double quotes: what stands in them weighs more.
QuestionTerms terms_of_question(std::string_view question);
// Fills in information and passages.
Result<> inform(QuestionTerms& terms, store::Reader& reader);

}  // namespace lar::recall
