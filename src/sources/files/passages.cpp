#include "sources/files/passages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/identity.h"
#include "base/text.h"
#include "index/analysis.h"
#include "sources/documents/format.h"
#include "sources/files/outline.h"

namespace lar::sources {
namespace {

constexpr std::array<std::string_view, 9> markup_extensions = {".md",   ".markdown", ".mdown", ".mdx", ".rst",
                                                               ".adoc", ".asciidoc", ".qmd",   ".rmd"};
constexpr std::array<std::string_view, 9> prose_extensions = {".txt", ".text", ".log", ".tex", ".csv",
                                                              ".tsv", ".eml",  ".org", ".srt"};
constexpr std::array<std::string_view, 14> prose_names = {"readme",  "license", "licence",   "copying",     "authors",
                                                          "news",    "changes", "changelog", "todo",        "notes",
                                                          "install", "history", "thanks",    "contributors"};

// The lines of the text, those that are too long in pieces; numbers[i] is the line that pieces[i] belongs to.
struct Pieces {
    std::vector<std::string_view> text;
    std::vector<std::uint32_t> numbers;
};

// Where to cut a line that is too long: after a sentence, else after a space, else anywhere between code points.
std::size_t cut_in(std::string_view line) {
    const std::string_view head = utf8_prefix(line, passage_target_bytes);
    for (const std::string_view end : {". ", "? ", "! ", " "})
        if (const std::size_t at = head.rfind(end); at != std::string_view::npos && at >= passage_minimum_bytes)
            return at + end.size();
    return head.empty() ? std::min(line.size(), passage_target_bytes) : head.size();
}

Pieces pieces_of(std::string_view text) {
    Pieces pieces;
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        ++number;
        while (line.size() > limit_line_bytes) {
            const std::size_t length = cut_in(line);
            pieces.text.push_back(line.substr(0, length));
            pieces.numbers.push_back(number);
            line.remove_prefix(length);
        }
        pieces.text.push_back(line);
        pieces.numbers.push_back(number);
        at = end + 1;
    }
    return pieces;
}

class Cutter {
public:
    Cutter(std::string_view text, TextShape shape)
        : text_(text), pieces_(pieces_of(text)), outline_(outline_of(pieces_.text, shape)) {}

    std::vector<Cut> run() {
        std::size_t first = 0;
        while (first < pieces_.text.size()) {
            const std::size_t end = end_of_passage(first);
            append(first, end);
            first = end;
        }
        return std::move(cuts_);
    }

private:
    // The piece after the passage that begins at `first`: at a section or a block as soon as it is long enough,
    // else at the best place before it becomes too long.
    std::size_t end_of_passage(std::size_t first) const {
        std::size_t bytes = 0;
        std::size_t best = 0;
        for (std::size_t i = first; i < pieces_.text.size(); ++i) {
            const Break before = outline_.lines[i].before;
            if (i > first) {
                if (before == Break::section && (bytes >= passage_minimum_bytes || ends_head_comment(first))) return i;
                if (before == Break::good && bytes >= passage_minimum_bytes && !is_crumb(i)) return i;
                if (bytes + pieces_.text[i].size() > passage_target_bytes || i - first >= passage_target_lines)
                    return end_of_full(i, bytes, best);
                if (before != Break::poor && bytes >= passage_minimum_bytes) best = i;
            }
            bytes += pieces_.text[i].size() + 1;
        }
        return pieces_.text.size();
    }

    // A passage that is full at `full` may run a little over to a real end, so that no crumb is left behind.
    std::size_t end_of_full(std::size_t full, std::size_t bytes, std::size_t best) const {
        constexpr std::size_t over_bytes = passage_minimum_bytes;
        constexpr std::size_t over_lines = passage_target_lines / 3;
        const std::size_t bytes_before = bytes;
        for (std::size_t i = full; bytes - bytes_before <= over_bytes && i - full <= over_lines; ++i) {
            if (i == pieces_.text.size()) return i;
            if (outline_.lines[i].before >= Break::good) return i;
            bytes += pieces_.text[i].size() + 1;
        }
        return best != 0 ? best : full;
    }

