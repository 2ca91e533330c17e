// Documents of office programs and books, each a Package: what kind it is, and its text in reading order.
//
// read_package looks what the package says it is and calls the reader of that kind. What a reader leaves out: pictures,
// formatting, deleted text that is still recorded, and macros.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "documents/blocks.h"
#include "documents/package.h"

namespace lar::documents {

struct Read {
    std::string title;
    std::uint32_t pages = 0;
};

Result<Read> read_package(std::string_view bytes, Blocks& blocks);

// ---- what the readers of the kinds share ----

inline constexpr std::size_t limit_row_bytes = 256 * 1024;  // of a table

// OOXML: the parts by the end of their content type ("slide+xml"), in the order in which they are declared.
class ContentTypes {
public:
    static Result<ContentTypes> of(const Package& package);
    std::vector<std::string> parts(std::string_view type_ending) const;
    std::string first(std::string_view type_ending) const;  // empty: none

private:
    std::vector<std::pair<std::string, std::string>> parts_;  // name, type
};

struct Relationship {
    std::string target;  // a part, or a link when external
    std::string type;    // its last word: "slide", "comments"
};
// By id; empty when the part has none.
Result<std::map<std::string, Relationship, std::less<>>> relationships_of(const Package& package,
                                                                          std::string_view part);

// dc:title of docProps/core.xml, meta.xml or an OPF; empty when there is none.
std::string title_in(const Package& package, std::string_view part);

Result<Read> read_word(const Package& package, const ContentTypes& types, Blocks& blocks);
Result<Read> read_slides(const Package& package, const ContentTypes& types, Blocks& blocks);
Result<Read> read_sheets(const Package& package, const ContentTypes& types, Blocks& blocks);
Result<Read> read_open_document(const Package& package, Blocks& blocks);
Result<Read> read_book(const Package& package, Blocks& blocks);

}  // namespace lar::documents
