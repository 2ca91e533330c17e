#include "recall/definition.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "index/analysis.h"

namespace lar::recall {
namespace {

constexpr std::size_t limit_definition_bytes = 300;  // of a line; what is longer is data

constexpr auto openings = std::to_array<std::string_view>(
    {"struct ",      "class ", "enum ",   "union ",   "typedef ",  "using ",     "def ",
     "async def ",   "fn ",    "pub ",    "func ",    "function ", "type ",      "interface ",
     "trait ",       "impl ",  "module ", "package ", "const ",    "constexpr ", "inline constexpr ",
     "static const", "let ",   "var ",    "export ",  "#define ",  "template",   "create table ",
     "sub ",         "proc "});

// A line that defines something, by its shape.
bool is_definition(std::string_view line) {
    if (line.empty() || line.size() > limit_definition_bytes) return false;
    const std::string lower = to_lower_ascii(line);
    const bool opens =
        std::ranges::any_of(openings, [&](std::string_view opening) { return lower.starts_with(opening); });
    if (opens)
        return !lower.ends_with(';') || lower.contains('=') || lower.starts_with("using ") ||
               lower.starts_with("typedef ");
    // A function: its name and parameters at the margin, and no statement.
    const char first = line[0];
    const bool margin = first != ' ' && first != '\t' && first != '#' && first != '/' && first != '*' && first != '}';
    return margin && line.contains('(') && !line.ends_with(';') && !line.ends_with(',') && !line.starts_with("return");
}

}  // namespace

bool defines(std::string_view code, std::span<const std::string> names) {
    if (names.empty()) return false;
    for (const std::string_view line : split_lines(code)) {
        if (!is_definition(line)) continue;
        for (const index::Token& token : index::analyse(line.substr(0, line.find('{'))))
            if (!token.part && std::ranges::find(names, token.term) != names.end()) return true;
    }
    return false;
}

}  // namespace lar::recall
