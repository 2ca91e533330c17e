// A template's characters → tokens, with the white space around its tags taken away as trim_blocks and lstrip_blocks
// say: a block's tag takes the newline after it and the blanks before it on a line that it begins.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "inference/jinja_syntax.h"
#include "inference/jinja_text.h"

namespace lar::inference::jinja {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// "\r\n" and "\r" count as "\n"; the very last one does not count at all.
std::string with_plain_newlines(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r')
            out += source[i];
        else if (i + 1 == source.size() || source[i + 1] != '\n')
            out += '\n';
    }
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : source_(source) {}

    Result<std::vector<Token>> run() {
        while (at_ < source_.size()) {
            const std::size_t tag = next_tag();
            TRY_VOID(take_text(tag));
            if (at_ >= source_.size()) break;
            const std::string_view mark = source_.substr(at_, 2);
            if (mark == "{#")
                TRY_VOID(take_comment());
            else if (const std::size_t raw = raw_begin(); raw != 0)
                TRY_VOID(take_raw(raw));
            else
                TRY_VOID(take_tag(mark == "{{"));
        }
        add(Token::Kind::end, "");
        return std::move(tokens_);
    }

private:
    std::unexpected<Error> wrong(std::string_view why, std::uint32_t line) const {
        return fail(Code::invalid, "line " + std::to_string(line) + ": " + std::string(why));
    }
    void add(Token::Kind kind, std::string_view text) { tokens_.push_back({kind, std::string(text), line_}); }
    void advance(std::size_t bytes) {
        line_ += static_cast<std::uint32_t>(std::ranges::count(source_.substr(at_, bytes), '\n'));
        at_ += bytes;
    }
    bool sees(std::string_view text) const { return source_.substr(at_).starts_with(text); }

    std::size_t next_tag() const {
        for (std::size_t at = at_; (at = source_.find('{', at)) != std::string_view::npos; ++at)
            if (at + 1 < source_.size() && std::string_view("{%#").contains(source_[at + 1])) return at;
        return source_.size();
    }

    // The text up to the tag, without what the tag's own sign or lstrip_blocks takes away.
    Result<> take_text(std::size_t tag) {
        std::string_view text = source_.substr(at_, tag - at_);
        const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
        if (tag < source_.size()) {
            if (sign == '-') {
                text = strip(text, Side::right);
            } else if (sign != '+' && source_[tag + 1] != '{') {
                const std::size_t newline = text.rfind('\n');
                const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
                if ((newline != std::string_view::npos || line_begins_) &&
                    strip(text.substr(begin), Side::both).empty())
                    text = text.substr(0, begin);
            }
        }
        if (!text.empty()) add(Token::Kind::text, text);
        advance(tag - at_);
        return {};
    }

    // After a tag: "-" takes all white space, a block or a comment the one newline.
    void take_space(bool all, bool newline) {
        const std::size_t before = at_;
        if (all) {
            const std::string_view rest = source_.substr(at_);
            advance(rest.size() - strip(rest, Side::left).size());
        } else if (newline && sees("\n")) {
            advance(1);
        }
        line_begins_ = at_ > before && source_[at_ - 1] == '\n';
    }

    Result<> take_comment() {
        const std::uint32_t line = line_;
        const std::size_t close = source_.find("#}", at_ + 2);
        if (close == std::string_view::npos) return wrong("a comment does not end", line);
        const char sign = source_[close - 1];
        advance(close + 2 - at_);
        take_space(sign == '-', sign != '+');
        return {};
    }

    // "{% raw %}", with its signs: how many bytes, or 0. What follows `at` must be the tag alone.
    std::size_t word_tag(std::size_t at, std::string_view word) const {
        const std::size_t begin = at;
        if (!source_.substr(at).starts_with("{%")) return 0;
        at += 2;
        if (at < source_.size() && (source_[at] == '-' || source_[at] == '+')) ++at;
        while (at < source_.size() && is_blank(source_[at])) ++at;
        if (!source_.substr(at).starts_with(word)) return 0;
        at += word.size();
        while (at < source_.size() && is_blank(source_[at])) ++at;
        if (at < source_.size() && (source_[at] == '-' || source_[at] == '+')) ++at;
        return source_.substr(at).starts_with("%}") ? at + 2 - begin : 0;
    }
    std::size_t raw_begin() const { return word_tag(at_, "raw"); }

    Result<> take_raw(std::size_t begin_bytes) {
        const std::uint32_t line = line_;
        advance(begin_bytes);
        take_space(source_[at_ - 3] == '-', false);
        for (std::size_t at = at_; (at = source_.find("{%", at)) != std::string_view::npos; ++at) {
            const std::size_t end_bytes = word_tag(at, "endraw");
            if (end_bytes == 0) continue;
            TRY_VOID(take_text(at));
            advance(end_bytes);
            take_space(source_[at_ - 3] == '-', source_[at_ - 3] != '+');
            return {};
        }
        return wrong("{% raw %} does not end", line);
    }

