// What the rules of redaction share: what a rule says, and small questions about characters.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "consent/redaction.h"

namespace lar::consent {

struct Match {
    std::size_t begin = 0, end = 0;
    Sort sort = Sort::secret;
    std::string_view reason;  // of static storage
};
using Maybe = std::optional<Match>;

constexpr bool is_letter(char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_word(char c) { return is_alnum(c) || c == '_'; }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr char lowered(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The character there; 0 beyond either end.
constexpr char at_or_zero(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }
constexpr char before(std::string_view text, std::size_t at) { return at == 0 ? '\0' : at_or_zero(text, at - 1); }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lowered(a[i]) != lowered(b[i])) return false;
    return true;
}
constexpr bool starts_ignoring_case(std::string_view text, std::string_view with) {
    return text.size() >= with.size() && equal_ignoring_case(text.substr(0, with.size()), with);
}

// How far a run of characters goes from there, at most `most`.
template <class Is>
constexpr std::size_t run_of(std::string_view text, std::size_t at, Is is, std::size_t most) {
    std::size_t end = at;
    while (end < text.size() && end - at < most && is(text[end])) ++end;
    return end - at;
}

// How a text is made up, for telling what chance wrote from what people did.
struct Makeup {
    std::size_t letters = 0, uppers = 0, lowers = 0, digits = 0, others = 0;
    std::size_t turns = 0;  // from letter to digit or back, or from lower to upper case, without anything between
};
Makeup makeup_of(std::string_view text);
// As a key or token does, of at least `least` characters: mixed, and not of words.
bool looks_random(std::string_view text, std::size_t least);

}  // namespace lar::consent
