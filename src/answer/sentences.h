// Where a sentence ends, in running text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lar::answer {

// Whether text[at] is the last character of a sentence but for quotes and brackets that close after it. What follows
// decides: a lower-case letter goes on, and so does what stands after an abbreviation or an initial.
bool ends_sentence(std::string_view text, std::size_t at);

// The text of a list item ("- ", "3. "), or nothing.
std::optional<std::string_view> list_item(std::string_view line);

}  // namespace lar::answer
