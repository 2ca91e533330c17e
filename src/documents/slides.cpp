// Presentations (PresentationML): a page for each slide, in the order in which they are shown, notes below it.
#include "documents/office.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_slides = 10'000;

class OrderHandler final : public XmlHandler {
public:
    std::vector<std::string> ids;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "sldId" && ids.size() < limit_slides) ids.emplace_back(attributes.qualified("id"));
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

class SlideHandler final : public XmlHandler {
public:
    enum class Part : std::uint8_t { slide, notes };
    SlideHandler(Blocks& blocks, Part part) : blocks_(blocks), part_(part) {}

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (skipped_ > 0 || name == "Fallback") {
            ++skipped_;
            return {};
        }
        if (name == "sp") kind_.clear();
        if (name == "ph") kind_ = attributes.named("type");
        if (name == "p") text_.clear();
        if (name == "tr") cells_.clear();
        if (name == "tc") cells_.emplace_back();
        if (name == "tbl") ++tables_;
        if (name == "t") in_text_ = true;
        if (name == "br" || name == "tab") text_ += ' ';
        return {};
    }
    Result<> end(std::string_view name) override {
        if (skipped_ > 0) {
            --skipped_;
            return {};
        }
        if (name == "t") in_text_ = false;
        if (name == "tbl" && tables_ > 0) --tables_;
        if (name == "tr") return blocks_.row(row_of(cells_));
        if (name != "p") return {};
        const std::string text = std::move(text_);
        text_.clear();
        if (tables_ > 0 && !cells_.empty()) {
            if (!cells_.back().empty()) cells_.back() += ' ';
            cells_.back() += text;
            return {};
        }
        // Its own number, and the slide's picture, are no text of a page.
        if (kind_ == "sldNum" || kind_ == "sldImg") return {};
        if (part_ == Part::slide && (kind_ == "title" || kind_ == "ctrTitle")) return blocks_.heading(text, 2);
        return blocks_.paragraph(text);
    }
    Result<> text(std::string_view text) override {
        if (in_text_ && skipped_ == 0 && text_.size() + text.size() <= wire::limit_block_bytes) text_ += text;
        return {};
    }

private:
    Blocks& blocks_;
    Part part_;
    std::string kind_, text_;
    std::vector<std::string> cells_;
    std::size_t tables_ = 0, skipped_ = 0;
    bool in_text_ = false;
};

// As the presentation orders them; those that it does not name (it may be damaged) come last.
Result<std::vector<std::string>> slides_in_order(const Package& package, const ContentTypes& types) {
    std::vector<std::string> declared = types.parts("presentationml.slide+xml");
    std::vector<std::string> ordered;
    for (const std::string_view type :
         {"presentationml.presentation.main+xml", "presentationml.slideshow.main+xml",
          "presentationml.template.main+xml", "powerpoint.presentation.macroEnabled.main+xml",
          "powerpoint.slideshow.macroEnabled.main+xml"}) {
        const std::string main = types.first(type);
        if (main.empty() || !package.has(main)) continue;
        OrderHandler order;
        TRY_VOID(read_xml(package, main, order));
        const auto relationships = TRY(relationships_of(package, main));
        for (const std::string& id : order.ids)
            if (const auto found = relationships.find(id);
                found != relationships.end() && std::erase(declared, found->second.target) > 0)
                ordered.push_back(found->second.target);
    }
    ordered.insert(ordered.end(), declared.begin(), declared.end());
    return ordered;
}

}  // namespace

Result<Read> read_slides(const Package& package, const ContentTypes& types, Blocks& blocks) {
    Read read{.title = title_in(package, "docProps/core.xml")};
    for (const std::string& slide : TRY(slides_in_order(package, types))) {
        if (!package.has(slide)) continue;
        blocks.page(++read.pages);
        SlideHandler handler(blocks, SlideHandler::Part::slide);
        TRY_VOID(read_xml(package, slide, handler));
        for (const auto& [id, related] : TRY(relationships_of(package, slide))) {
            if (related.type != "notesSlide" || !package.has(related.target)) continue;
            SlideHandler notes(blocks, SlideHandler::Part::notes);
            TRY_VOID(read_xml(package, related.target, notes));
        }
    }
    return read;
}

}  // namespace lar::documents
