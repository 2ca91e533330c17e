// Text documents of Word and its relatives (WordprocessingML).
#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "documents/office.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_styles = 20'000;
constexpr std::size_t limit_open_paragraphs = 64;  // text boxes within text boxes

unsigned number_in(std::string_view text) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Which paragraph styles are headings, and of which level. Word in any language writes the name "heading 2".
class StylesHandler final : public XmlHandler {
public:
    std::map<std::string, unsigned, std::less<>> levels;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "style") style_ = attributes.named("styleId");
        if (levels.size() >= limit_styles) return {};
        if (name == "name") {
            const std::string called = to_lower_ascii(attributes.named("val"));
            if (called == "title") levels.emplace(style_, 1);
            if (called == "subtitle") levels.emplace(style_, 2);
            if (called.starts_with("heading "))
                if (const unsigned level = number_in(std::string_view(called).substr(8)); level > 0)
                    levels.emplace(style_, level);
        }
        if (name == "outlineLvl")
            if (const unsigned level = number_in(attributes.named("val")); level < 9) levels.emplace(style_, level + 1);
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }

private:
    std::string style_;
};

class WordHandler final : public XmlHandler {
public:
    WordHandler(Blocks& blocks, const std::map<std::string, unsigned, std::less<>>& levels)
        : blocks_(blocks), levels_(levels) {}

    Result<> start(std::string_view name, const Attributes& attributes) override {
        // What an older program shows instead of what stands beside it.
        if (skipped_ > 0 || name == "Fallback") {
            ++skipped_;
            return {};
        }
        if (name == "p") return begin_paragraph();
        if (name == "tbl") ++tables_;
        if (name == "tr" && tables_ == 1) cells_.clear();
        if (name == "tc" && tables_ == 1) cells_.emplace_back();
        if (paragraphs_.empty()) return {};
        Paragraph& paragraph = paragraphs_.back();
        if (name == "t")
            in_text_ = true;
        else if (name == "tab" || name == "br" || name == "cr" || name == "ptab")
            paragraph.text += ' ';
        else if (name == "noBreakHyphen")
            paragraph.text += '-';
        else if (name == "numPr")
            paragraph.item = true;
        else if (name == "pStyle")
            paragraph.level = level_of(attributes.named("val"));
        else if (name == "outlineLvl" && number_in(attributes.named("val")) < 9)
            paragraph.level = number_in(attributes.named("val")) + 1;
        return {};
    }

    Result<> end(std::string_view name) override {
        if (skipped_ > 0) {
            --skipped_;
            return {};
        }
        if (name == "t") in_text_ = false;
        if (name == "p" && !paragraphs_.empty()) return end_paragraph();
        if (name == "tr" && tables_ == 1) return end_row();
        if (name == "tbl" && tables_ > 0) --tables_;
        return {};
    }

    Result<> text(std::string_view text) override {
        if (!in_text_ || skipped_ > 0 || paragraphs_.empty()) return {};
        std::string& into = paragraphs_.back().text;
        if (into.size() + text.size() <= wire::limit_block_bytes) into += text;
        return {};
    }

private:
    struct Paragraph {
        std::string text;
        unsigned level = 0;
        bool item = false;
    };

    unsigned level_of(std::string_view style) const {
        const auto found = levels_.find(style);
        return found == levels_.end() ? 0 : found->second;
    }
    Result<> begin_paragraph() {
        if (paragraphs_.size() == limit_open_paragraphs)
            return fail(Code::corrupt, "its text boxes are nested without end");
        paragraphs_.emplace_back();
        return {};
    }
    Result<> end_paragraph() {
        const Paragraph paragraph = std::move(paragraphs_.back());
        paragraphs_.pop_back();
        if (tables_ > 0) {
            if (cells_.empty()) cells_.emplace_back();
            if (!cells_.back().empty()) cells_.back() += ' ';
            cells_.back() += paragraph.text;
            return {};
        }
        if (paragraph.level > 0) return blocks_.heading(paragraph.text, paragraph.level);
        return paragraph.item ? blocks_.item(paragraph.text) : blocks_.paragraph(paragraph.text);
    }
    Result<> end_row() {
        const std::string row = row_of(cells_);
        cells_.clear();
        return blocks_.row(row);
    }

    Blocks& blocks_;
    const std::map<std::string, unsigned, std::less<>>& levels_;
    std::vector<Paragraph> paragraphs_;  // a text box stands within the paragraph that it is anchored to
    std::vector<std::string> cells_;     // of the outermost table's row; tables within it are part of its cells
    std::size_t tables_ = 0, skipped_ = 0;
    bool in_text_ = false;
};

}  // namespace

Result<Read> read_word(const Package& package, const ContentTypes& types, Blocks& blocks) {
    std::string main;
    for (const std::string_view type :
         {"wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml",
          "word.document.macroEnabled.main+xml", "word.template.macroEnabledTemplate.main+xml"})
        if (main.empty()) main = types.first(type);
    if (main.empty() && package.has("word/document.xml")) main = "word/document.xml";
    if (main.empty()) return fail(Code::corrupt, "it is an office file of a kind that Lar does not read");
    StylesHandler styles;
    if (const std::string part = types.first("wordprocessingml.styles+xml"); !part.empty() && package.has(part))
        TRY_VOID(read_xml(package, part, styles));
    // Comments and notes after the text, then what stands at the head and foot of its pages.
    std::vector<std::string> parts{main};
    for (const std::string_view type : {"comments+xml", "footnotes+xml", "endnotes+xml", "header+xml", "footer+xml"})
        for (std::string& part : types.parts(std::string("wordprocessingml.") + std::string(type)))
            if (package.has(part)) parts.push_back(std::move(part));
    for (const std::string& part : parts) {
        WordHandler handler(blocks, styles.levels);
        TRY_VOID(read_xml(package, part, handler));
    }
    return Read{.title = title_in(package, "docProps/core.xml")};
}

}  // namespace lar::documents
