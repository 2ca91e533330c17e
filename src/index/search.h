// The best passages for a bag of weighted terms, over several segments at once: exactly those that reading every
// posting would give, found by reading few of them.
//
// A passage's score is the sum over the terms of weight * idf * tf / (tf + k1 * (1 - b + b * length / average)), where
// tf is the weighted sum of how often the term occurs in each field, and the length the same weighted sum of the
// fields' lengths. Each summand is made a whole number, a 2^30th part of the largest possible score, so the sum does
// not depend on the order in which it is made, and neither does the ranking: equal scores stand in the order of their
// ids.
//
// The search goes through a segment in windows of 4,096 passages. In each it knows from BlockFacts what a term can add
// at most. The terms that even together cannot lift a passage among the best found so far are set aside; postings of
// the others are added up; and only passages that can still become one of the best are looked up in those set aside.
// (Block-max MaxScore; for hundreds of terms it does less work than WAND, because nothing is sorted for a passage.)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/merge.h"
#include "index/segment.h"
#include "index/terms.h"

namespace lar::index {

struct WeightedTerm {
    std::string term;
    double weight = 1;
    // The same word as other passages have it: passages of another language, of which each has one of them. They count
    // as the term, and are as rare as all of them together.
    std::vector<std::string> forms = {};
};
struct Bm25 {
    double k1 = 1.2, b = 0.75;
    std::array<double, field_count> field_weights{1, 1, 1, 1};  // by Field; none below 0
    double passages = 0;                                        // live ones, of all segments
    double average_length = 0;                                  // weighted as the fields are
};
struct Found {
    std::int64_t id = 0;
    double score = 0;
};

// Rising ids: the passages first … first + count - 1.
struct IdRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

enum class Pruning : std::uint8_t {
    on,
    off,  // reads every posting: what tests and measurements compare with
};
struct SearchOptions {
    std::size_t limit = 10;
    const std::vector<IdRange>* only = nullptr;  // rising; null: all that is live
    Pruning pruning = Pruning::on;
};

Result<std::vector<Found>> search(std::span<const LiveSegment> segments, std::span<const WeightedTerm> terms,
                                  const Bm25& bm25, const SearchOptions& options);

// In how many live passages each term is. Exact for terms in up to a few thousand; for others the deleted ones are
// taken off in proportion.
Result<std::vector<std::uint64_t>> document_frequencies(std::span<const LiveSegment> segments,
                                                        std::span<const std::string> terms);

// Every term that begins with one of these and is wanted, in the order of bytes. `wanted` is asked in each segment.
Result<std::vector<HeldTerm>> terms_beginning(std::span<const LiveSegment> segments,
                                              std::span<const std::string_view> beginnings, const TermFilter& wanted);

// What Lucene takes: never below 0, and little for a term that most passages hold.
double idf(double passages, double with_term);

}  // namespace lar::index
