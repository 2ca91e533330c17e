// How FTS5 sees the words of chats: they arrive analysed (index/analysis.h) and joined by spaces.
//
// A tokenizer `lar_terms` that splits at spaces and nothing else. Passages are not FTS5's: segments.h.
#pragma once

#include "base/result.h"

namespace lar::store {

class Connection;

Result<> register_terms(Connection& connection);

}  // namespace lar::store
