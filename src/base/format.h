// Text from a format string and values, in the language of std::format, checked when compiled.
//
// <format> would have every file that uses it compile the formatters again, a second each: this leaves them in one.
#pragma once

#include <fmt/base.h>

#include <string>

namespace lar {

std::string format_values(fmt::string_view text, fmt::format_args values);

template <class... Values>
std::string format(fmt::format_string<Values...> text, Values&&... values) {
    return format_values(text, fmt::make_format_args(values...));
}

}  // namespace lar
