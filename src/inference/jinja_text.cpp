#include "inference/jinja_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace lar::inference::jinja {

Character first_character(std::string_view text) {
    if (const char c = text[0]; (c & 0x80) == 0) return {static_cast<char32_t>(c), 1};
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &code);
    if (length <= 0) return {0xFFFD, 1};
    return {static_cast<char32_t>(code), static_cast<std::size_t>(length)};
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t bytes = first_character(text).bytes;
        out.push_back(text.substr(0, bytes));
        text.remove_prefix(bytes);
    }
    return out;
}

void append_utf8(std::string& out, char32_t code) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const bool valid = utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code));
    const auto length = utf8proc_encode_char(valid ? static_cast<utf8proc_int32_t>(code) : 0xFFFD, bytes.data());
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

bool is_space(char32_t code) {
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000;
}

namespace {

// The last character begins at most three bytes before the end.
std::string_view last_of(std::string_view text) {
    for (std::size_t bytes = std::min<std::size_t>(4, text.size()); bytes > 1; --bytes) {
        const std::string_view tail = text.substr(text.size() - bytes);
        if (first_character(tail).bytes == bytes) return tail;
    }
    return text.substr(text.size() - 1);
}

template <class Predicate>
std::string_view strip_while(std::string_view text, Side side, Predicate&& goes) {
    if (side != Side::right)
        while (!text.empty() && goes(text.substr(0, first_character(text).bytes)))
            text.remove_prefix(first_character(text).bytes);
    if (side != Side::left)
        while (!text.empty() && goes(last_of(text))) text.remove_suffix(last_of(text).size());
    return text;
}

template <class Change>
std::string changed(std::string_view text, Change&& change) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::string_view bytes = text.substr(0, character.bytes);
        const auto code = static_cast<utf8proc_int32_t>(character.code);
        const utf8proc_int32_t other = change(code);
        if (other == code)
            out += bytes;
        else
            append_utf8(out, static_cast<char32_t>(other));
        text.remove_prefix(character.bytes);
    }
    return out;
}

bool is_letter(utf8proc_int32_t code) {
    const utf8proc_category_t category = utf8proc_category(code);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
           category == UTF8PROC_CATEGORY_LM || category == UTF8PROC_CATEGORY_LO;
}

}  // namespace

std::string_view strip(std::string_view text, Side side) {
    return strip_while(text, side, [](std::string_view one) { return is_space(first_character(one).code); });
}

std::string_view strip_of(std::string_view text, std::string_view characters_to_strip, Side side) {
    const std::vector<std::string_view> set = characters(characters_to_strip);
    return strip_while(text, side, [&](std::string_view one) { return std::ranges::find(set, one) != set.end(); });
}

std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&#34;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

// The one common letter that becomes two.
std::string to_upper(std::string_view text) {
    return changed(replace_all(text, "ß", "SS", static_cast<std::int64_t>(text.size())), utf8proc_toupper);
}
std::string to_lower(std::string_view text) { return changed(text, utf8proc_tolower); }

std::string to_title(std::string_view text) {
    bool inside = false;
    return changed(text, [&](utf8proc_int32_t code) {
        const bool letter = is_letter(code);
        const utf8proc_int32_t other = !letter ? code : inside ? utf8proc_tolower(code) : utf8proc_totitle(code);
        inside = letter;
        return other;
    });
}

std::string to_capitalized(std::string_view text) {
    bool first = true;
    return changed(text, [&](utf8proc_int32_t code) {
        return std::exchange(first, false) ? utf8proc_totitle(code) : utf8proc_tolower(code);
    });
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to, std::int64_t count) {
    std::string out;
    if (from.empty()) {  // before each character, and at the end
        for (const std::string_view one : characters(text)) {
            if (count-- > 0) out += to;
            out += one;
        }
        if (count > 0) out += to;
        return out;
    }
    for (std::size_t at = 0; count > 0 && (at = text.find(from)) != std::string_view::npos; --count) {
        out += text.substr(0, at);
        out += to;
        text.remove_prefix(at + from.size());
    }
    return out += text;
}

