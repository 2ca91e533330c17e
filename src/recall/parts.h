// The parts of a question that asks for more than one thing.
//
// "how many threads are used at most, and why the cap?" asks twice. What answers the first half holds few of the words
// of the second, so the whole looks like a question without an answer. Each part that carries half of the question by
// itself is judged like a question then; a short one is not, because "and where is it kept?" fits everything.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "recall/question.h"
#include "store/store.h"

namespace lar::recall {

inline constexpr std::size_t limit_parts = 4;         // that are judged
inline constexpr double least_answerable_part = 0.6;  // a part is more easily found by chance than the whole

// What stands between commas, colons, full stops, question marks and dashes, and before "and what", "and why", …;
// nothing when that is the whole.
std::vector<std::string_view> parts_of(std::string_view question);

// The most that recall/answerable.h makes of one part: 0 where no part is long enough or likely enough. `terms`: of the
// whole question.
Result<double> answerable_in_part(std::string_view question, const QuestionTerms& terms, const store::Scope& scope,
                                  store::Reader& reader);

}  // namespace lar::recall
