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
inline constexpr std::size_t limit_passages_taken_apart = 80;

inline constexpr std::uint32_t limit_cited_lines = 72;  // of one citation: passages side by side are cited as one

struct Extract {
    std::size_t candidate = 0;  // in recalled.candidates
    std::size_t citation = 0;   // in Extracts::citations
    Unit unit;
};
struct Extracts {
    std::vector<Extract> extracts;
    std::vector<std::vector<std::size_t>> citations;  // each the candidates it is made of, in the order of the text
};

// The best source first, each in the order it is written. At most `sources_limit` different candidates.
Result<Extracts> extract(std::string_view question, const recall::Recalled& recalled, std::size_t sources_limit,
                         store::Reader& reader);

}  // namespace lar::answer
