#include "sources/documents/passages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "index/analysis.h"
#include "sources/files/passages.h"
#include "sources/files/secrets.h"
#include "sources/files/text.h"

namespace lar::sources {
namespace {

constexpr std::size_t line_bytes = 240;  // a paragraph is broken after a sentence once it is so long

// A paragraph as lines that end where sentences do, so that it can be cut there.
void append_lines(std::string& out, std::string_view text) {
    while (text.size() > line_bytes) {
        std::size_t at = std::string_view::npos;
        for (const std::string_view end : {". ", "? ", "! ", "。"})
            if (const std::size_t found = text.find(end, line_bytes / 2); found != std::string_view::npos)
                at = std::min(at, found + end.size());
        if (at == std::string_view::npos) break;
        out += trim(text.substr(0, at));
        out += '\n';
        text.remove_prefix(at);
    }
    out += trim(text);
    out += '\n';
}

// One page, or a document without pages, as marked-up text; above[i]: the headings that line i (from 0) stands under.
class Page {
public:
    explicit Page(std::vector<std::pair<unsigned, std::string>>& headings) : headings_(headings) {}

    void add(const wire::Block& block) {
        switch (block.kind) {
            case wire::BlockKind::heading: return add_heading(block);
            case wire::BlockKind::item:
                set_apart(block.kind);
                text_ += "- ";
                append_lines(text_, block.text);
                break;
            case wire::BlockKind::row:
                set_apart(block.kind);
                text_ += lar::format("| {} |\n", block.text);
                break;
            case wire::BlockKind::code:
                set_apart(block.kind);
                text_ += lar::format("```\n{}{}```\n", block.text, block.text.ends_with('\n') ? "" : "\n");
                break;
            case wire::BlockKind::paragraph:
            case wire::BlockKind::plain:
                set_apart(block.kind);
                append_lines(text_, block.text);
                break;
        }
        note_lines();
    }
    const std::string& text() const { return text_; }
    std::string_view above(std::uint32_t line) const {
        return line > 0 && line <= above_.size() ? std::string_view(above_[line - 1]) : std::string_view();
    }

private:
    void add_heading(const wire::Block& block) {
        set_apart(block.kind);
        std::erase_if(headings_, [&](const auto& heading) { return heading.first >= block.level; });
        text_ += lar::format("{} {}\n", std::string(block.level, '#'), block.text);
        note_lines();
        headings_.emplace_back(block.level, block.text);
    }
    // Rows of one table and items of one list stand together.
    void set_apart(wire::BlockKind kind) {
        const bool goes_on = kind == last_ && (kind == wire::BlockKind::row || kind == wire::BlockKind::item);
        if (!text_.empty() && !goes_on) text_ += '\n';
        last_ = kind;
        note_lines();
    }
    void note_lines() {
        const auto lines = static_cast<std::size_t>(
            std::count(text_.begin() + static_cast<std::ptrdiff_t>(noted_), text_.end(), '\n'));
        noted_ = text_.size();
        if (lines > 0) above_.insert(above_.end(), lines, context());
    }
    std::string context() const {
        std::string path;
        for (const auto& [level, text] : headings_) path += (path.empty() ? "" : " > ") + text;
        return std::string(utf8_prefix(path, limit_context_bytes));
    }

    std::vector<std::pair<unsigned, std::string>>& headings_;
    std::string text_;
    std::vector<std::string> above_;
    std::size_t noted_ = 0;
    wire::BlockKind last_ = wire::BlockKind::plain;
};

class Maker {
public:
    Maker(std::string_view path, std::string_view title)
        : path_(path), title_(title), title_terms_(index::terms_of(title)), path_terms_(index::terms_of(path)) {}

    void add(const DocumentPart& part) {
        if (const std::string_view rule = secret_in_path(part.member); !rule.empty())
            return leave_out(part, reason::secret, std::string(rule));
        std::vector<std::pair<unsigned, std::string>> headings;
        for (auto at = part.blocks.begin(); at != part.blocks.end();) {
            if (at->kind == wire::BlockKind::plain) {
                add_plain(part, *at++);
                continue;
            }
            Page page(headings);
            const std::uint32_t number = at->page;
            for (; at != part.blocks.end() && at->page == number && at->kind != wire::BlockKind::plain; ++at)
                page.add(*at);
            for (Cut& cut : cut_passages(page.text(), TextShape::markup)) {
                cut.context = page.above(cut.line_first);
                cut.line_first = cut.line_last = 0;
                put(part, std::move(cut), number);
            }
        }
    }
    DocumentPassages take() { return std::move(made_); }

private:
    void add_plain(const DocumentPart& part, const wire::Block& block) {
        if (const NamedReason named = reason_by_name(part.member); !named.reason.empty())
            return leave_out(part, named.reason, std::string(named.detail));
        const DecodedText decoded = decode_text(block.text, part.member);
        if (!decoded.reason.empty()) return leave_out(part, decoded.reason, decoded.detail);
        for (Cut& cut : cut_passages(decoded.text, shape_of(part.member))) put(part, std::move(cut), 0);
    }
    void leave_out(const DocumentPart& part, std::string_view why, std::string detail) {
        made_.left_out.push_back({lar::format("{}/{}", path_, part.member), std::string(why), std::move(detail)});
    }
    void put(const DocumentPart& part, Cut cut, std::uint32_t page) {
        store::NewPassage made;
        auto [language, body] = index::terms_of_passage(cut.text, {.context = cut.context, .title = title_});
        made.indexed = {
            .title = language == index::Language::english ? title_terms_ : index::terms_of(title_, language),
            .path = part.member.empty() ? path_terms_ : path_terms_ + " " + index::terms_of(part.member),
            .context = index::terms_of(cut.context, language),
            .body = std::move(body)};
        made.passage.ordinal = static_cast<std::uint32_t>(made_.passages.size());
        if (!part.member.empty()) made.passage.path = lar::format("{}/{}", path_, part.member);
        made.passage.line_first = cut.line_first;
        made.passage.line_last = cut.line_last;
        made.passage.page = page;
        made.passage.context = std::move(cut.context);
        made.passage.text = cut.text;
        made.passage.hash = hash_hex(cut.text);
        made_.passages.push_back(std::move(made));
    }

    std::string_view path_, title_;
    std::string title_terms_, path_terms_;
    DocumentPassages made_;
};

}  // namespace

DocumentPassages document_passages(const std::vector<DocumentPart>& parts, std::string_view path,
                                   std::string_view title) {
    Maker maker(path, title);
    for (const DocumentPart& part : parts) maker.add(part);
    return maker.take();
}

std::string document_title(std::string_view own, const std::vector<DocumentPart>& parts, std::string_view path) {
    for (const std::string_view program : {"Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "})
        if (own.starts_with(program)) own.remove_prefix(program.size());
    const std::string lower = to_lower_ascii(own);
    constexpr auto meaningless =
        std::to_array<std::string_view>({"untitled", "document", "title", "powerpoint presentation"});
    if (!trim(own).empty() && !std::ranges::contains(meaningless, std::string_view(lower)))
        return std::string(utf8_prefix(trim(own), limit_context_bytes));
    if (!parts.empty() && parts.front().member.empty())
        for (const wire::Block& block : parts.front().blocks)
            if (block.kind == wire::BlockKind::heading)
                return std::string(utf8_prefix(block.text, limit_context_bytes));
    return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace lar::sources