std::vector<std::string_view> split_lines_python(std::string_view text) {
    std::vector<std::string_view> out;
    const std::string_view all = text;
    std::size_t begin = 0, at = 0;
    while (at < all.size()) {
        const Character character = first_character(all.substr(at));
        const char32_t code = character.code;
        const bool end = (code >= 0x0a && code <= 0x0d) || (code >= 0x1c && code <= 0x1e) || code == 0x85 ||
                         code == 0x2028 || code == 0x2029;
        const std::size_t next = at + character.bytes;
        if (end) {
            out.push_back(all.substr(begin, at - begin));
            begin = code == 0x0d && next < all.size() && all[next] == '\n' ? next + 1 : next;
            at = begin;
        } else {
            at = next;
        }
    }
    if (begin < all.size()) out.push_back(all.substr(begin));
    return out;
}

std::string real_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    // The shortest digits that give the number back, then Python's choice of where the point goes.
    std::array<char, 64> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    const std::string_view scientific(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t e = scientific.find('e');
    int exponent = 0;
    const std::size_t sign = scientific[e + 1] == '+' ? 2 : 1;
    std::from_chars(scientific.data() + e + sign, scientific.data() + scientific.size(), exponent);
    if (exponent < -4 || exponent >= 16) return std::string(scientific);
    std::array<char, 512> fixed{};
    const auto fixed_end =
        std::to_chars(fixed.data(), fixed.data() + fixed.size(), value, std::chars_format::fixed).ptr;
    std::string text(fixed.data(), static_cast<std::size_t>(fixed_end - fixed.data()));
    if (!text.contains('.')) text += ".0";
    return text;
}

void append_quoted(std::string& out, std::string_view text) {
    const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
    out += quote;
    while (!text.empty()) {
        const Character character = first_character(text);
        const char32_t code = character.code;
        const bool no_character = code == 0xFFFD && character.bytes == 1;
        if (code == static_cast<char32_t>(quote) || code == '\\')
            (out += '\\') += static_cast<char>(code);
        else if (code == '\n')
            out += "\\n";
        else if (code == '\r')
            out += "\\r";
        else if (code == '\t')
            out += "\\t";
        else if (no_character)
            out += text.substr(0, 1);
        else if (code == ' ' || (code > 0x20 && code < 0x7f))
            out += static_cast<char>(code);
        else {
            const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(code));
            const bool hidden = category == UTF8PROC_CATEGORY_CN || category >= UTF8PROC_CATEGORY_ZS;
            if (!hidden)
                out += text.substr(0, character.bytes);
            else if (code < 0x100)
                out += lar::format("\\x{:02x}", static_cast<unsigned>(code));
            else if (code < 0x10000)
                out += lar::format("\\u{:04x}", static_cast<unsigned>(code));
            else
                out += lar::format("\\U{:08x}", static_cast<unsigned>(code));
        }
        text.remove_prefix(character.bytes);
    }
    out += quote;
}

void append_json_string(std::string& out, std::string_view text, bool ascii) {
    const auto escape = [&](char32_t unit) { out += lar::format("\\u{:04x}", static_cast<unsigned>(unit)); };
    out += '"';
    const auto is_plain = [](char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; };
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const Character character = first_character(text);
        const char32_t code = character.code;
        switch (code) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            default:
                if (code < 0x20 || (ascii && code >= 0x7f && code < 0x10000)) {
                    escape(code);
                } else if (ascii && code >= 0x10000) {
                    escape(0xD800 + ((code - 0x10000) >> 10));
                    escape(0xDC00 + ((code - 0x10000) & 0x3FF));
                } else {
                    out += text.substr(0, character.bytes);
                }
        }
        text.remove_prefix(character.bytes);
    }
    out += '"';
}

}  // namespace lar::inference::jinja
