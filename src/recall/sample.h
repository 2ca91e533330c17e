// Some of all passages, for what is measured on them or made from them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "store/store.h"

namespace lar::recall {

// As many as are wanted, or all, spread evenly over their order; ascending.
std::vector<store::PassageId> spread_over(std::span<const store::PassageRange> live, std::size_t wanted);

}  // namespace lar::recall
