// Turns of a conversation: what is said right before and after belongs to what is said.
//
// "What instrument does she play?" is answered by "The violin, since last year", two turns after the one that speaks of
// music. So a turn is found by what it says and, with less weight, by what the two before and the two after it say; a
// turn that holds no word of the question may be found by its neighbours alone.
//
// Turns are pushed documents of one source that stand one after another and at about the same time, among which a title
// comes again after another one: it names who speaks. The documents of a collection have titles of their own, or none,
// or share one with the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "base/result.h"
#include "store/store.h"

namespace lar::recall {

inline constexpr std::size_t turns_looked_at = 8;  // of the best that were found, to tell whether they are turns

bool may_be_turn(const store::PlacedPassage& placed);
// Whether most of these, few, are turns. Reads what stands around them.
Result<bool> are_turns(std::span<const store::PassageId> few, store::Reader& reader);

// Scores by passage id, joined with those of the turns around; also of turns that had none.
std::map<std::int64_t, double> heard_around(const std::map<std::int64_t, double>& scores);

}  // namespace lar::recall
