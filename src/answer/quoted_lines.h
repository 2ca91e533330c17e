// Where in a cited passage the quoted sentences stand: a passage has up to some forty lines, a reader wants one.
//
// A sentence is the words of its source put together over line ends and freed of comment signs and list marks. So
// words are compared, in their order; what a model worded anew stands nowhere and gives no line.
#pragma once

#include "wire/api.h"

namespace lar::answer {

// Fills in ApiCitation::lines of all citations, and of what came nearest. None where none is known: no file, no lines,
// or a place of one line only, which says it already.
void find_quoted_lines(wire::ApiAnswer& answer);

}  // namespace lar::answer
