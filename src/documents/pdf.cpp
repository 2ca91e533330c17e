#include "documents/pdf.h"

#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>
#include <poppler/cpp/poppler-toc.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/code_point.h"
#include "base/format.h"
#include "base/text.h"
#include "documents/own_iconv.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_outline_entries = 10'000;
constexpr std::size_t limit_outline_depth = 6;
constexpr std::size_t limit_repaired_bytes = 16 * 1024 * 1024;
constexpr std::size_t limit_line_start_bytes = 12;  // of what may be the mark of an item

std::string utf8_of(const poppler::ustring& text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::uint32_t point = text[at];
        if (point >= 0xD800 && point < 0xDC00 && at + 1 < text.size() && text[at + 1] >= 0xDC00 &&
            text[at + 1] < 0xE000)
            point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<std::uint32_t>(text[++at]) - 0xDC00);
        append_code_point(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
    }
    return out;
}

// The headings of the outline, by their text as a page may show it.
using Headings = std::map<std::string, unsigned, std::less<>>;

std::string comparable(std::string_view text) {
    std::string out;
    for (const char c : to_lower_ascii(text))
        if (c != ' ' && c != '\n' && c != '\t' && c != '.') out += c;
    return out;
}

Headings headings_of(const poppler::document& document) {
    Headings headings;
    const std::unique_ptr<poppler::toc> outline(document.create_toc());
    if (!outline || outline->root() == nullptr) return headings;
    std::vector<std::pair<const poppler::toc_item*, unsigned>> open{{outline->root(), 0}};
    while (!open.empty() && headings.size() < limit_outline_entries) {
        const auto [item, level] = open.back();
        open.pop_back();
        if (level > 0)
            if (std::string text = comparable(clean_name(utf8_of(item->title()))); !text.empty())
                headings.emplace(std::move(text), level);
        if (level == limit_outline_depth) continue;
        for (const poppler::toc_item* child : item->children()) open.emplace_back(child, level + 1);
    }
    return headings;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// "• ", "- ", "3. ", "(a) ": with what follows it.
std::string_view after_item_mark(std::string_view line) {
    for (const std::string_view mark : {"• ", "◦ ", "▪ ", "‣ ", "– ", "- ", "* "})
        if (line.starts_with(mark)) return line.substr(mark.size());
    return {};
}
bool begins_numbered(std::string_view line) {
    const std::string_view start = line.substr(0, limit_line_start_bytes);
    const std::size_t digits = start.find_first_not_of("0123456789");
    return digits != std::string_view::npos && digits > 0 && digits < 4 &&
           (start[digits] == '.' || start[digits] == ')') && start.substr(digits + 1).starts_with(' ');
}

class PageText {
public:
    PageText(Blocks& blocks, const Headings& headings) : blocks_(blocks), headings_(headings) {}

    Result<> run(std::string_view text) {
        for (const std::string_view raw : split(text, '\n')) {
            const std::string_view line = trim(raw);
            if (line.empty())
                TRY_VOID(end());
            else
                TRY_VOID(take(line));
        }
        return end();
    }

private:
    Result<> take(std::string_view line) {
        if (const auto heading = headings_.find(comparable(line)); heading != headings_.end()) {
            TRY_VOID(end());
            return blocks_.heading(line, heading->second);
        }
        if (const std::string_view rest = after_item_mark(line); !rest.empty()) {
            TRY_VOID(end());
            item_ = true;
            text_ = rest;
            return {};
        }
        if (begins_numbered(line)) TRY_VOID(end());
        const bool divided =
            text_.size() > 1 && text_.back() == '-' && is_lower(text_[text_.size() - 2]) && is_lower(line[0]);
        if (divided)
            text_.pop_back();
        else if (!text_.empty())
            text_ += ' ';
        text_ += line;
        return {};
    }
    Result<> end() {
        const std::string text = std::exchange(text_, {});
        return std::exchange(item_, false) ? blocks_.item(text) : blocks_.paragraph(text);
    }

    Blocks& blocks_;
    const Headings& headings_;
    std::string text_;
    bool item_ = false;
};

using Document = std::unique_ptr<poppler::document>;

Document open_pdf(std::string_view bytes) {
    return Document(poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
}

// A page tree that miscounts its pages, or does not count them, has none for poppler. In this copy it counts as many as
// are written down in the file: too many do no harm.
std::string recounted(std::string_view bytes) {
    std::string copy(bytes);
    std::size_t pages = 0;
    for (const std::string_view mark : {"/Type/Page", "/Type /Page"})
        for (std::size_t at = copy.find(mark); at != std::string::npos; at = copy.find(mark, at + mark.size()))
            if (at + mark.size() < copy.size() && copy[at + mark.size()] != 's') ++pages;
    const std::string count = std::to_string(std::min<std::size_t>(pages, limit_pdf_pages));
    constexpr std::string_view key = "/Count ";
    for (std::size_t at = copy.find(key); at != std::string::npos; at = copy.find(key, at + key.size())) {
        const std::size_t begin = at + key.size();
        const std::size_t end = std::min(copy.find_first_not_of("0123456789 R", begin), copy.size());
        if (end - begin < count.size()) continue;
        std::fill(copy.begin() + static_cast<std::ptrdiff_t>(begin), copy.begin() + static_cast<std::ptrdiff_t>(end),
                  ' ');
        copy.replace(begin, count.size(), count);
    }
    return copy;
}

}  // namespace

void prepare_pdf() {
    use_own_iconv();
    poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
}

Result<Read> read_pdf(std::string_view bytes, Blocks& blocks) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return fail(Code::too_large, "it is larger than 2 GB");
    std::string repaired;
    Document document = open_pdf(bytes);
    if (!document) return fail(Code::corrupt, "it is no PDF, or so damaged that nothing of it can be read");
    if (document->is_locked()) return fail(Code::denied, "it is encrypted: it opens with a password only");
    if (document->pages() <= 0 && bytes.size() <= limit_repaired_bytes) {
        repaired = recounted(bytes);
        document = open_pdf(repaired);
    }
    const int pages = document ? document->pages() : 0;
    if (pages <= 0) return fail(Code::corrupt, "it has no pages that can be read");
    const Headings headings = headings_of(*document);
    Read read{.title = clean_name(utf8_of(document->get_title())), .pages = static_cast<std::uint32_t>(pages)};
    for (int number = 0; number < pages; ++number) {
        const auto done = static_cast<std::uint32_t>(number);
        if (done == limit_pdf_pages)
            return fail(Code::too_large,
                        lar::format("it has {} pages; the first {} were read", pages, limit_pdf_pages));
        if (const Result<> goes_on = blocks.check(); !goes_on)
            return fail(Code::timeout, lar::format("{} of its {} pages: {}", number, pages, goes_on.error().message));
        const std::unique_ptr<poppler::page> page(document->create_page(number));
        if (!page) continue;
        blocks.page(done + 1);
        TRY_VOID(PageText(blocks, headings)
                     .run(utf8_of(page->text(poppler::rectf(), poppler::page::non_raw_non_physical_layout))));
    }
    return read;
}

}  // namespace lar::documents
