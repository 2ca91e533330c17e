// Which sentences, rows and lines of the recalled passages answer the question.
//
// Every piece is judged by how much of the question's information it holds itself or stands under
// (title, path, heading), by how close together the words stand, and by the passage it comes from. The
// best are taken one by one, each judged anew by what it adds to those before and so that more than one
// source speaks; nothing is said twice.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "answer/units.h"
#include "base/result.h"
#include "recall/recall.h"

namespace lar::answer {

inline constexpr std::size_t limit_sentences = 5;
inline constexpr std::size_t limit_passages_taken_apart = 40;

struct Extract {
    std::size_t candidate = 0;  // in recalled.candidates
    Unit unit;
    double score = 0;
};

// Best first by source, in reading order within a source. At most `sources_limit` different candidates.
Result<std::vector<Extract>> extract(std::string_view question, const recall::Recalled& recalled,
                                     std::size_t sources_limit, store::Reader& reader);

}  // namespace lar::answer
