// OpenDocument: texts, presentations and spreadsheets, all of which keep their content in content.xml. Rows and cells
// that a sheet repeats are taken once: an empty sheet repeats its last row a million times.
#include <charconv>

#include "base/text.h"
#include "documents/office.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_open_text_paragraphs = 64;  // a frame stands within a paragraph
constexpr unsigned limit_repeated_spaces = 16;

unsigned number_in(std::string_view text, unsigned otherwise) {
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
}

class ContentHandler final : public XmlHandler {
public:
    explicit ContentHandler(Blocks& blocks) : blocks_(blocks) {}
    std::uint32_t pages = 0;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (skipped_ > 0 || name == "tracked-changes") {  // text that was deleted
            ++skipped_;
            return {};
        }
        if (name == "p" || name == "h")
            return begin_paragraph(name == "h" ? number_in(attributes.named("outline-level"), 1) : 0);
        if (name == "list-item") ++items_;
        if (name == "page") blocks_.page(++pages);
        if (name == "table") {
            if (++tables_ == 1 && !attributes.named("name").empty() && in_sheets_)
                return blocks_.heading(attributes.named("name"), 1);
        }
        if (name == "spreadsheet") in_sheets_ = true;
        if (name == "table-row" && tables_ == 1) {
            cells_.clear();
            row_bytes_ = 0;
            return blocks_.check();
        }
        if (name == "table-cell" && tables_ == 1) cells_.emplace_back();
        if (paragraphs_.empty()) return {};
        std::string& text = paragraphs_.back().text;
        if (name == "s") text.append(std::min(number_in(attributes.named("c"), 1), limit_repeated_spaces), ' ');
        if (name == "tab" || name == "line-break") text += ' ';
        return {};
    }

    Result<> end(std::string_view name) override {
        if (skipped_ > 0) {
            --skipped_;
            return {};
        }
        if ((name == "p" || name == "h") && !paragraphs_.empty()) return end_paragraph();
        if (name == "list-item" && items_ > 0) --items_;
        if (name == "table" && tables_ > 0) --tables_;
        if (name == "table-row" && tables_ == 1) return blocks_.row(row_of(cells_));
        if (name == "table-cell" && tables_ == 1 && !cells_.empty() && cells_.back().empty()) cells_.pop_back();
        return {};
    }

    Result<> text(std::string_view text) override {
        if (paragraphs_.empty() || skipped_ > 0) return {};
        std::string& into = paragraphs_.back().text;
        if (into.size() + text.size() <= wire::limit_block_bytes) into += text;
        return {};
    }

private:
    struct Paragraph {
        std::string text;
        unsigned level = 0;
    };
    Result<> begin_paragraph(unsigned level) {
        if (paragraphs_.size() == limit_open_text_paragraphs)
            return fail(Code::corrupt, "its frames are nested without end");
        paragraphs_.push_back({.text = {}, .level = level});
        return {};
    }
    Result<> end_paragraph() {
        const Paragraph paragraph = std::move(paragraphs_.back());
        paragraphs_.pop_back();
        if (tables_ > 0 && !cells_.empty()) {
            row_bytes_ += paragraph.text.size();
            if (row_bytes_ > limit_row_bytes) return {};
            if (!cells_.back().empty()) cells_.back() += ' ';
            cells_.back() += paragraph.text;
            return {};
        }
        if (paragraph.level > 0) return blocks_.heading(paragraph.text, paragraph.level);
        return items_ > 0 ? blocks_.item(paragraph.text) : blocks_.paragraph(paragraph.text);
    }

    Blocks& blocks_;
    std::vector<Paragraph> paragraphs_;
    std::vector<std::string> cells_;
    std::size_t tables_ = 0, items_ = 0, skipped_ = 0, row_bytes_ = 0;
    bool in_sheets_ = false;
};

// An encrypted package keeps its list of parts readable, and that says so.
class ManifestHandler final : public XmlHandler {
public:
    bool encrypted = false;

    Result<> start(std::string_view name, const Attributes&) override {
        encrypted = encrypted || name == "encryption-data";
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

}  // namespace

Result<Read> read_open_document(const Package& package, Blocks& blocks) {
    ManifestHandler manifest;
    if (package.has("META-INF/manifest.xml")) TRY_VOID(read_xml(package, "META-INF/manifest.xml", manifest));
    if (manifest.encrypted) return fail(Code::denied, "it is encrypted");
    ContentHandler content(blocks);
    TRY_VOID(read_xml(package, "content.xml", content));
    return Read{.title = title_in(package, "meta.xml"), .pages = content.pages};
}

}  // namespace lar::documents
