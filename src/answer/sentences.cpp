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

constexpr auto wide_stops = std::to_array<std::string_view>({"。", "！", "？", "｡"});
constexpr std::string_view closers = "\"')]*`";
constexpr auto wide_closers = std::to_array<std::string_view>({"」", "』", "）", "】", "”", "’", "》", "〉"});

template <std::size_t count>
std::size_t begins_with(std::string_view text, const std::array<std::string_view, count>& signs) {
    for (const std::string_view sign : signs)
        if (text.starts_with(sign)) return sign.size();
    return 0;
}

// U+3000 to U+9FFF, U+FF00 to U+FF60: signs of Chinese and Japanese, kana, Han.
bool is_wide(std::string_view letter) {
    return (letter >= "\xE3\x80\x80" && letter < "\xEA\x80\x80") ||
           (letter >= "\xEF\xBC\x80" && letter < "\xEF\xBD\xA1");
}

bool ends_sentence(std::string_view text, std::size_t at) {
    const char c = text[at];
    if (c != '.' && c != '!' && c != '?') return false;
    std::size_t next = behind_closers(text, at + 1);
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

}  // namespace

std::size_t behind_closers(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const std::size_t wide = begins_with(text.substr(at), wide_closers);
        if (wide == 0 && !closers.contains(text[at])) break;
        at += std::max<std::size_t>(wide, 1);
    }
    return at;
}

std::size_t stop_bytes(std::string_view text) {
    if (text.starts_with('.') || text.starts_with('!') || text.starts_with('?')) return 1;
    return begins_with(text, wide_stops);
}

std::size_t sentence_end(std::string_view text, std::size_t at) {
    const std::size_t stop = stop_bytes(text.substr(at));
    if (stop == 0) return 0;
    std::size_t end = at + stop;
    if (stop == 1) {
        if (!ends_sentence(text, at)) return 0;
        while (end < text.size() && text[end] != ' ') ++end;
        return end;
    }
    for (std::size_t more = 1; more > 0; end = behind_closers(text, end + more)) more = stop_bytes(text.substr(end));
    return end;
}

bool joins_without_space(std::string_view before, std::string_view after) {
    return before.size() >= 3 && after.size() >= 3 && is_wide(before.substr(before.size() - 3)) &&
           is_wide(after.substr(0, 3));
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
