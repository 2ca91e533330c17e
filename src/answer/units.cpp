#include "answer/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "answer/sentences.h"
#include "base/text.h"
#include "sources/files/passages.h"

namespace lar::answer {
namespace {

bool is_word_byte(char c) { return is_digit(c) || is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80; }
bool has_words(std::string_view text) { return std::ranges::any_of(text, is_word_byte); }
bool only(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// ---- sentences ----

// Lines put together until something ends the paragraph, then taken apart into sentences.
class Paragraph {
public:
    explicit Paragraph(std::vector<Unit>& out) : out_(out) {}

    void add(std::string_view text, std::uint32_t line) {
        text = trim(text);
        if (text.empty()) return;
        if (!text_.empty() && !joins_without_space(text_, text)) text_ += ' ';
        lines_.emplace_back(text_.size(), line);
        text_ += text;
    }

    void end() {
        std::size_t first = 0;
        for (std::size_t at = 0; at < text_.size(); ++at) {
            std::size_t last = sentence_end(text_, at);
            if (last == 0) continue;
            take(first, last);
            first = last;
            at = last - 1;
        }
        if (first < text_.size()) take(first, text_.size());
        text_.clear();
        lines_.clear();
    }

private:
    std::uint32_t line_of(std::size_t at) const {
        const auto after = std::ranges::upper_bound(lines_, at, {}, &std::pair<std::size_t, std::uint32_t>::first);
        return after == lines_.begin() ? 0 : std::prev(after)->second;
    }
    void take(std::size_t first, std::size_t last) {
        const std::string_view text = trim(std::string_view(text_).substr(first, last - first));
        if (!has_words(text) || out_.size() == limit_units) return;
        out_.push_back({std::string(text), line_of(first), line_of(last - 1), Form::sentence});
    }

    std::vector<Unit>& out_;
    std::string text_;
    std::vector<std::pair<std::size_t, std::uint32_t>> lines_;  // where each line begins in text_
};

// ---- text with marks ----

bool is_heading(std::string_view line, std::string_view next) {
    const std::size_t level = line.find_first_not_of('#');
    if (level != 0 && level != std::string_view::npos && line[level] == ' ') return true;
    return !next.empty() && (only(next, "=") || only(next, "-") || only(next, "~")) && next.size() >= 3 &&
           !line.contains('|');
}

// Where a line ends, whether the next one goes on with the sentence.
enum class Lines : std::uint8_t {
    joined,    // running text
    separate,  // records
    message,   // of a commit: running text, and below it lines of their own, such as the files that it touches
};

// "modified src/a.c (+3 -1)", "Signed-off-by: Ana", an indented piece of code: what a message has besides sentences.
bool stands_alone(std::string_view raw) {
    if (raw.starts_with("    ") || raw.starts_with('\t')) return true;
    // A sentence that goes on with "added" has more words.
    if (names_changed_file(raw) && (raw.ends_with(')') || std::ranges::count(raw, ' ') == 1)) return true;
    const std::size_t colon = raw.find(':');
    const std::string_view word = raw.substr(0, colon);
    return colon != std::string_view::npos && !word.empty() && is_upper(word[0]) && word.contains('-') &&
           std::ranges::all_of(word, [](char c) { return is_upper(c) || is_lower(c) || c == '-'; });
}

class MarkedText {
public:
    MarkedText(const store::Passage& passage, Lines lines) : passage_(passage), lines_(lines), paragraph_(units_) {}

    std::vector<Unit> run() {
        const auto lines = split_lines(passage_.text);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::uint32_t number =
                passage_.line_first == 0 ? 0 : passage_.line_first + static_cast<std::uint32_t>(i);
            take(lines[i], i + 1 < lines.size() ? trim(lines[i + 1]) : std::string_view(), number);
        }
        paragraph_.end();
        return std::move(units_);
    }

private:
    void take(std::string_view raw, std::string_view next, std::uint32_t number) {
        std::string_view line = trim(raw);
        while (line.starts_with("> ")) line = trim(line.substr(2));
        if (line.starts_with("```") || line.starts_with("~~~")) {
            paragraph_.end();
            in_fence_ = !in_fence_;
        } else if (in_fence_) {
            piece(raw, number, Form::code);
        } else if (line.empty() || only(line, "=-~*_#+") || is_heading(line, next) ||
                   (line.starts_with('<') && line.ends_with('>'))) {
            paragraph_.end();
        } else if (line.starts_with('|')) {
            paragraph_.end();
            const bool names_columns = next.starts_with('|') && only(next, "|-: ");
            if (!only(line, "|-: ") && !names_columns) row(line, number);
        } else if (const auto item = list_item(line)) {
            paragraph_.end();
            paragraph_.add(*item, number);
        } else {
            const bool alone = lines_ == Lines::separate || (lines_ == Lines::message && stands_alone(raw));
            if (alone) paragraph_.end();
            paragraph_.add(line, number);
            if (alone) paragraph_.end();
        }
    }

    void row(std::string_view line, std::uint32_t number) {
        std::string text;
        for (const std::string_view cell : split(line, '|')) {
            if (trim(cell).empty()) continue;
            if (!text.empty()) text += " | ";
            text += trim(cell);
        }
        piece(text, number, Form::row);
    }
    void piece(std::string_view text, std::uint32_t number, Form form) {
        if (has_words(text) && units_.size() < limit_units)
            units_.push_back({std::string(trim(text)), number, number, form});
    }

    const store::Passage& passage_;
    Lines lines_;
    std::vector<Unit> units_;
    Paragraph paragraph_;
    bool in_fence_ = false;
};

// ---- code ----

// The text of a line that is all comment, without its signs; nothing for code. `hash`: '#' begins a comment here.
std::optional<std::string_view> comment_text(std::string_view line, bool hash) {
    for (const std::string_view sign : {"///", "//!", "//", "/**", "/*", "*/", "* ", ";;", "-- ", "<!--"})
        if (line.starts_with(sign)) return trim(line.substr(sign.size()));
    if (!hash || !line.starts_with('#')) return std::nullopt;
    return trim(line.substr(std::min(line.find_first_not_of('#'), line.size())));
}

int depth_change(std::string_view line) {
    int depth = 0;
    for (const char c : line) {
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
    }
    return depth;
}

class Code {
public:
    explicit Code(const store::PlacedPassage& placed)
        : passage_(placed.passage), lines_(split_lines(passage_.text)), paragraph_(units_) {
        const std::string_view path = placed.passage.path.empty() ? placed.document.path : placed.passage.path;
        constexpr auto braces =
            std::to_array<std::string_view>({".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".cs", ".m", ".mm"});
        hash_ = std::ranges::none_of(braces, [&](std::string_view extension) { return path.ends_with(extension); });
    }

    std::vector<Unit> run() {
        until_ = opened_before();
        for (std::size_t i = 0; i < lines_.size();) i = take(i);
        paragraph_.end();
        return std::move(units_);
    }

private:
    std::uint32_t number(std::size_t i) const {
        return passage_.line_first == 0 ? 0 : passage_.line_first + static_cast<std::uint32_t>(i);
    }

    // What closes the comment in whose middle the passage begins: an end that no beginning goes before.
    std::string_view opened_before() const {
        if (passage_.line_first <= 1) return {};
        std::string_view above;
        for (const std::string_view raw : lines_) {
            const std::string_view line = trim(raw);
            const std::size_t open = line.find("/*"), close = line.find("*/");
            if (close != std::string_view::npos && close < open) return "*/";
            if (open != std::string_view::npos) return {};
            for (const std::string_view quotes : {"\"\"\"", "'''"}) {
                const std::size_t at = line.find(quotes);
                if (at == std::string_view::npos) continue;
                // Quotes that begin are followed by text, or stand below what they document.
                const bool begins = at <= 1 && (line.size() > at + quotes.size() || above.ends_with(':'));
                const bool assigned = at > 1 && std::string_view("=(, [").contains(line[at - 1]);
                return begins || assigned ? std::string_view() : quotes;
            }
            if (!line.empty()) above = line;
        }
        return {};
    }

    // Takes what begins at line i; the line after it.
    std::size_t take(std::size_t i) {
        const std::string_view line = trim(lines_[i]);
        if (line.starts_with("#!") && number(i) <= 1) return i + 1;
        if (const std::size_t end = take_comment(i, line); end != i) return end;
        paragraph_.end();
        if (!has_words(line)) return i + 1;
        std::size_t end = i + 1;
        for (int depth = depth_change(line); depth > 0 && end < lines_.size() && end - i < limit_statement_lines; ++end)
            depth += depth_change(lines_[end]);
        if (units_.size() < limit_units) units_.push_back({statement(i, end), number(i), number(end - 1), Form::code});
        return end;
    }

    // A comment or a string of documentation, line by line until it closes.
    std::size_t take_comment(std::size_t i, std::string_view line) {
        if (!until_.empty()) {
            const std::size_t close = line.find(until_);
            std::string_view text = trim(line.substr(0, close));
            if (text.starts_with('*')) text = trim(text.substr(1));
            if (text.empty()) paragraph_.end();
            paragraph_.add(text, number(i));
            if (close != std::string_view::npos) until_ = {};
            return i + 1;
        }
        for (const std::string_view quotes : {"\"\"\"", "'''"}) {
            const std::size_t open = line.find(quotes);
            if (open == std::string_view::npos || open > 1) continue;  // r""" has a letter before it
            std::string_view text = line.substr(open + 3);
            const std::size_t close = text.find(quotes);
            if (close == std::string_view::npos) until_ = quotes;
            paragraph_.add(text.substr(0, close), number(i));
            return i + 1;
        }
        const auto comment = comment_text(line, hash_);
        if (!comment) return i;
        if (line.starts_with("/*") && !line.contains("*/")) until_ = "*/";
        std::string_view text = *comment;
        if (const std::size_t close = text.find("*/"); close != std::string_view::npos) {
            if (has_words(text.substr(close))) return i;  // code goes on after it
            text = text.substr(0, close);
        }
        if (text.empty()) paragraph_.end();
        paragraph_.add(text, number(i));
        return i + 1;
    }

    // Lines as they stand, without the indentation that they share.
    std::string statement(std::size_t first, std::size_t end) const {
        const auto indent = [](std::string_view line) { return std::min(line.find_first_not_of(" \t"), line.size()); };
        std::size_t shared = SIZE_MAX;
        for (std::size_t i = first; i < end; ++i)
            if (!trim(lines_[i]).empty()) shared = std::min(shared, indent(lines_[i]));
        std::string text;
        for (std::size_t i = first; i < end; ++i) {
            if (i > first) text += '\n';
            text += lines_[i].substr(std::min(shared, lines_[i].size()));
        }
        while (text.ends_with(' ') || text.ends_with('\n')) text.pop_back();
        return text;
    }

    const store::Passage& passage_;
    std::vector<std::string_view> lines_;
    std::vector<Unit> units_;
    Paragraph paragraph_;
    bool hash_ = false;
    std::string_view until_;  // what closes the comment that is open
};

// ---- diffs ----

// The line number after '+' in "@@ -1,2 +3,4 @@".
std::uint32_t new_line_of(std::string_view header) {
    const std::size_t plus = header.find('+');
    std::uint32_t line = 0;
    if (plus != std::string_view::npos) std::from_chars(header.data() + plus + 1, header.data() + header.size(), line);
    return line;
}

std::vector<Unit> changes_of(const store::Passage& passage) {
    std::vector<Unit> units;
    std::uint32_t line = 0;
    for (const std::string_view raw : split_lines(passage.text)) {
        if (raw.starts_with("@@")) {
            line = new_line_of(raw);
            continue;
        }
        const bool changed = raw.starts_with('+') || raw.starts_with('-');
        if (changed && has_words(raw) && units.size() < limit_units)
            units.push_back(
                {std::string(1, raw[0]) + " " + std::string(trim(raw.substr(1))), line, line, Form::change});
        if (!raw.starts_with('-')) ++line;
    }
    return units;
}

}  // namespace

bool names_changed_file(std::string_view line) {
    constexpr auto change_words =
        std::to_array<std::string_view>({"added ", "modified ", "deleted ", "renamed ", "type changed ", "untracked "});
    return std::ranges::any_of(change_words, [&](std::string_view word) { return line.starts_with(word); });
}

std::vector<Unit> units_of(const store::PlacedPassage& placed) {
    using enum store::DocumentKind;
    const bool has_hunks =
        placed.document.kind == commit || placed.document.kind == working_tree || placed.document.kind == stash;
    if (has_hunks && !placed.passage.path.empty()) return changes_of(placed.passage);
    if (has_hunks || placed.document.kind == branch || placed.document.kind == pushed)
        return MarkedText(placed.passage, has_hunks                        ? Lines::message
                                          : placed.document.kind == branch ? Lines::separate
                                                                           : Lines::joined)
            .run();
    const std::string_view path = placed.document.path;
    if (sources::shape_of(path) == sources::TextShape::code) return Code(placed).run();
    const bool records = path.ends_with(".log") || path.ends_with(".csv") || path.ends_with(".tsv");
    return MarkedText(placed.passage, records ? Lines::separate : Lines::joined).run();
}

}  // namespace lar::answer
