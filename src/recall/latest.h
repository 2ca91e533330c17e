// What somebody worked on last: for "where did I leave off" and for "what changed yesterday" without a subject.
//
// Newest first within each kind: the uncommitted diff, then commits, then files. With words ("with the
// ingest job") only documents that hold them count.
#pragma once

#include "recall/question.h"
#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t latest_commits = 5;
inline constexpr std::size_t latest_files = 5;

Result<> latest(Recalled& recalled, const QuestionTerms& terms, const Options& options, store::Reader& reader);

}  // namespace lar::recall
