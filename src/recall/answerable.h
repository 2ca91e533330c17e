// Whether what was found can answer the question at all.
//
// BM25 of the best passage, as a share of what the question's words are worth together, tells most: a passage
// that answers holds most of what was asked, densely. A long question holds more words that an answer does not repeat,
// so the share that it takes falls with their number. The two weights were fitted (logistic regression) on 134
// questions about five trees, 34 of them without an answer; more features did not do better in cross-validation, nor
// did forty others on 210 questions about six trees.
//
// The ends are clear without: what a stretch of a few lines says nearly in full is there, and where the best of what
// was found says hardly anything in one place, words met by chance. Of 850 questions that their tree does not answer,
// 800 of them about another tree, these two ends let two more pass and keep 23 others out, and they hold back no right
// answer to 160 that it answers (bench/judging.py).
#pragma once

#include <cstddef>

#include "recall/question.h"

namespace lar::recall {

// What the passages that were read hold of it.
struct Found {
    double score = 0;           // BM25 of the best
    double together = 0;        // the most of Evidence::together
    double together_first = 0;  // of those that rank first
};
inline constexpr std::size_t ranked_first = 3;

// 0..1, against least_answerable.
double answerable(const QuestionTerms& terms, const Found& found);

}  // namespace lar::recall
