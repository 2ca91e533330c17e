// An answer without a model: sentences of the sources, quoted.
#pragma once

#include "answer/answer.h"
#include "answer/telling.h"

namespace lar::answer {

inline constexpr std::size_t passages_recalled = 40;

// From passages that answer; says nothing where none of their sentences does.
Result<> tell_quotations(Telling& telling, const Question& question, const recall::Recalled& recalled,
                         store::Reader& reader, const Zone& zone);

// Into answer.nearest what tell_quotations() would have said first: a sentence each of at most three sources. Nothing
// where the passages hold hardly a word of the question.
Result<> tell_nearest(wire::ApiAnswer& answer, const Question& question, const recall::Recalled& recalled,
                      store::Reader& reader, const Zone& zone);

}  // namespace lar::answer
