// Whether what was found can answer the question at all.
//
// BM25 of the best passage, as a share of what the question's words are worth together, tells most: a passage
// that answers holds most of what was asked, densely. A long question holds more words that an answer does not repeat,
// so the share that it takes falls with their number. The two weights were fitted (logistic regression) on 134
// questions about five trees, 34 of them without an answer; more features did not do better in cross-validation. What a
// stretch of a few lines says in full is there in any case.
#pragma once

#include "recall/question.h"

namespace lar::recall {

// 0..1, against least_answerable. `best_score`: BM25; `best_together`: Evidence::together.
double answerable(const QuestionTerms& terms, double best_score, double best_together);

}  // namespace lar::recall