    // So little is left from here that it goes with what is before.
    bool is_crumb(std::size_t i) const {
        constexpr std::size_t crumb_bytes = passage_minimum_bytes / 3;
        const char* at = pieces_.text[i].data();
        return static_cast<std::size_t>(text_.data() + text_.size() - at) <= crumb_bytes;
    }

    // The comment at the head of a file stands alone however short it is: code has no other sections.
    bool ends_head_comment(std::size_t first) const { return first == 0 && !outline_.headings; }

    void append(std::size_t first, std::size_t end) {
        const auto blank = [&](std::size_t i) { return trim(pieces_.text[i]).empty(); };
        while (first < end && blank(first)) ++first;
        while (first < end && blank(end - 1)) --end;
        if (first == end) return;
        const char* begin = pieces_.text[first].data();
        const std::string_view last = pieces_.text[end - 1];
        const std::size_t length = static_cast<std::size_t>(last.data() + last.size() - begin);
        cuts_.push_back({.line_first = pieces_.numbers[first],
                         .line_last = pieces_.numbers[end - 1],
                         .context = context_of(outline_, pieces_.text, first),
                         .text = text_.substr(static_cast<std::size_t>(begin - text_.data()), length)});
    }

    std::string_view text_;
    Pieces pieces_;
    Outline outline_;
    std::vector<Cut> cuts_;
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

TextShape shape_of(std::string_view path) {
    const std::string name = to_lower_ascii(name_of(path));
    const std::size_t dot = name.rfind('.');
    const std::string_view extension =
        dot == std::string::npos || dot == 0 ? std::string_view() : std::string_view(name).substr(dot);
    if (std::ranges::contains(markup_extensions, extension) || document_format(path)) return TextShape::markup;
    if (std::ranges::contains(prose_extensions, extension)) return TextShape::prose;
    if (extension.empty() && std::ranges::contains(prose_names, std::string_view(name))) return TextShape::prose;
    return TextShape::code;
}

std::vector<Cut> cut_passages(std::string_view text, TextShape shape) { return Cutter(text, shape).run(); }

std::string title_of(std::string_view text, std::string_view path, TextShape shape) {
    constexpr std::size_t searched_bytes = 16 * 1024;
    if (shape == TextShape::markup) {
        const std::vector<std::string_view> lines = split_lines(text.substr(0, searched_bytes));
        const Outline outline = outline_of(lines, shape);
        const auto heading = std::ranges::find(outline.lines, true, &OutlinedLine::heading);
        if (heading != outline.lines.end()) {
            const std::string_view line = lines[static_cast<std::size_t>(heading - outline.lines.begin())];
            return std::string(utf8_prefix(heading_text(line), limit_context_bytes));
        }
    }
    return std::string(name_of(path));
}

std::vector<store::NewPassage> new_passages(std::string_view text, std::string_view path, std::string_view title,
                                            TextShape shape) {
    const std::string title_terms = index::terms_of(title);
    const std::string path_terms = index::terms_of(path);
    std::vector<store::NewPassage> passages;
    for (Cut& cut : cut_passages(text, shape)) {
        store::NewPassage made;
        auto [language, body] = index::terms_of_passage(cut.text, {.context = cut.context, .title = title});
        made.indexed = {.title = language == index::Language::english ? title_terms : index::terms_of(title, language),
                        .path = path_terms,
                        .context = index::terms_of(cut.context, language),
                        .body = std::move(body)};
        made.passage.ordinal = static_cast<std::uint32_t>(passages.size());
        made.passage.line_first = cut.line_first;
        made.passage.line_last = cut.line_last;
        made.passage.context = std::move(cut.context);
        made.passage.text = cut.text;
        made.passage.hash = hash_hex(cut.text);
        passages.push_back(std::move(made));
    }
    return passages;
}

}  // namespace lar::sources
