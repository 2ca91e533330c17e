// PDF as text: page by page, each in the order in which people read it, columns one after the other.
//
// Lines that the page breaks become paragraphs again, a word divided at their end whole. What the document's outline
// names is a heading. A document that wants a password is denied; one without any text (pictures of pages) has none.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "documents/blocks.h"
#include "documents/office.h"

namespace lar::documents {

inline constexpr std::uint32_t limit_pdf_pages = 10'000;

// Once, before the process locks itself down: poppler says what is wrong with a file to nobody.
void prepare_pdf();
Result<Read> read_pdf(std::string_view bytes, Blocks& blocks);

}  // namespace lar::documents
