#include "toml_text.h"

#include <algorithm>

namespace lar::lard {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view before_quotes = " \t\r\n=[{,";

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

class BareLetters {
public:
    explicit BareLetters(std::string_view toml) : toml_(toml) {}

    // Where the first one is; npos: nowhere.
    std::size_t find() {
        if (toml_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
        while (at_ < toml_.size() && found_ == std::string_view::npos) {
            const char c = toml_[at_];
            if (c == '#')
                at_ = std::min(toml_.find('\n', at_), toml_.size());
            else if (c == '"' || c == '\'')
                may_begin() ? skip_quoted(c) : skip_doubtful();
            else if (is_beyond_ascii(c))
                found_ = at_;
            else
                ++at_;
        }
        return found_;
    }

private:
    // Behind a word or a dot only toml++ knows whether a quote begins something: the rest of such a line is plain.
    void skip_doubtful() {
        const std::size_t end = std::min(toml_.find('\n', at_), toml_.size());
        const std::string_view rest = toml_.substr(at_, end - at_);
        const auto letter = std::ranges::find_if(rest, is_beyond_ascii);
        if (letter != rest.end()) found_ = at_ + static_cast<std::size_t>(letter - rest.begin());
        at_ = end;
    }
    // A quote in the middle of a word begins nothing, and the word is wrong.
    bool may_begin() const { return at_ == 0 || before_quotes.contains(toml_[at_ - 1]) || after_mark(); }
    bool after_mark() const { return at_ == byte_order_mark.size() && toml_.starts_with(byte_order_mark); }

    void skip_quoted(char quote) {
        const bool several_lines = toml_.substr(at_ + 1).starts_with(std::string_view(two(quote), 2));
        at_ += several_lines ? 3 : 1;
        while (at_ < toml_.size() && found_ == std::string_view::npos) {
            const char c = toml_[at_++];
            if (c == '\\' && quote == '"')
                skip_escaped(several_lines);
            else if (c == '\n' && !several_lines)
                return;
            else if (c == quote && !several_lines)
                return;
            else if (c == quote && toml_.substr(at_).starts_with(std::string_view(two(quote), 2)))
                return skip_last_quotes(quote);
        }
    }
    static const char* two(char quote) { return quote == '"' ? "\"\"" : "''"; }

    // What a backslash stands before is no such letter, also when it joins lines.
    void skip_escaped(bool several_lines) {
        const std::size_t after = std::min(toml_.find_first_not_of(blanks, at_), toml_.size());
        const bool joins = several_lines && after > at_;
        if (joins) at_ = after;
        if (at_ < toml_.size() && is_beyond_ascii(toml_[at_]))
            found_ = at_;
        else if (!joins)
            ++at_;
    }
    // Up to two quotes may stand before the three that end it.
    void skip_last_quotes(char quote) {
        at_ += 2;
        for (int more = 0; more < 2 && at_ < toml_.size() && toml_[at_] == quote; ++more) ++at_;
    }

    std::string_view toml_;
    std::size_t at_ = 0, found_ = std::string_view::npos;
};

}  // namespace

std::optional<std::size_t> line_of_bare_letter(std::string_view toml) {
    const std::size_t found = BareLetters(toml).find();
    if (found == std::string_view::npos) return std::nullopt;
    return 1 + static_cast<std::size_t>(std::ranges::count(toml.substr(0, found), '\n'));
}

}  // namespace lar::lard
