// The same text in several places is found once: the best of them stays, and says where the others are.
//
// The same is what differs in white space and case at most: a file and its copy, a hunk of two branches. What is nearly
// all said by a better one goes too (recall/shingles.h): a paragraph of another version, a hunk that adds what the file
// says, a quoted mail; unless it holds more of the question. Its place has another hash then, by which it can be told
// apart. Only what was found is compared, so the cost is that of hashing a few dozen passages.
#pragma once

#include <cstddef>

#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t folding_reserve = 10;  // candidates beyond the limit that take the place of folded ones
inline constexpr std::size_t limit_compared = 60;   // of the best, with which others are compared
inline constexpr std::size_t limit_also = 20;       // places named besides the best

void fold(Recalled& recalled);
// Leaves the best, and says how many there were besides.
void cut(Recalled& recalled, std::size_t limit);

}  // namespace lar::recall
