// The order of candidates by all the evidence there is.
//
// BM25 chooses the pool; the first of it are read and scored again by how much of the question each
// covers and how close together its words stand; kinds and age count where the question asks for them. The
// weights were chosen on one half of the queries of five public collections and checked on the other, where each
// does better than plain BM25. Adding up the passages of a document was tried and made it worse.
#pragma once

#include <cstddef>
#include <vector>

#include "recall/question.h"
#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t limit_read = 60;  // passages whose text is looked at

struct RankWeights {
    store::Ranking bm25{.k1 = 1.6, .b = 0.75, .weights = {.title = 1.5, .path = 1, .context = 1, .body = 1}};
    double coverage = 0.3;      // of what is plain words
    double coverage_asked = 1;  // of what is asked: a question's words are chosen, and all of them count
    double closeness = 0.3;
};

// Candidates best first, with `answerable`, `passages_matched` and what was left out.
Result<> rank(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader,
              const Clock& clock, const RankWeights& weights = {});

}  // namespace lar::recall