    Result<> take_tag(bool print) {
        const std::uint32_t line = line_;
        add(print ? Token::Kind::print_begin : Token::Kind::block_begin, "");
        advance(2);
        if (sees("-") || sees("+")) advance(1);
        const std::string_view close = print ? "}}" : "%}";
        std::string open;  // brackets that wait for their end
        for (;;) {
            while (at_ < source_.size() && is_blank(source_[at_])) advance(1);
            if (at_ >= source_.size()) return wrong("a tag does not end", line);
            const bool sign = source_[at_] == '-' || (!print && source_[at_] == '+');
            if (open.empty() && source_.substr(at_ + (sign ? 1 : 0)).starts_with(close)) {
                const char what = sign ? source_[at_] : ' ';
                add(print ? Token::Kind::print_end : Token::Kind::block_end, "");
                advance(sign ? 3 : 2);
                take_space(what == '-', !print && what != '+');
                return {};
            }
            TRY_VOID(take_token(open));
        }
    }

    Result<> take_token(std::string& open) {
        const char c = source_[at_];
        if (is_name_start(c)) {
            std::size_t end = at_ + 1;
            while (end < source_.size() && (is_name_start(source_[end]) || is_digit(source_[end]))) ++end;
            add(Token::Kind::name, source_.substr(at_, end - at_));
            at_ = end;
            return {};
        }
        if (is_digit(c)) return take_number();
        if (c == '"' || c == '\'') return take_string(c);
        static constexpr std::array symbols{std::string_view("**"), std::string_view("//"), std::string_view("=="),
                                            std::string_view("!="), std::string_view("<="), std::string_view(">=")};
        for (const std::string_view symbol : symbols) {
            if (!sees(symbol)) continue;
            add(Token::Kind::symbol, symbol);
            at_ += symbol.size();
            return {};
        }
        if (!std::string_view("+-*/%~|.,:()[]{}<>=").contains(c))
            return wrong(std::string("a character that means nothing here: ") + c, line_);
        if (c == '(' || c == '[' || c == '{') open += c == '(' ? ')' : c == '[' ? ']' : '}';
        if (c == ')' || c == ']' || c == '}') {
            if (open.empty() || open.back() != c) return wrong(std::string("'") + c + "' closes nothing", line_);
            open.pop_back();
        }
        add(Token::Kind::symbol, source_.substr(at_, 1));
        ++at_;
        return {};
    }

    Result<> take_number() {
        std::size_t end = at_;
        const auto digits = [&] {
            while (end < source_.size() && (is_digit(source_[end]) || source_[end] == '_')) ++end;
        };
        digits();
        bool real = false;
        if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1])) {
            real = true;
            ++end;
            digits();
        }
        if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
            std::size_t digit = end + 1;
            if (digit < source_.size() && (source_[digit] == '+' || source_[digit] == '-')) ++digit;
            if (digit < source_.size() && is_digit(source_[digit])) {
                real = true;
                end = digit;
                digits();
            }
        }
        std::string text(source_.substr(at_, end - at_));
        std::erase(text, '_');
        add(real ? Token::Kind::real : Token::Kind::integer, text);
        at_ = end;
        return {};
    }

    Result<> take_string(char quote) {
        const std::uint32_t line = line_;
        std::string text;
        std::size_t at = at_ + 1;
        for (; at < source_.size() && source_[at] != quote; ++at) {
            if (source_[at] != '\\' || at + 1 == source_.size())
                text += source_[at];
            else
                take_escape(text, ++at);
        }
        if (at >= source_.size()) return wrong("a string does not end", line);
        add(Token::Kind::string, text);
        advance(at + 1 - at_);
        return {};
    }

    // Python's escapes; `at` is at the character after the backslash and stays at the escape's last one.
    void take_escape(std::string& text, std::size_t& at) {
        static constexpr std::string_view names = "\\'\"abfnrtv0\n", meanings = "\\'\"\a\b\f\n\r\t\v";
        const char c = source_[at];
        if (const std::size_t name = names.find(c); name != std::string_view::npos) {
            if (c == '0')
                text += '\0';
            else if (c != '\n')
                text += meanings[name];
            return;
        }
        const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        std::uint32_t code = 0;
        const std::string_view hex = source_.substr(at + 1, digits);
        const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
        if (digits == 0 || hex.size() != digits || error != std::errc() || end != hex.data() + digits) {
            (text += '\\') += c;
            return;
        }
        append_utf8(text, code);
        at += digits;
    }

    std::string_view source_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    bool line_begins_ = true;  // the text from here on begins a line
    std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view source) {
    if (source.size() > limit_template_bytes) return fail(Code::too_large, "the chat template is longer than 512 KiB");
    const std::string plain = with_plain_newlines(to_utf8_lossy(source));
    return Lexer(plain).run();
}

}  // namespace lar::inference::jinja
