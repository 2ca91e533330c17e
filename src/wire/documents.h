// The channel between lard and a lar-reader that was told OpenDocuments: one foreign file after the other, as text.
//
// Each ReadDocument brings one descriptor, open for reading and nothing else, and is answered by any number of
// DocumentText and MemberFailed, then by DocumentDone or DocumentFailed. Blocks come in reading order; a PDF and slides
// say on which page they stand. What comes out of an archive names its member. A document that could be read only in
// part is done, and says in `cut` what is missing and why.
//
// All text is UTF-8 without control characters; only code and plain text have line ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

inline constexpr std::size_t limit_block_bytes = 1024 * 1024;
inline constexpr std::size_t limit_blocks_in_batch = 512;
inline constexpr std::size_t limit_batch_text_bytes = 64 * 1024;  // after the block that goes over it a batch is sent
inline constexpr std::size_t limit_document_text_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t limit_document_blocks = 200'000;
inline constexpr std::size_t limit_document_name_bytes = 4096;  // of a title or a member
inline constexpr std::uint8_t limit_heading_level = 6;

// What lard takes the file for, by its name; the reader looks whether that is so.
enum class DocumentFormat : std::uint8_t {
    pdf,
    html,
    package,   // a zip that says what it is: OOXML, OpenDocument, EPUB
    notebook,  // Jupyter
    archive,   // zip, tar: its members, one level deep
};

struct ReadDocument {
    std::uint64_t id = 0;
    DocumentFormat format = DocumentFormat::pdf;
    std::uint32_t cpu_ms = 0;  // how much computing it may cost
};

enum class BlockKind : std::uint8_t {
    heading,
    paragraph,
    item,   // of a list
    row,    // of a table: cells with " | " between them
    code,   // as it stands, with its line ends
    plain,  // the whole text of a member that is plain text
};
struct Block {
    BlockKind kind = BlockKind::paragraph;
    std::uint8_t level = 0;  // of a heading, 1 to limit_heading_level
    std::uint32_t page = 0;  // 1-based; 0: the document has none
    std::string text;
};
struct DocumentsOpened {
    std::string layers;  // of the reader's sandbox, for status
};
struct DocumentText {
    std::uint64_t id = 0;
    std::string member;  // of an archive: its path there
    std::vector<Block> blocks;
};
struct MemberFailed {
    std::uint64_t id = 0;
    std::string member;
    std::string code;  // a name of lar::Code: denied means encrypted
    std::string message;
};
struct DocumentFailed {
    std::uint64_t id = 0;
    std::string code;
    std::string message;
};
struct DocumentDone {
    std::uint64_t id = 0;
    std::string title;  // as the document names itself; often empty
    std::uint32_t pages = 0;
    std::string cut;  // "only 40 of 900 pages: …"; empty: it was read whole
};
using DocumentEvent = std::variant<DocumentsOpened, DocumentText, MemberFailed, DocumentFailed, DocumentDone>;

}  // namespace lar::wire
