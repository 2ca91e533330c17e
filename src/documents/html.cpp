#include "documents/html.h"

#include <lexbor/dom/dom.h>
#include <lexbor/encoding/encoding.h>
#include <lexbor/html/encoding.h>
#include <lexbor/html/html.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace lar::documents {
namespace {

constexpr std::size_t searched_for_encoding_bytes = 4096;
constexpr std::size_t decoded_at_once = 4096;
constexpr std::size_t parsed_at_once_bytes = 4096;

struct DestroyDocument {
    void operator()(lxb_html_document_t* document) const { ::lxb_html_document_destroy(document); }
};
using HtmlDocument = std::unique_ptr<lxb_html_document_t, DestroyDocument>;

const lxb_char_t* bytes_of(std::string_view text) { return reinterpret_cast<const lxb_char_t*>(text.data()); }

// ---- the encoding ----

void append_utf8(std::string& out, lxb_codepoint_t point) {
    std::array<lxb_char_t, 4> bytes{};
    lxb_char_t* at = bytes.data();
    if (point > 0x10FFFF || ::lxb_encoding_encode_utf_8_single(nullptr, &at, at + bytes.size(), point) < 1) {
        out += "\xEF\xBF\xBD";
        return;
    }
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(at - bytes.data()));
}

std::string decoded(std::string_view bytes, const lxb_encoding_data_t& encoding) {
    std::array<lxb_codepoint_t, decoded_at_once> points{};
    lxb_encoding_decode_t decoder{};
    ::lxb_encoding_decode_init(&decoder, &encoding, points.data(), points.size());
    const lxb_codepoint_t replacement = 0xFFFD;
    ::lxb_encoding_decode_replace_set(&decoder, &replacement, 1);
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    const lxb_char_t* at = bytes_of(bytes);
    const lxb_char_t* const end = at + bytes.size();
    for (;;) {
        const lxb_status_t status = encoding.decode(&decoder, &at, end);
        const std::size_t count = ::lxb_encoding_decode_buf_used(&decoder);
        for (std::size_t i = 0; i < count; ++i) append_utf8(out, points[i]);
        ::lxb_encoding_decode_buf_used_set(&decoder, 0);
        if (status != LXB_STATUS_SMALL_BUFFER) return out;
    }
}

struct DestroyEncoding {
    void operator()(lxb_html_encoding_t* found) const { ::lxb_html_encoding_destroy(found, true); }
};

// The one that a meta element names; null where there is none or nobody knows it.
const lxb_encoding_data_t* named_encoding(std::string_view bytes) {
    const std::unique_ptr<lxb_html_encoding_t, DestroyEncoding> found(::lxb_html_encoding_create());
    if (!found || ::lxb_html_encoding_init(found.get()) != LXB_STATUS_OK) return nullptr;
    const std::string_view head = bytes.substr(0, searched_for_encoding_bytes);
    if (::lxb_html_encoding_determine(found.get(), bytes_of(head), bytes_of(head) + head.size()) != LXB_STATUS_OK)
        return nullptr;
    const lxb_html_encoding_entry_t* entry = ::lxb_html_encoding_meta_entry(found.get(), 0);
    if (entry == nullptr) return nullptr;
    return ::lxb_encoding_data_by_pre_name(entry->name, static_cast<std::size_t>(entry->end - entry->name));
}

std::string to_utf8(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) return std::string(bytes.substr(3));
    if (bytes.starts_with("\xFF\xFE")) return decoded(bytes.substr(2), *::lxb_encoding_data(LXB_ENCODING_UTF_16LE));
    if (bytes.starts_with("\xFE\xFF")) return decoded(bytes.substr(2), *::lxb_encoding_data(LXB_ENCODING_UTF_16BE));
    if (is_utf8(bytes)) return std::string(bytes);
    const lxb_encoding_data_t* named = named_encoding(bytes);
    // A page that names UTF-8 and is not: its mistakes are few. UTF-16 cannot be named in a way that could be read.
    if (named == nullptr) named = ::lxb_encoding_data(LXB_ENCODING_WINDOWS_1252);
    if (named->encoding == LXB_ENCODING_UTF_16LE || named->encoding == LXB_ENCODING_UTF_16BE)
        named = ::lxb_encoding_data(LXB_ENCODING_UTF_8);
    return decoded(bytes, *named);
}

// ---- the tree ----

unsigned heading_level(lxb_tag_id_t tag) {
    switch (tag) {
        case LXB_TAG_H1: return 1;
        case LXB_TAG_H2: return 2;
        case LXB_TAG_H3: return 3;
        case LXB_TAG_H4: return 4;
        case LXB_TAG_H5: return 5;
        case LXB_TAG_H6: return 6;
        default: return 0;
    }
}

