// Web pages as text: headings, paragraphs, items, rows and code, without scripts, styles and what is not shown.
//
// The encoding is the byte order mark's, or the one that the page names, or UTF-8 where it is that, or else what the
// web falls back to (windows-1252).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "documents/blocks.h"

namespace lar::documents {

inline constexpr std::size_t limit_html_bytes = 8 * 1024 * 1024;  // a tree takes some twenty times as much
inline constexpr std::size_t limit_html_depth = 2000;             // where the reading of it ends

// Returns the page's title.
Result<std::string> read_html(std::string_view bytes, Blocks& blocks);

}  // namespace lar::documents
