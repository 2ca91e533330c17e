// Why an answer or a search came out as it did: the question as understood, every candidate with the parts of its
// score, and what became of it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "recall/question.h"
#include "recall/recall.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::answer {

// `outcomes`: of each candidate, in their order.
Result<wire::ApiExplanation> explain(const recall::Recalled& recalled, const std::vector<std::string>& outcomes,
                                     store::Reader& reader);

// What became of the candidates of an answer: cited, sent to a model, or not used.
struct Uses {
    std::vector<std::uint32_t> cited, sent;  // by candidate: the number, or 0
};
std::vector<std::string> outcomes_of(const recall::Recalled& recalled, const Uses& uses);

}  // namespace lar::answer
