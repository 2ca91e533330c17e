#include "documents/blocks.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::documents {
namespace {

std::int64_t cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A character of more than one byte that is written as something else; length 0: it stays as it is.
struct Folded {
    std::size_t length = 0;
    std::string_view with;
};

Folded fold_two(std::string_view text) {
    const auto second = static_cast<unsigned char>(text[1]);
    if (text[0] != '\xc2') return {};
    if (second == 0xa0) return {2, " "};                  // no-break space
    if (second < 0xa0 || second == 0xad) return {2, ""};  // controls of the second set, soft hyphen
    return {};
}

// Ligatures are letters that a program has set together; what arranges text and is not seen stands within words and
// would keep them from being found.
Folded fold_three(std::string_view text) {
    constexpr std::array<std::string_view, 7> ligatures = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    const auto third = static_cast<unsigned char>(text[2]);
    const std::string_view lead = text.substr(0, 2);
    if (lead == "\xef\xac" && third >= 0x80 && third <= 0x86) return {3, ligatures[third - 0x80U]};
    if (lead == "\xe2\x80") {
        if (third <= 0x8a || third == 0xaf) return {3, " "};   // spaces
        if (third == 0xa8 || third == 0xa9) return {3, "\n"};  // line ends
        const bool joiner = third == 0x8c || third == 0x8d;    // part of the spelling in some scripts
        if (!joiner && (third <= 0x8f || (third >= 0xaa && third <= 0xae))) return {3, ""};
    }
    if (lead == "\xe2\x81" && third >= 0xa6 && third <= 0xa9) return {3, ""};  // directions
    if (text.starts_with("\xe3\x80\x80")) return {3, " "};                     // ideographic space
    if (text.starts_with("\xef\xbb\xbf")) return {3, ""};                      // byte order mark
    return {};
}

Folded fold_at(std::string_view text) {
    if (static_cast<unsigned char>(text[0]) < 0x80) return {};
    if (text.size() >= 2 && text[0] == '\xc2') return fold_two(text);
    return text.size() >= 3 ? fold_three(text) : Folded{};
}

}  // namespace

Budget::Budget(std::int64_t cpu_ms) : limit_ms_(cpu_ms), until_us_(cpu_us() + cpu_ms * 1000) {}

Result<> Budget::check() const {
    if (cpu_us() <= until_us_) return {};
    return fail(Code::timeout,
                lar::format("reading it took more than {:.1f} s of computing", static_cast<double>(limit_ms_) / 1000));
}

std::string clean(std::string_view text, Lines lines) {
    const std::string well_formed = is_utf8(text) ? std::string() : to_utf8_lossy(text);
    if (!well_formed.empty()) text = well_formed;
    std::string out;
    out.reserve(text.size());
    const bool join = lines == Lines::joined;
    const auto put_blank = [&](char c) {
        if (join) {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else if (c != '\r') {
            out += c == '\n' || c == '\t' ? c : ' ';
        }
    };
    for (std::size_t at = 0; at < text.size();) {
        const Folded folded = fold_at(text.substr(at));
        const std::string_view written = folded.length > 0 ? folded.with : text.substr(at, 1);
        for (const char c : written)
            if (c == ' ' || is_control(c))
                put_blank(c);
            else
                out += c;
        at += std::max<std::size_t>(folded.length, 1);
    }
    if (join && out.ends_with(' ')) out.pop_back();
    return out;
}

std::string row_of(const std::vector<std::string>& cells) {
    std::string row;
    for (const std::string& cell : cells) {
        const std::string cleaned = clean(cell, Lines::joined);
        if (cleaned.empty()) continue;
        if (!row.empty()) row += " | ";
        row += cleaned;
    }
    return row;
}

std::string clean_name(std::string_view text) {
    return std::string(trim(utf8_prefix(clean(text, Lines::joined), wire::limit_document_name_bytes)));
}

Result<> Blocks::heading(std::string_view text, unsigned level) {
    return add(wire::BlockKind::heading, text, std::clamp<unsigned>(level, 1, wire::limit_heading_level));
}

Result<> Blocks::add(wire::BlockKind kind, std::string_view text, unsigned level) {
    TRY_VOID(budget_.check());
    const bool keeps_lines = kind == wire::BlockKind::code || kind == wire::BlockKind::plain;
    std::string cleaned = clean(text.substr(0, wire::limit_block_bytes), keeps_lines ? Lines::kept : Lines::joined);
    if (trim(cleaned).empty()) return {};
    if (cleaned.size() > wire::limit_block_bytes) cleaned = utf8_prefix(cleaned, wire::limit_block_bytes);
    if (bytes_ + cleaned.size() > wire::limit_document_text_bytes) {
        closed_ = true;
        return fail(Code::too_large,
                    lar::format("its text is longer than {} MB", wire::limit_document_text_bytes / (1024 * 1024)));
    }
    if (++count_ > wire::limit_document_blocks) {
        closed_ = true;
        return fail(Code::too_large,
                    lar::format("it has more than {} paragraphs or rows", wire::limit_document_blocks));
    }
    bytes_ += cleaned.size();
    batch_bytes_ += cleaned.size();
    batch_.blocks.push_back(
        {.kind = kind, .level = static_cast<std::uint8_t>(level), .page = page_, .text = std::move(cleaned)});
    if (batch_.blocks.size() < wire::limit_blocks_in_batch && batch_bytes_ < wire::limit_batch_text_bytes) return {};
    return flush();
}

Result<> Blocks::flush() {
    if (batch_.blocks.empty()) return {};
    wire::DocumentText sent{.id = id_, .member = batch_.member, .blocks = std::move(batch_.blocks)};
    batch_.blocks.clear();
    batch_bytes_ = 0;
    Result<> taken = out_.text(std::move(sent));
    closed_ = closed_ || !taken;
    return taken;
}

Result<> Blocks::begin_member(std::string_view path) {
    TRY_VOID(flush());
    batch_.member = clean_name(path);
    page_ = 0;
    member_begin_ = bytes_;
    return {};
}

Result<> Blocks::member_failed(std::string_view path, const Error& error) {
    TRY_VOID(flush());
    return out_.member_failed({.id = id_,
                               .member = clean_name(path),
                               .code = std::string(to_string(error.code)),
                               .message = clean_name(error.message)});
}

}  // namespace lar::documents
