// ask with a model, and one turn of a conversation: recall → prompt → stream → verified sentences → receipt.
//
// A question that the sources do not answer is "not found", and no model is asked. One that they answer is written by
// the model from the passages it is sent, each sentence checked as it comes (verify.h). Where there is no model, or it
// fails before its first sentence, or not even the question fits its window, the answer is quoted instead and the
// receipt says why. Where no source holds anything of what it wrote, quotations follow it. A conversation needs a
// model; a turn that the sources say nothing about is the model's own word, and each of its sentences is marked.
//
// Whoever waits is asked through `gone` while nothing comes, and through the sink with every sentence.
#pragma once

#include <string>
#include <vector>

#include "answer/answer.h"
#include "answer/prompt.h"
#include "answer/text_model.h"

namespace lar::answer {

inline constexpr std::size_t limit_repeats = 3;  // sentences that were there already, before the model is stopped
inline constexpr std::size_t limit_written_bytes = 64 * 1024;  // of one answer

struct Generation {
    TextModels& models;
    std::string model;  // empty: the default. One that is named and not there is an error, not a reason to quote.
    Gone gone;          // may be empty
};

// The same as ask(), by a model where one can.
Result<wire::ApiAnswer> ask_model(const Question& question, const Generation& generation, store::Reader& reader,
                                  const Clock& clock, const Zone& zone, const Facts& facts, const Sink& sink);

enum class Grounds : std::uint8_t { sources, none };
struct Conversation {
    std::vector<Turn> history;  // oldest first, without this question
    Grounds grounds = Grounds::sources;
};
Result<wire::ApiAnswer> converse(const Question& question, const Conversation& conversation,
                                 const Generation& generation, store::Reader& reader, const Clock& clock,
                                 const Zone& zone, const Facts& facts, const Sink& sink);

}  // namespace lar::answer
