// Where a sentence ends, in running text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lar::answer {

// The bytes of a full stop, exclamation or question mark that text begins with; 0: none. Those of Chinese and Japanese,
// three bytes each, end a sentence whatever follows.
std::size_t stop_bytes(std::string_view text);

// Behind the quotes and brackets that close at text[at].
std::size_t behind_closers(std::string_view text, std::size_t at);

// If a sentence ends with the stop at text[at], the byte behind it and behind what closes after it; otherwise 0. What
// follows decides: a lower-case letter goes on, and so does what stands after an abbreviation or an initial.
std::size_t sentence_end(std::string_view text, std::size_t at);

// Whether lines that end and begin so are put together without a space: Chinese and Japanese.
bool joins_without_space(std::string_view before, std::string_view after);

// The text of a list item ("- ", "3. "), or nothing.
std::optional<std::string_view> list_item(std::string_view line);

}  // namespace lar::answer
