#include "answer/sentences.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace lar::answer {
namespace {

constexpr auto abbreviations =
    std::to_array<std::string_view>({"e.g", "i.e", "etc", "vs", "cf", "mr", "mrs", "ms", "dr", "st", "no", "fig", "sec",
                                     "ca", "approx", "incl", "resp", "viz"});

}  // namespace

bool ends_sentence(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c != '.' && c != '!' && c != '?') return false;
    std::size_t next = at + 1;
    while (next < text.size() && std::string_view("\"')]*`").contains(text[next])) ++next;
    if (next == text.size()) return true;
    if (text[next] != ' ') return false;
    while (next < text.size() && text[next] == ' ') ++next;
    if (next < text.size() && is_lower(text[next])) return false;
    if (c != '.') return true;
    const std::size_t space = text.rfind(' ', at);
    const std::size_t first = space == std::string_view::npos ? 0 : space + 1;
    const std::string before = to_lower_ascii(trim(text.substr(first, at - first)));
    if (before.size() == 1 && is_lower(before[0])) return false;  // an initial
    return std::ranges::find(abbreviations, std::string_view(before).substr(before.starts_with('(') ? 1 : 0)) ==
           abbreviations.end();
}

std::optional<std::string_view> list_item(std::string_view line) {
    if (line.size() > 2 && std::string_view("-*+").contains(line[0]) && line[1] == ' ') return trim(line.substr(2));
    std::size_t digits = 0;
    while (digits < line.size() && digits < 3 && is_digit(line[digits])) ++digits;
    if (digits == 0 || digits + 1 >= line.size() || (line[digits] != '.' && line[digits] != ')') ||
        line[digits + 1] != ' ')
        return std::nullopt;
    return trim(line.substr(digits + 1));
}

}  // namespace lar::answer
