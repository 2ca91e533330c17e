// The marks by which an answer says where a sentence comes from: [1], [1, 3], [2-4], [passage 1].
//
// A mark is brackets around numbers and nothing else, but for a word such as "passage". Numbers are ASCII digits; what
// has the shape of a mark with other digits, or with numbers that are no numbers, is a mark that names nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lar::answer {

inline constexpr std::size_t limit_mark_bytes = 64;
inline constexpr std::uint32_t limit_mark_range = 64;  // numbers of one range; a longer one is its two ends

struct Mark {
    std::size_t bytes = 0;               // of the text, brackets included
    std::string_view inside;             // between the brackets
    std::vector<std::uint32_t> numbers;  // in the order of the text; 0: a number that is none
};
std::optional<Mark> mark_at(std::string_view text, std::size_t at);

// Whether what begins at text[at] may become a mark when more text comes.
bool may_become_mark(std::string_view text, std::size_t at);

}  // namespace lar::answer
