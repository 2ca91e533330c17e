// The constants that tell a number that is asked for.
//
// "default size of the async queue" is `default_async_q_size = 8192`, in a file that may hold none of these words: how
// one says it and how one names it differ in what joins the words alone. A name is taken apart by the words of the
// question, what stands for them, and what names of numbers are made with ("default", "max", "limit"); where they make
// up most of it, the passage that gives it a number belongs to what is found. That a name is there says nothing of
// whether there is an answer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "recall/question.h"
#include "store/store.h"

namespace lar::recall {

struct Constant {
    std::string name;  // as the index has it: defaultasyncqs
    double worth = 0;  // what it holds of the question's information, by how much of it is made of that: 0..1
    std::vector<store::PlacedPassage> given;  // where it gets its number: few, of code that is no test
};
// The best first; none where no number is asked for. `terms` are those of the question, informed; `found` are passages
// that words found, which may give a number to names that begin with what nobody asks for (REDIS_, UV_).
Result<std::vector<Constant>> constants_asked_for(std::string_view question, const QuestionTerms& terms,
                                                  const store::Scope& scope,
                                                  std::span<const store::PlacedPassage* const> found,
                                                  store::Reader& reader);

// What a line of code gives a number other than 0: "NAME = 30", "#define NAME 30", "name: int = 30", "name{30}". As the
// index has it.
std::vector<std::string> given_numbers(std::string_view line);

}  // namespace lar::recall
