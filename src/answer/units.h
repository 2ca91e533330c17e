// The pieces of a passage that an answer can be made of: sentences, rows of a table, lines of code or of a diff.
//
// Sentences are put together over the ends of lines and freed of comment signs and list marks; a
// statement of code is kept as it stands. Headings are no pieces: they say what the others are about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.h"

namespace lar::answer {

inline constexpr std::size_t limit_units = 400;          // of one passage
inline constexpr std::size_t limit_statement_lines = 4;  // of one piece of code

enum class Form : std::uint8_t { sentence, row, code, change };

struct Unit {
    std::string text;
    std::uint32_t line_first = 0, line_last = 0;  // in the file; 0 where the passage has no lines
    Form form = Form::sentence;
};

std::vector<Unit> units_of(const store::PlacedPassage& placed);

// Whether a line is one of those that name the files of a change: "modified src/a.c (+3 -1)".
bool names_changed_file(std::string_view line);

}  // namespace lar::answer
