// One foreign file as text, whatever its format: what lar-reader does for each file it is handed.
//
// The text goes to Blocks as it comes. The name says what a file is taken for; where its first bytes say otherwise it
// is corrupt. A document is denied when it is encrypted, too_large and timeout beyond a limit, unavailable when it is
// of a kind that nobody here reads; what was added before an error stands.
#pragma once

#include <string_view>

#include "base/result.h"
#include "documents/blocks.h"
#include "documents/office.h"

namespace lar::documents {

Result<Read> read_document(wire::DocumentFormat format, std::string_view bytes, Blocks& blocks);

}  // namespace lar::documents
