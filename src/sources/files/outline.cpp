#include "sources/files/outline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace lar::sources {
namespace {

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\f") == std::string_view::npos; }

// Columns of white space before the first other character; a tab goes to the next multiple of four.
std::size_t indent_of(std::string_view line) {
    std::size_t columns = 0;
    for (const char c : line) {
        if (c == ' ')
            ++columns;
        else if (c == '\t')
            columns += 4 - columns % 4;
        else
            break;
    }
    return columns;
}

// ---- marked-up text ----

// "## Text ##" of Markdown, "== Text" of AsciiDoc: how many signs, or 0. "* Text" of Org is too like a list.
std::size_t marked_level(std::string_view line) {
    const char mark = line.empty() ? '\0' : line[0];
    if (mark != '#' && mark != '=') return 0;
    const std::size_t level = std::min(line.find_first_not_of(mark), line.size());
    return level > 6 || level == line.size() || line[level] != ' ' ? 0 : level;
}

// "<h3 name="x">" of HTML, which Markdown holds too: its level, or 0.
std::size_t tagged_level(std::string_view line) {
    line = trim(line);
    if (line.size() < 4 || line[0] != '<' || (line[1] != 'h' && line[1] != 'H')) return 0;
    const bool ends = line[3] == '>' || line[3] == ' ';
    return ends && line[2] >= '1' && line[2] <= '6' ? static_cast<std::size_t>(line[2] - '0') : 0;
}

// Its text, without the tags around it; one that the line does not close goes to its end.
std::string_view untagged(std::string_view line) {
    line = trim(line);
    while (line.starts_with('<')) line = trim(line.substr(std::min(line.find('>'), line.size() - 1) + 1));
    return trim(line.substr(0, line.find("</")));
}

// The underline of a heading: three or more of one sign that Markdown or reStructuredText use for it.
char underline_sign(std::string_view line) {
    line = trim(line);
    if (line.size() < 3 || !std::string_view("=-~^*+#`").contains(line[0])) return '\0';
    return line.find_first_not_of(line[0]) == std::string_view::npos ? line[0] : '\0';
}

// "- text", "* text", "+ text", "3. text", "3) text" at the margin.
bool begins_item(std::string_view line) {
    const std::size_t mark = line.find_first_not_of("0123456789");
    if (mark == std::string_view::npos || mark > 3) return false;
    const std::string_view signs = mark == 0 ? "-*+" : ".)";
    return mark + 1 < line.size() && signs.contains(line[mark]) && line[mark + 1] == ' ';
}

bool is_row(std::string_view line) { return trim(line).starts_with('|'); }
// "|---|:--:|": what stands below the head of a table.
bool is_rule_of_table(std::string_view line) {
    line = trim(line);
    return line.starts_with('|') && line.contains('-') && line.find_first_not_of("|-: ") == std::string_view::npos;
}

class MarkupOutline {
public:
    explicit MarkupOutline(const std::vector<std::string_view>& lines) : lines_(lines) {
        outline_.lines.resize(lines.size());
    }

    Outline run() {
        bool blank_above = true;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const std::string_view line = lines_[i];
            const bool fence = line.starts_with("```") || line.starts_with("~~~");
            const std::size_t level = in_fence_ ? 0 : level_at(i);
            if (level != 0) {
                enter(level, i);
            } else {
                if (!open_.empty()) outline_.lines[i].enclosing = open_.back().line;
                if (is_blank(line))
                    table_ = no_line;
                else if (!in_fence_)
                    judge(i, blank_above);
            }
            if (fence) in_fence_ = !in_fence_;
            blank_above = is_blank(line);
        }
        return std::move(outline_);
    }

private:
    struct Open {
        std::size_t level = 0;
        std::uint32_t line = 0;
    };

    void judge(std::size_t i, bool blank_above) {
        const std::string_view line = lines_[i];
        if (!is_row(line)) table_ = no_line;
        // A line that continues what is above, such as the second paragraph of a list item, is a poorer place.
        if (blank_above && indent_of(line) < 2) outline_.lines[i].before = Break::fair;
        if (begins_item(line)) outline_.lines[i].before = Break::fair;
        if (table_ == no_line && i >= 1 && is_rule_of_table(line) && is_row(lines_[i - 1])) {
            table_ = static_cast<std::uint32_t>(i - 1);
        } else if (table_ != no_line) {
            // A row says little without the head of its table, so that stands above it; the first row stays with it.
            outline_.lines[i].enclosing = table_;
            if (i > table_ + 2) outline_.lines[i].before = Break::fair;
        }
    }

