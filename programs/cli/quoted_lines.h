// Where in a cited passage the quoted sentences stand: a passage has up to some forty lines, a reader wants one.
//
// A sentence is the words of its source put together over line ends and freed of comment signs and list marks. So
// words are compared, in their order; what a model worded anew stands nowhere and gives no line.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/api.h"

namespace lar::cli {

// The lines of the file where the answer's sentences that cite it begin, ascending, each once. Empty where none is
// known: no file, no lines, or a place of one line only, which says it already.
std::vector<std::uint32_t> quoted_lines(const wire::ApiAnswer& answer, const wire::ApiCitation& citation);

}  // namespace lar::cli
