// Small operations on UTF-8 text that several rooms need. What words mean for search is index/'s.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lar {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
std::string_view trim(std::string_view text);
std::string to_lower_ascii(std::string_view text);
// Split on a character; empty pieces are kept ("a,,b" gives three).
std::vector<std::string_view> split(std::string_view text, char separator);
// The lines of a text without their ends ("\n" or "\r\n"); a last line without an end counts.
std::vector<std::string_view> split_lines(std::string_view text);

// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates)?
bool is_utf8(std::string_view bytes);
// The same bytes with every ill-formed sequence replaced by U+FFFD.
std::string to_utf8_lossy(std::string_view bytes);
// The longest prefix of at most `limit_bytes` that does not cut a code point.
std::string_view utf8_prefix(std::string_view text, std::size_t limit_bytes);
// Text safe to print on a terminal: control characters other than newline and tab replaced.
std::string printable(std::string_view text);

}  // namespace lar
