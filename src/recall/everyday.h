// Words of everyday language (everyday.txt), which a question uses and the text that answers it may well say otherwise.
//
// "went wrong", "all of a sudden", "half an hour": a passage without them can answer, whereas one without
// "Kubernetes" cannot answer a question about Kubernetes. So these count for less, both in ranking and when it
// is judged whether the sources can answer at all. Names of things that programs deal with (file, port, thread)
// are not among them.
#pragma once

#include <string_view>

namespace lar::recall {

// `term` as index/analysis.h gives it, in the language that it is marked with.
bool is_everyday(std::string_view term);

}  // namespace lar::recall
