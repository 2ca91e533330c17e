// Jupyter notebooks: the cells in order, code as code, and what they printed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "documents/blocks.h"

namespace lar::documents {

inline constexpr std::size_t limit_notebook_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t limit_output_bytes = 4 * 1024;  // of one cell: an output can be endless

Result<> read_notebook(std::string_view bytes, Blocks& blocks);

}  // namespace lar::documents
