// What must not reach toml++, whose version 3.4 is undefined where a letter beyond ASCII stands outside of quotes and
// comments, or behind a backslash (in a text of several lines also where that joins two of them). Nearly all of it is
// no TOML anyway, and is complained of here instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lar::lard {

// The line, from 1, of the first such letter.
std::optional<std::size_t> line_of_bare_letter(std::string_view toml);

}  // namespace lar::lard
