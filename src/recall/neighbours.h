// The passages around those that were found.
//
// A comment explains what the constant below it fixes, and only one of the two holds the question's
// words: cutting a text into passages tears apart what a reader sees together. So the passages next to the
// best ones are candidates too, for an answer to find its sentences in, at a fraction of the score.
#pragma once

#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t neighbours_of = 12;  // of so many candidates, best first
inline constexpr std::int64_t neighbours_after = 3, neighbours_before = 1;

Result<> add_neighbours(Recalled& recalled, store::Reader& reader);

}  // namespace lar::recall
