#include "answer/marks.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace lar::answer {
namespace {

struct Brackets {
    std::string_view open, close;
};
constexpr auto brackets = std::to_array<Brackets>({{"[", "]"}, {"【", "】"}});
constexpr auto words = std::to_array<std::string_view>({"passages", "passage", "sources", "source", "ref"});
// What may stand between numbers; the first four join the ends of a range.
constexpr auto signs = std::to_array<std::string_view>({"-", "–", "—", "†", ",", ";", "&", " ", "^", "\xC2\xA0", "‑"});
constexpr std::size_t joining_signs = 3;

// The bytes of a digit that is not ASCII's at the beginning: Arabic, Devanagari, full width, superscript; 0: none.
std::size_t foreign_digit(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[i])) : 0U;
    };
    const auto within = [](unsigned value, unsigned first, unsigned last) { return value >= first && value <= last; };
    if (byte(0) == 0xD9 && within(byte(1), 0xA0, 0xA9)) return 2;                       // U+0660
    if (byte(0) == 0xDB && within(byte(1), 0xB0, 0xB9)) return 2;                       // U+06F0
    if (byte(0) == 0xC2 && (within(byte(1), 0xB2, 0xB3) || byte(1) == 0xB9)) return 2;  // superscripts
    if (byte(0) == 0xE0 && byte(1) == 0xA5 && within(byte(2), 0xA6, 0xAF)) return 3;    // U+0966
    if (byte(0) == 0xEF && byte(1) == 0xBC && within(byte(2), 0x90, 0x99)) return 3;    // U+FF10
    if (byte(0) == 0xE2 && byte(1) == 0x81 && (byte(2) == 0xB0 || within(byte(2), 0xB4, 0xB9))) return 3;
    return 0;
}

std::optional<std::size_t> sign_at(std::string_view text) {
    for (std::size_t i = 0; i < signs.size(); ++i)
        if (text.starts_with(signs[i])) return i;
    return std::nullopt;
}

void skip_word(std::string_view& text) {
    const std::string lower = to_lower_ascii(text.substr(0, std::min(text.size(), limit_mark_bytes)));
    for (const std::string_view word : words)
        if (lower.starts_with(word)) return text.remove_prefix(word.size());
}

// The number at the beginning, taken off; 0 for one that is none of ours.
std::uint32_t take_number(std::string_view& text) {
    std::uint32_t number = 0;
    bool ours = true;
    while (!text.empty()) {
        if (is_digit(text.front())) {
            number = number > 99'999'999 ? 0 : number * 10 + static_cast<std::uint32_t>(text.front() - '0');
            ours = ours && number <= 99'999'999;
            text.remove_prefix(1);
        } else if (const std::size_t bytes = foreign_digit(text); bytes > 0) {
            ours = false;
            text.remove_prefix(bytes);
        } else {
            break;
        }
    }
    return ours ? number : 0;
}

bool begins_number(std::string_view text) {
    return !text.empty() && (is_digit(text.front()) || foreign_digit(text) > 0);
}

void add(std::vector<std::uint32_t>& numbers, std::uint32_t number, bool joined) {
    if (joined && !numbers.empty() && number > numbers.back() && number - numbers.back() <= limit_mark_range)
        for (std::uint32_t between = numbers.back() + 1; between < number; ++between) numbers.push_back(between);
    numbers.push_back(number);
}

// The numbers of what stands between brackets; nothing unless it is a mark. `whole` false: it may go on.
std::optional<std::vector<std::uint32_t>> numbers_in(std::string_view inside, bool whole) {
    skip_word(inside);
    std::vector<std::uint32_t> numbers;
    bool joined = false;
    while (!inside.empty()) {
        if (begins_number(inside)) {
            add(numbers, take_number(inside), joined);
            joined = false;
        } else if (const auto sign = sign_at(inside)) {
            joined = *sign < joining_signs || (joined && signs[*sign] == " ");
            inside.remove_prefix(signs[*sign].size());
        } else if (!whole && inside.size() < 3 && static_cast<unsigned char>(inside.front()) >= 0x80) {
            break;  // the beginning of a character
        } else {
            return std::nullopt;
        }
    }
    if (whole && numbers.empty()) return std::nullopt;
    return numbers;
}

}  // namespace

std::optional<Mark> mark_at(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at, limit_mark_bytes);
    for (const Brackets& pair : brackets) {
        if (!rest.starts_with(pair.open)) continue;
        const std::size_t close = rest.find(pair.close, pair.open.size());
        if (close == std::string_view::npos) return std::nullopt;
        const std::string_view inside = rest.substr(pair.open.size(), close - pair.open.size());
        auto numbers = numbers_in(inside, true);
        if (!numbers) return std::nullopt;
        return Mark{close + pair.close.size(), inside, std::move(*numbers)};
    }
    return std::nullopt;
}

bool may_become_mark(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    if (rest.size() >= limit_mark_bytes) return false;
    for (const Brackets& pair : brackets) {
        if (pair.open.starts_with(rest)) return true;
        if (!rest.starts_with(pair.open)) continue;
        const std::string_view inside = rest.substr(pair.open.size());
        if (inside.contains(pair.close)) return false;
        const std::string lower = to_lower_ascii(inside);
        const bool word = std::ranges::any_of(words, [&](std::string_view one) { return one.starts_with(lower); });
        return word || numbers_in(inside, false).has_value();
    }
    return false;
}

}  // namespace lar::answer
