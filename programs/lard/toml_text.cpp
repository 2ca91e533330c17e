#include "toml_text.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/format.h"
#include "base/text.h"

namespace lar::lard {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view hexadecimal = "0123456789ABCDEF";

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// A byte beyond ASCII is written as a mark that the text has nowhere, and two hexadecimal digits. The mark begins and
// ends with letters that are neither in its middle nor among those digits: it is found only where it was written.
class AsciiSpelling {
public:
    explicit AsciiSpelling(std::string_view text) {
        for (int i = 0; mark_.empty() || text.contains(mark_); ++i) mark_ = lar::format("Z{}X", i);
    }

    std::string write(std::string_view text) const {
        std::string ascii;
        for (const char c : text) {
            if (is_beyond_ascii(c)) {
                const auto byte = static_cast<unsigned char>(c);
                ascii += mark_;
                ascii += hexadecimal[byte >> 4];
                ascii += hexadecimal[byte & 15];
            } else {
                ascii += c;
            }
        }
        return ascii;
    }

    std::string read(std::string_view ascii) const {
        std::string text;
        while (true) {
            const std::size_t at = ascii.find(mark_);
            text += ascii.substr(0, at);
            if (at == std::string_view::npos) return text;
            ascii.remove_prefix(at + mark_.size());
            unsigned byte = 0;
            const std::string_view digits = ascii.substr(0, 2);
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
            if (error != std::errc() || end != digits.data() + 2) {  // a mark that \u escapes have made
                text += mark_;
                continue;
            }
            text += static_cast<char>(byte);
            ascii.remove_prefix(2);
        }
    }

private:
    std::string mark_;
};

void put_letters_back(toml::node& node, const AsciiSpelling& spelling) {
    if (toml::value<std::string>* const text = node.as_string()) {
        **text = spelling.read(**text);
    } else if (toml::array* const list = node.as_array()) {
        for (toml::node& one : *list) put_letters_back(one, spelling);
    } else if (toml::table* const table = node.as_table()) {
        toml::table named;
        for (auto& [key, value] : *table) {
            put_letters_back(value, spelling);
            named.insert(spelling.read(key.str()), std::move(value));
        }
        *table = std::move(named);
    }
}

std::unexpected<Error> no_utf8(std::string_view text, const std::filesystem::path& name) {
    std::size_t line = 1;
    for (const std::string_view one : split_lines(text)) {
        if (!is_utf8(one)) break;
        ++line;
    }
    return fail(Code::invalid, lar::format("{}, line {}: this is not UTF-8", name.string(), line));
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text, const std::filesystem::path& name) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (!is_utf8(text)) return no_utf8(text, name);
    const AsciiSpelling spelling(text);
    try {
        toml::table table = toml::parse(spelling.write(text), name.string());
        put_letters_back(table, spelling);
        return table;
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, lar::format("{}, line {}: {}", name.string(), error.source().begin.line,
                                               spelling.read(error.description())));
    }
}

}  // namespace lar::lard
