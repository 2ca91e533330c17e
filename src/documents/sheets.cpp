// Spreadsheets (SpreadsheetML): a heading for each sheet, then its rows as they come; nothing is made of empty cells,
// however far out the sheet says that it goes.
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "documents/office.h"
#include "documents/xml.h"

namespace lar::documents {
namespace {

constexpr std::size_t limit_shared_strings = 2'000'000;
constexpr std::size_t limit_shared_bytes = 48 * 1024 * 1024;
constexpr std::size_t limit_cell_bytes = 64 * 1024;
constexpr std::size_t limit_sheets = 2000;
constexpr std::size_t limit_formats = 100'000;

std::size_t index_in(std::string_view text) {
    std::size_t value = static_cast<std::size_t>(-1);
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

class WorkbookHandler final : public XmlHandler {
public:
    struct Sheet {
        std::string name, id;
    };
    std::vector<Sheet> sheets;
    bool since_1904 = false;

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "sheet" && sheets.size() < limit_sheets)
            sheets.emplace_back(std::string(attributes.named("name")), std::string(attributes.qualified("id")));
        if (name == "workbookPr")
            since_1904 = attributes.named("date1904") == "1" || attributes.named("date1904") == "true";
        return {};
    }
    Result<> end(std::string_view) override { return {}; }
    Result<> text(std::string_view) override { return {}; }
};

class SharedHandler final : public XmlHandler {
public:
    std::vector<std::string> strings;

    Result<> start(std::string_view name, const Attributes&) override {
        if (name == "si") {
            if (strings.size() == limit_shared_strings) return fail(Code::too_large, "it has too many different texts");
            strings.emplace_back();
        }
        if (name == "rPh") reading_aid_ = true;  // how to pronounce what stands beside it
        in_text_ = name == "t" && !reading_aid_;
        return {};
    }
    Result<> end(std::string_view name) override {
        if (name == "rPh") reading_aid_ = false;
        in_text_ = false;
        return {};
    }
    Result<> text(std::string_view text) override {
        if (!in_text_ || strings.empty() || strings.back().size() + text.size() > limit_cell_bytes) return {};
        bytes_ += text.size();
        if (bytes_ > limit_shared_bytes) return fail(Code::too_large, "its texts are too long");
        strings.back() += text;
        return {};
    }

private:
    std::size_t bytes_ = 0;
    bool in_text_ = false, reading_aid_ = false;
};

// Which cell formats show a date: a number alone does not tell.
class FormatsHandler final : public XmlHandler {
public:
    std::vector<bool> shows_date;  // by the number that a cell's s names

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "numFmt" && custom_.size() < limit_formats && is_date_code(attributes.named("formatCode")))
            custom_.insert(index_in(attributes.named("numFmtId")));
        if (name == "cellXfs") inside_ = true;
        if (name == "xf" && inside_ && shows_date.size() < limit_formats) {
            const std::size_t format = index_in(attributes.named("numFmtId"));
            const bool built_in = (format >= 14 && format <= 17) || format == 22;
            shows_date.push_back(built_in || custom_.contains(format));
        }
        return {};
    }
    Result<> end(std::string_view name) override {
        if (name == "cellXfs") inside_ = false;
        return {};
    }
    Result<> text(std::string_view) override { return {}; }

private:
    static bool is_date_code(std::string_view code) {
        bool quoted = false, bracketed = false;
        for (const char c : to_lower_ascii(code)) {
            if (c == '"') quoted = !quoted;
            if (c == '[') bracketed = true;
            if (!quoted && !bracketed && (c == 'y' || c == 'd')) return true;
            if (c == ']') bracketed = false;
        }
        return false;
    }
    std::set<std::size_t> custom_;
    bool inside_ = false;
};