    std::size_t level_at(std::size_t i) {
        if (const std::size_t level = marked_level(lines_[i]); level != 0) return level;
        if (const std::size_t level = tagged_level(lines_[i]); level != 0)
            return untagged(lines_[i]).empty() ? 0 : level;
        // A heading's tag may have a line of its own.
        if (i > 0 && opens_heading(lines_[i - 1]) && !untagged(lines_[i]).empty()) return tagged_level(lines_[i - 1]);
        if (i + 1 >= lines_.size() || is_blank(lines_[i]) || underline_sign(lines_[i]) != '\0') return 0;
        const bool alone = i == 0 || is_blank(lines_[i - 1]) || underline_sign(lines_[i - 1]) != '\0';
        const std::string_view text = trim(lines_[i]);
        const char sign = underline_sign(lines_[i + 1]);
        // An underline much shorter than its text is a rule or the edge of a table.
        const bool fits = trim(lines_[i + 1]).size() + 3 >= text.size() / 2;
        if (!alone || sign == '\0' || text.size() > limit_context_bytes || !fits || text.contains('|')) return 0;
        return level_of(sign);
    }

    static bool opens_heading(std::string_view line) {
        return tagged_level(line) != 0 && untagged(line).empty() && !line.contains("</h");
    }

    // reStructuredText gives signs their level by the order in which they first appear.
    std::size_t level_of(char sign) {
        const std::size_t at = signs_.find(sign);
        if (at != std::string::npos) return at + 1;
        signs_ += sign;
        return signs_.size();
    }

    void enter(std::size_t level, std::size_t i) {
        while (!open_.empty() && open_.back().level >= level) open_.pop_back();
        const auto line = static_cast<std::uint32_t>(i);
        outline_.headings = true;
        outline_.lines[i] = {
            .before = Break::section, .heading = true, .enclosing = open_.empty() ? no_line : open_.back().line};
        open_.push_back({level, line});
        // An overline belongs to its heading, and so does its tag.
        if (i == 0 || outline_.lines[i - 1].heading) return;
        if (underline_sign(lines_[i - 1]) == '\0' && !opens_heading(lines_[i - 1])) return;
        if (i >= 2 && outline_.lines[i - 2].heading) return;
        outline_.lines[i - 1] = {.before = Break::section, .heading = false, .enclosing = line};
        outline_.lines[i].before = Break::poor;
    }

    const std::vector<std::string_view>& lines_;
    Outline outline_;
    std::vector<Open> open_;
    std::string signs_;
    std::uint32_t table_ = no_line;  // the head of the table that we are in
    bool in_fence_ = false;
};

// ---- code ----

constexpr std::array<std::string_view, 9> comment_starts = {"//", "#", "/*", "*", "--", ";;", "\"\"\"", "'''", "<!--"};

bool is_comment(std::string_view trimmed) {
    // "#include" and "#define" are not comments, "# text" and "#!" are.
    if (trimmed.starts_with('#'))
        return trimmed.size() == 1 || trimmed[1] == ' ' || trimmed[1] == '!' || trimmed[1] == '#' || trimmed[1] == ':';
    return std::ranges::any_of(comment_starts, [&](std::string_view start) { return trimmed.starts_with(start); });
}

// Only brackets and punctuation: "{", "});", "},".
bool is_punctuation(std::string_view trimmed) {
    return std::ranges::none_of(trimmed, [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || c == '_';
    });
}

// "public:", "case 3:", "default:" and preprocessor lines stand at odd indents and open nothing.
bool opens_nothing(std::string_view trimmed) {
    if (trimmed.starts_with('#') || trimmed.starts_with("case ") || trimmed.starts_with("default:")) return true;
    return trimmed.ends_with(':') && !trimmed.contains(' ') && !trimmed.contains('(');
}

// The end of the comment at the head of the file: the index of the first line after it, or 0.
std::size_t head_comment_end(const std::vector<std::string_view>& lines) {
    std::size_t i = 0;
    std::size_t text_lines = 0;
    std::string_view until;  // what closes an open block comment
    for (; i < lines.size(); ++i) {
        const std::string_view line = trim(lines[i]);
        if (!until.empty()) {
            ++text_lines;
            if (line.contains(until)) until = {};
            continue;
        }
        if (line.empty()) {
            if (text_lines > 1) break;  // a blank line ends it, unless only "#!" stood before
            continue;
        }
        if (!is_comment(line)) break;
        ++text_lines;
        for (const auto& [open, close] : {std::pair{"/*", "*/"}, {"\"\"\"", "\"\"\""}, {"'''", "'''"}, {"<!--", "-->"}})
            if (line.starts_with(open) && !line.substr(std::string_view(open).size()).contains(close)) until = close;
    }
    return text_lines >= 3 && i < lines.size() ? i : 0;
}

