// What passages that speak of the same things say for each other.
//
// A text that answers a question about a subject seldom stands alone: others about that subject use other words for
// it, and hold other words of the question. So the score of a passage is joined with the mean of those that are most
// like it among the best that were found (score regularisation, Diaz 2007), which lifts what stands amid good passages
// and lowers what shares nothing but a word with the question. Likeness is the cosine of their terms by BM25's weights,
// with the idf of these few passages: what they nearly all hold tells nothing apart. It needs the texts of the passages
// and nothing else of the store.
//
// A short question asks for one thing by its name, and what is like that thing is not it: there is no share for others
// then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "index/analysis.h"
#include "recall/question.h"

namespace lar::recall {

inline constexpr std::size_t limit_agreeing = 100;  // passages that are compared with each other

// How far a question is about a subject: 0 where it names one thing, 1 where it has many words.
double breadth(const QuestionTerms& terms);
// The share of a passage's score that others give, 0..1.
double share_of_others(const QuestionTerms& terms);

class Agreement {
public:
    // Passages in any order, each known from here on by its number: 0, 1, …; at most limit_agreeing.
    void add(std::span<const index::Token> tokens);
    // The scores of all that were added, joined with those of the passages like them.
    std::vector<double> join(std::span<const double> scores, double share);

private:
    struct Weighed {
        std::uint32_t term = 0;
        float weight = 0;
    };
    void weigh();
    std::vector<std::pair<double, std::size_t>> most_alike(std::size_t passage) const;

    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<std::uint32_t> holders_;  // by term: how many passages hold it
    std::vector<std::vector<Weighed>> passages_;
    std::vector<std::size_t> lengths_;
};

}  // namespace lar::recall