// Days since the end of 1899 as a date; the two systems count a 29 February 1900 or begin later.
std::string date_of(std::string_view number, bool since_1904) {
    double days = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), days);
    if (error != std::errc() || !(days >= 0) || days > 2'958'466) return std::string(number);
    using namespace std::chrono;
    const sys_days begin = since_1904 ? sys_days(1904y / January / 1) : sys_days(1899y / December / 30);
    const auto whole = static_cast<int>(std::floor(days));
    const year_month_day date{begin + std::chrono::days(whole)};
    std::string text = lar::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    if (const auto minutes = static_cast<int>(std::lround((days - whole) * 24 * 60)); minutes > 0 && minutes < 24 * 60)
        text += lar::format(" {:02}:{:02}", minutes / 60, minutes % 60);
    return text;
}

class SheetHandler final : public XmlHandler {
public:
    SheetHandler(Blocks& blocks, const std::vector<std::string>& shared, const std::vector<bool>& shows_date,
                 bool since_1904)
        : blocks_(blocks), shared_(shared), shows_date_(shows_date), since_1904_(since_1904) {}

    Result<> start(std::string_view name, const Attributes& attributes) override {
        if (name == "row") {
            cells_.clear();
            row_bytes_ = 0;
            return blocks_.check();
        }
        if (name == "c") {
            type_ = attributes.named("t");
            format_ = index_in(attributes.named("s"));
            value_.clear();
        }
        taking_ = name == "v" || name == "t";
        return {};
    }
    Result<> end(std::string_view name) override {
        taking_ = false;
        if (name == "c") return end_cell();
        if (name == "row") return blocks_.row(row_of(cells_));
        return {};
    }
    Result<> text(std::string_view text) override {
        if (taking_ && value_.size() + text.size() <= limit_cell_bytes) value_ += text;
        return {};
    }

private:
    Result<> end_cell() {
        if (value_.empty() || row_bytes_ > limit_row_bytes) return {};
        std::string cell = std::move(value_);
        value_.clear();
        if (type_ == "s") {
            const std::size_t index = index_in(cell);
            if (index >= shared_.size()) return fail(Code::corrupt, "a cell names a text that is not there");
            cell = shared_[index];
        } else if (type_ == "b") {
            cell = cell == "1" ? "TRUE" : "FALSE";
        } else if ((type_.empty() || type_ == "n") && format_ < shows_date_.size() && shows_date_[format_]) {
            cell = date_of(cell, since_1904_);
        }
        row_bytes_ += cell.size();
        cells_.push_back(std::move(cell));
        return {};
    }

    Blocks& blocks_;
    const std::vector<std::string>& shared_;
    const std::vector<bool>& shows_date_;
    bool since_1904_;
    std::string type_, value_;
    std::size_t format_ = 0, row_bytes_ = 0;
    std::vector<std::string> cells_;
    bool taking_ = false;
};

}  // namespace

Result<Read> read_sheets(const Package& package, const ContentTypes& types, Blocks& blocks) {
    SharedHandler shared;
    if (const std::string part = types.first("sharedStrings+xml"); !part.empty() && package.has(part))
        TRY_VOID(read_xml(package, part, shared));
    FormatsHandler formats;
    if (const std::string part = types.first("spreadsheetml.styles+xml"); !part.empty() && package.has(part))
        TRY_VOID(read_xml(package, part, formats));
    WorkbookHandler workbook;
    std::map<std::string, Relationship, std::less<>> relationships;
    for (const std::string_view type :
         {"spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml", "excel.sheet.macroEnabled.main+xml"})
        if (const std::string main = types.first(type); !main.empty() && package.has(main) && workbook.sheets.empty()) {
            TRY_VOID(read_xml(package, main, workbook));
            relationships = TRY(relationships_of(package, main));
        }
    for (const WorkbookHandler::Sheet& sheet : workbook.sheets) {
        const auto found = relationships.find(sheet.id);
        if (found == relationships.end() || !package.has(found->second.target)) continue;
        TRY_VOID(blocks.heading(sheet.name, 1));
        SheetHandler handler(blocks, shared.strings, formats.shows_date, workbook.since_1904);
        TRY_VOID(read_xml(package, found->second.target, handler));
    }
    return Read{.title = title_in(package, "docProps/core.xml")};
}

}  // namespace lar::documents
