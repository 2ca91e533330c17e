// From what a reader said of a document to passages: the same cutting as of text, page by page.
//
// The blocks are written out as marked-up text, which is what a passage shows; its context is the path of headings
// above it, also across pages. A passage stands on one page. Of an archive, each member is text of its own: its
// passages name it, and plain text has its lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"
#include "wire/documents.h"

namespace lar::sources {

// The blocks of a document, or of one member of an archive.
struct DocumentPart {
    std::string member;  // empty: the document itself
    std::vector<wire::Block> blocks;
};

struct DocumentPassages {
    std::vector<store::NewPassage> passages;
    std::vector<store::LeftOut> left_out;  // members that hold no text for Lar: secrets, what programs made
};
DocumentPassages document_passages(const std::vector<DocumentPart>& parts, std::string_view path,
                                   std::string_view title);

// What the document calls itself, unless that is what its program put there; else its first heading, else its name.
std::string document_title(std::string_view own, const std::vector<DocumentPart>& parts, std::string_view path);

}  // namespace lar::sources