bool is_left_out(lxb_tag_id_t tag) {
    switch (tag) {
        case LXB_TAG_SCRIPT:
        case LXB_TAG_STYLE:
        case LXB_TAG_TEMPLATE:
        case LXB_TAG_HEAD:
        case LXB_TAG_IFRAME:
        case LXB_TAG_SVG:
        case LXB_TAG_OBJECT:
        case LXB_TAG_DATALIST: return true;
        default: return false;
    }
}

// Ends what stands before it.
bool is_block(lxb_tag_id_t tag) {
    switch (tag) {
        case LXB_TAG_ADDRESS:
        case LXB_TAG_ARTICLE:
        case LXB_TAG_ASIDE:
        case LXB_TAG_BLOCKQUOTE:
        case LXB_TAG_BODY:
        case LXB_TAG_CAPTION:
        case LXB_TAG_CENTER:
        case LXB_TAG_DETAILS:
        case LXB_TAG_DIALOG:
        case LXB_TAG_DIV:
        case LXB_TAG_DL:
        case LXB_TAG_FIELDSET:
        case LXB_TAG_FIGCAPTION:
        case LXB_TAG_FIGURE:
        case LXB_TAG_FOOTER:
        case LXB_TAG_FORM:
        case LXB_TAG_HEADER:
        case LXB_TAG_HR:
        case LXB_TAG_LEGEND:
        case LXB_TAG_MAIN:
        case LXB_TAG_NAV:
        case LXB_TAG_NOSCRIPT:
        case LXB_TAG_OL:
        case LXB_TAG_OPTION:
        case LXB_TAG_P:
        case LXB_TAG_SECTION:
        case LXB_TAG_SUMMARY:
        case LXB_TAG_TABLE:
        case LXB_TAG_TEXTAREA:
        case LXB_TAG_UL: return true;
        default: return false;
    }
}

// What makes a table one that arranges a page, rather than one that says something.
bool is_arranged(lxb_tag_id_t tag) {
    return heading_level(tag) > 0 || tag == LXB_TAG_TABLE || tag == LXB_TAG_UL || tag == LXB_TAG_OL ||
           tag == LXB_TAG_PRE || tag == LXB_TAG_FORM;
}

bool has_attribute(lxb_dom_node_t* node, std::string_view name) {
    return ::lxb_dom_element_has_attribute(lxb_dom_interface_element(node), bytes_of(name), name.size());
}

std::string_view attribute(lxb_dom_node_t* node, std::string_view name) {
    std::size_t size = 0;
    const lxb_char_t* value =
        ::lxb_dom_element_get_attribute(lxb_dom_interface_element(node), bytes_of(name), name.size(), &size);
    return value == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(value), size);
}

class TreeReader {
public:
    explicit TreeReader(Blocks& blocks) : blocks_(blocks) {}

    // Every node below `top`, without recursion: a page decides how deep its tree is.
    Result<> run(lxb_dom_node_t* top) {
        lxb_dom_node_t* node = top;
        std::size_t depth = 0;
        for (;;) {
            const bool below = TRY(enter(node)) && node->first_child != nullptr && depth < limit_html_depth;
            if (below) {
                node = node->first_child;
                ++depth;
                continue;
            }
            TRY_VOID(leave(node));
            while (node != top && node->next == nullptr) {
                node = node->parent;
                --depth;
                TRY_VOID(leave(node));
            }
            if (node == top) return flush();
            node = node->next;
        }
    }

private:
    // Whether to go on below it.
    Result<bool> enter(lxb_dom_node_t* node) {
        if (node->type == LXB_DOM_NODE_TYPE_TEXT) {
            const lexbor_str_t& data = lxb_dom_interface_character_data(node)->data;
            take({reinterpret_cast<const char*>(data.data), data.length});
            return false;
        }
        if (node->type != LXB_DOM_NODE_TYPE_ELEMENT) return node->type == LXB_DOM_NODE_TYPE_DOCUMENT;
        const lxb_tag_id_t tag = node->local_name;
        if (is_left_out(tag) || has_attribute(node, "hidden")) return false;
        if (tag == LXB_TAG_BR) text_ += code_ > 0 ? '\n' : ' ';
        if (tag == LXB_TAG_IMG) text_ += lar::format(" {} ", attribute(node, "alt"));
        if (is_arranged(tag) && row_) TRY_VOID(end_row());
        if (tag == LXB_TAG_TR) {
            TRY_VOID(flush());
            row_ = true;
            cells_.clear();
        } else if (tag == LXB_TAG_TD || tag == LXB_TAG_TH) {
            if (!row_) TRY_VOID(flush());
        } else if (row_ && (is_block(tag) || tag == LXB_TAG_LI)) {
            text_ += ' ';
        } else if (tag == LXB_TAG_LI || tag == LXB_TAG_DT || tag == LXB_TAG_DD) {
            TRY_VOID(flush());
            item_ = true;
        } else if (is_block(tag) || heading_level(tag) > 0 || tag == LXB_TAG_PRE) {
            TRY_VOID(flush());
        }
        if (tag == LXB_TAG_PRE) ++code_;
        return true;
    }

