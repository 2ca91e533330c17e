// What the harnesses of documents share: one foreign file, read as lar-reader reads it, with what comes out checked
// against what wire/documents.h promises.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "documents/document.h"

namespace lar {

inline int read_as(wire::DocumentFormat format, const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t cpu_ms = 2000;
    std::size_t bytes = 0;
    documents::Blocks blocks(1, documents::Budget(cpu_ms),
                             {.text = [&](wire::DocumentText&& text) -> Result<> {
                                  if (text.blocks.empty() || text.blocks.size() > wire::limit_blocks_in_batch)
                                      std::abort();
                                  for (const wire::Block& block : text.blocks) {
                                      bytes += block.text.size();
                                      if (block.text.size() > wire::limit_block_bytes || !is_utf8(block.text))
                                          std::abort();
                                      if (trim(block.text).empty()) std::abort();
                                  }
                                  return {};
                              },
                              .member_failed = [](wire::MemberFailed&&) -> Result<> { return {}; }});
    const Result<documents::Read> read =
        documents::read_document(format, {reinterpret_cast<const char*>(data), size}, blocks);
    if (!blocks.flush() || bytes > wire::limit_document_text_bytes) std::abort();
    if (read && read->title.size() > wire::limit_document_name_bytes) std::abort();
    return 0;
}

}  // namespace lar
