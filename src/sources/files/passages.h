// Cutting a text into passages: the pieces that are found, shown and cited.
//
// A good passage is about one thing and is short enough to be read at once. Markdown is cut at headings,
// its long lists between items and its long tables between rows, code between blocks (blank lines and
// indentation, which works across languages), prose between paragraphs; neighbours that are too small are
// joined, and what is too long is cut at the best place there is. The comment at the head of a file is a passage of its
// own. A line is never cut, unless it alone is longer than limit_line_bytes; then its pieces all carry its number.
//
// The passages of a text stand in order and hold every line of it, except blank ones between them.
// `context` is what stands above a passage: the path of headings, with the head of a table where it begins among
// the rows, or the lines that open the enclosing blocks of code ("class Store > Result<> open(path)").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"

namespace lar::sources {

inline constexpr std::size_t passage_target_bytes = 1500;  // cut at the best place before this
inline constexpr std::size_t passage_minimum_bytes = 500;  // join with the next below this
inline constexpr std::size_t passage_target_lines = 40;
inline constexpr std::size_t limit_line_bytes = 8 * 1024;
inline constexpr std::size_t limit_context_bytes = 200;

enum class TextShape : std::uint8_t { prose, markup, code };
TextShape shape_of(std::string_view path);

struct Cut {
    std::uint32_t line_first = 0, line_last = 0;  // 1-based, inclusive
    std::string context;
    std::string_view text;  // without the line end of its last line
};
// `text` has "\n" at the ends of lines, as decode_text gives it; it must outlive the cuts.
std::vector<Cut> cut_passages(std::string_view text, TextShape shape);

// The first heading of a text with headings, else the name of the file.
std::string title_of(std::string_view text, std::string_view path, TextShape shape);

// The passages of one document ready for the store, analysed for search.
std::vector<store::NewPassage> new_passages(std::string_view text, std::string_view path, std::string_view title,
                                            TextShape shape);

}  // namespace lar::sources
