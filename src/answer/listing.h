// Answers that are lists: where somebody left off, what happened in a span of time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recall/recall.h"

namespace lar::answer {

inline constexpr std::size_t limit_listed = 12;

struct Listed {
    std::string text;
    std::size_t candidate = 0;
};

// One line for each document: the uncommitted diff with its files, commits with author and time, files with when they
// were edited. Each kind gets its share of `sources_limit`.
std::vector<Listed> list(const recall::Recalled& recalled, std::size_t sources_limit, const Zone& zone);

}  // namespace lar::answer
