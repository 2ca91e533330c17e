// Python's strings on UTF-8: characters, white space, and the ways in which Python writes a value.
// Every text here is well-formed: templates and messages are looked at where they come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inference/jinja_value.h"

namespace lar::inference::jinja {

struct Character {
    char32_t code = 0;
    std::size_t bytes = 0;
};
Character first_character(std::string_view text);  // of a text that is not empty
std::size_t count_characters(std::string_view text);
std::vector<std::string_view> characters(std::string_view text);
void append_utf8(std::string& out, char32_t code);

bool is_space(char32_t code);
enum class Side : std::uint8_t { left, right, both };
std::string_view strip(std::string_view text, Side side);
std::string_view strip_of(std::string_view text, std::string_view characters_to_strip, Side side);

std::string html_escaped(std::string_view text);
std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_title(std::string_view text);
std::string to_capitalized(std::string_view text);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to, std::int64_t count);
std::vector<std::string_view> split_lines_python(std::string_view text);

std::string real_text(double value);                          // 0.1, 1e+16, inf
void append_quoted(std::string& out, std::string_view text);  // repr of a string
void append_json_string(std::string& out, std::string_view text, bool ascii);

// "%s of %d" % values, and "{} of {n}".format(values).
Result<std::string> percent_format(std::string_view format, const Value& values, Budget& budget);
Result<std::string> brace_format(std::string_view format, const Arguments& arguments, Budget& budget);

}  // namespace lar::inference::jinja
