// A term of the index and how common it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lar::index {

struct HeldTerm {
    std::string term;
    std::uint64_t passages = 0;  // that hold it, those that were deleted since included
};

// Which of many terms are wanted.
using TermFilter = std::function<bool(std::string_view term)>;

}  // namespace lar::index
