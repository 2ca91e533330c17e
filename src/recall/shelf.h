// What a path tells of the sort of text that lies there.
//
// Tests use every word of what they test and answer few questions about it; the text of a licence has
// something to say about anything; a list of changes tells what was, and completions of a command line
// repeat its help; what was copied in from elsewhere is seldom what is meant. They count for less, unless the question
// asks for them.
#pragma once

#include <span>
#include <string_view>

#include "recall/question.h"
#include "recall/recall.h"
#include "store/records.h"

namespace lar::recall {

enum class Shelf : std::uint8_t { ordinary, test, licence, changes, completion, vendored };

Shelf shelf_of(std::string_view path);

// What a question asks for, by its terms.
struct ShelvesAsked {
    bool tests = false, licence = false, changes = false;
};
ShelvesAsked shelves_asked(std::span<const QuestionTerm> terms, const Understood& understood);
double shelf_factor(Shelf shelf, const ShelvesAsked& asked);
// Written to be read: README, Markdown and the like.
bool is_document(std::string_view path);
// The file that a passage stands in or speaks of.
std::string_view path_of(const store::PlacedPassage& placed);

}  // namespace lar::recall