    Result<> leave(lxb_dom_node_t* node) {
        if (node->type != LXB_DOM_NODE_TYPE_ELEMENT) return {};
        const lxb_tag_id_t tag = node->local_name;
        if (const unsigned level = heading_level(tag); level > 0) {
            const std::string text = std::exchange(text_, {});
            item_ = false;
            return blocks_.heading(text, level);
        }
        if (tag == LXB_TAG_PRE && code_ > 0) {
            const std::string text = std::exchange(text_, {});
            --code_;
            return blocks_.code(text);
        }
        if (tag == LXB_TAG_TR && row_) return end_row();
        if ((tag == LXB_TAG_TD || tag == LXB_TAG_TH) && row_) {
            cells_.push_back(std::exchange(text_, {}));
            return {};
        }
        if (row_) return {};
        if (is_block(tag) || tag == LXB_TAG_LI || tag == LXB_TAG_DT || tag == LXB_TAG_DD || tag == LXB_TAG_TD ||
            tag == LXB_TAG_TH)
            return flush();
        return {};
    }

    void take(std::string_view text) {
        if (text_.size() + text.size() <= wire::limit_block_bytes) text_ += text;
    }
    Result<> flush() {
        const std::string text = std::exchange(text_, {});
        const bool item = std::exchange(item_, false);
        if (code_ > 0) return blocks_.code(text);
        return item ? blocks_.item(text) : blocks_.paragraph(text);
    }
    Result<> end_row() {
        row_ = false;
        if (!text_.empty()) cells_.push_back(std::exchange(text_, {}));
        const std::vector<std::string> cells = std::exchange(cells_, {});
        return cells.size() == 1 ? blocks_.paragraph(cells[0]) : blocks_.row(row_of(cells));
    }

    Blocks& blocks_;
    std::string text_;
    std::vector<std::string> cells_;
    std::size_t code_ = 0;
    bool row_ = false, item_ = false;
};

struct DestroyParser {
    void operator()(lxb_html_parser_t* parser) const { ::lxb_html_parser_destroy(parser); }
};

// A piece at a time: what a piece costs grows with the depth of the tree, and some pages are made to be deep.
Result<> parse(std::string_view page, const Blocks& blocks, HtmlDocument& document) {
    const std::unique_ptr<lxb_html_parser_t, DestroyParser> parser(::lxb_html_parser_create());
    const auto no_memory = [] { return fail(Code::too_large, "the page takes more memory than there is"); };
    if (!parser || ::lxb_html_parser_init(parser.get()) != LXB_STATUS_OK) return no_memory();
    document.reset(::lxb_html_parse_chunk_begin(parser.get()));
    if (!document) return no_memory();
    Result<> outcome;
    for (std::size_t at = 0; at < page.size() && outcome; at += parsed_at_once_bytes) {
        const std::string_view piece = page.substr(at, parsed_at_once_bytes);
        if (::lxb_html_parse_chunk_process(parser.get(), bytes_of(piece), piece.size()) != LXB_STATUS_OK)
            outcome = no_memory();
        else if (::lexbor_array_length(parser->tree->open_elements) > limit_html_depth)
            outcome = fail(Code::too_large, "its elements are nested without end");
        else
            outcome = blocks.check();
    }
    if (::lxb_html_parse_chunk_end(parser.get()) != LXB_STATUS_OK && outcome) outcome = no_memory();
    return outcome;
}

}  // namespace

Result<std::string> read_html(std::string_view bytes, Blocks& blocks) {
    if (bytes.size() > limit_html_bytes)
        return fail(Code::too_large, lar::format("a page of more than {} MB", limit_html_bytes / (1024 * 1024)));
    const std::string page = to_utf8(bytes);
    HtmlDocument document;
    const Result<> parsed = parse(page, blocks, document);
    if (!document) return std::unexpected(parsed.error());
    TRY_VOID(TreeReader(blocks).run(lxb_dom_interface_node(document.get())));
    if (!parsed) return std::unexpected(parsed.error());  // what came before stands
    std::size_t size = 0;
    const lxb_char_t* title = ::lxb_html_document_title(document.get(), &size);
    return title == nullptr ? std::string() : clean_name({reinterpret_cast<const char*>(title), size});
}

}  // namespace lar::documents
