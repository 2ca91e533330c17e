// A term of the index and how common it is.
#pragma once

#include <cstdint>
#include <string>

namespace lar::index {

struct HeldTerm {
    std::string term;
    std::uint64_t passages = 0;  // that hold it, those that were deleted since included
};

}  // namespace lar::index
