// Whether what was found can answer the question at all.
//
// BM25 of the best passage, as a share of what the question's words are worth together, and what the first passage says
// of it within a few lines, tell most: a passage that answers holds most of what was asked, densely. A long question
// holds more words that an answer does not repeat, so what to expect falls with their number. The weights were fitted
// (logistic regression) on 361 questions about fourteen trees and 234 without an answer; of thirty other features none
// does more, nor do boosted trees or forests (docs/decisions/0025, 0026).
//
// Of how people ask in other languages than English Lar knows words that stand one for another, and no phrases, and of
// pairs of letters (unspaced.h) no endings either: there less is to be expected. How much less was set on 96 questions
// in twelve languages and 84 in Chinese, Japanese and Korean, with 64 that have no answer.
//
// Where the first passages say nearly all of it in one place, it is there without further judgement.
#pragma once

#include <cstddef>

#include "recall/question.h"

namespace lar::recall {

// What the passages that were read hold of it.
struct Found {
    double score = 0;           // BM25 of the best
    double together = 0;        // Evidence::together of the first in rank
    double together_first = 0;  // the most of it, of those that rank first
    double coverage_first = 0;  // the most of Evidence::coverage, of these
};
inline constexpr std::size_t ranked_first = 3;

// 0..1, against least_answerable.
double answerable(const QuestionTerms& terms, const Found& found);

}  // namespace lar::recall
