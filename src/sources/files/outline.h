// What stands above each line of a text: headings in marked-up text, enclosing blocks in code.
//
// An Outline is fed the lines in order. It judges how good a place a line is to begin a passage at, and
// knows the context that holds there. It reads shapes (a line of '#', indentation), not languages, so it
// is right for most texts and harmless for the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sources/files/passages.h"

namespace lar::sources {

enum class Break : std::uint8_t {
    poor,     // in the middle of something
    fair,     // a new paragraph, item of a list, row of a table or group of statements
    good,     // a new block at the outer level
    section,  // a heading, or the end of the comment at the head of a file
};

inline constexpr std::uint32_t no_line = static_cast<std::uint32_t>(-1);

struct OutlinedLine {
    Break before = Break::poor;
    bool heading = false;
    std::uint32_t enclosing =
        no_line;  // the heading or the head of the table that this stands under, or the line that opens its block
};
struct Outline {
    std::vector<OutlinedLine> lines;
    bool headings = false;
};

Outline outline_of(const std::vector<std::string_view>& lines, TextShape shape);

// The context of a line, outermost first: all headings, or the two innermost blocks.
std::string context_of(const Outline& outline, const std::vector<std::string_view>& lines, std::size_t line);
// The text of a heading without its marks.
std::string_view heading_text(std::string_view line);

}  // namespace lar::sources