class CodeOutline {
public:
    explicit CodeOutline(const std::vector<std::string_view>& lines) : lines_(lines) {
        outline_.lines.resize(lines.size());
    }

    Outline run() {
        bool blank_above = true;
        std::string_view above;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const std::string_view line = trim(lines_[i]);
            if (line.empty()) {
                blank_above = true;
                continue;
            }
            const std::size_t indent = indent_of(lines_[i]);
            outline_.lines[i] = {
                .before = judge(line, indent, blank_above, above), .heading = false, .enclosing = around(indent)};
            follow(line, indent, static_cast<std::uint32_t>(i));
            above = line;
            blank_above = false;
        }
        for (std::size_t i = head_comment_end(lines_); i != 0 && i < lines_.size(); ++i) {
            if (is_blank(lines_[i])) continue;
            outline_.lines[i].before = Break::section;
            break;
        }
        return std::move(outline_);
    }

private:
    struct Open {
        std::size_t indent = 0;
        std::uint32_t line = 0;
    };

    static Break judge(std::string_view line, std::size_t indent, bool blank_above, std::string_view above) {
        if (is_punctuation(line) && !is_comment(line)) return Break::poor;
        // What ends or divides something, and a label, belongs to what is above.
        if (line.starts_with("#e") || (opens_nothing(line) && !line.starts_with('#'))) return Break::poor;
        if (indent == 0 && blank_above) return Break::good;
        // Without a blank line: a closing bracket above ends the block before.
        if (indent == 0 && (above.starts_with('}') || above == "end")) return Break::good;
        if (blank_above) return indent <= 4 ? Break::fair : Break::poor;
        return Break::poor;
    }

    std::uint32_t around(std::size_t indent) const {
        for (auto open = open_.rbegin(); open != open_.rend(); ++open)
            if (open->indent < indent) return open->line;
        return no_line;
    }

    void follow(std::string_view line, std::size_t indent, std::uint32_t number) {
        if (line == "{" || opens_nothing(line) || is_comment(line)) return;
        while (!open_.empty() && open_.back().indent >= indent) open_.pop_back();
        if (!is_punctuation(line) && open_.size() < limit_open_blocks) open_.push_back({indent, number});
    }

    static constexpr std::size_t limit_open_blocks = 64;
    const std::vector<std::string_view>& lines_;
    Outline outline_;
    std::vector<Open> open_;
};

Outline outline_prose(const std::vector<std::string_view>& lines) {
    Outline outline;
    outline.lines.resize(lines.size());
    bool blank_above = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool blank = is_blank(lines[i]);
        if (blank_above && !blank) outline.lines[i].before = indent_of(lines[i]) == 0 ? Break::good : Break::fair;
        blank_above = blank;
    }
    return outline;
}

}  // namespace

Outline outline_of(const std::vector<std::string_view>& lines, TextShape shape) {
    switch (shape) {
        case TextShape::markup: return MarkupOutline(lines).run();
        case TextShape::code: return CodeOutline(lines).run();
        case TextShape::prose: break;
    }
    return outline_prose(lines);
}

std::string_view heading_text(std::string_view line) {
    const std::size_t level = marked_level(line);
    if (level == 0) return trim(line).starts_with('<') ? untagged(line) : trim(line);
    std::string_view text = trim(line.substr(level));
    while (text.ends_with(line[0])) text.remove_suffix(1);
    return trim(text);
}

std::string context_of(const Outline& outline, const std::vector<std::string_view>& lines, std::size_t line) {
    const std::size_t most = outline.headings ? 8 : 2;
    std::vector<std::string_view> chain;
    std::uint32_t at = outline.lines[line].heading ? static_cast<std::uint32_t>(line) : outline.lines[line].enclosing;
    for (; at != no_line && chain.size() < most; at = outline.lines[at].enclosing)
        chain.push_back(outline.headings ? heading_text(lines[at]) : trim(lines[at]));
    std::string context;
    for (auto part = chain.rbegin(); part != chain.rend(); ++part) {
        if (!context.empty()) context += " > ";
        context += utf8_prefix(*part, limit_context_bytes / 2);
    }
    return std::string(utf8_prefix(context, limit_context_bytes));
}

}  // namespace lar::sources
