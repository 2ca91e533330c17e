#include "documents/notebook.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "wire/fields.h"

namespace lar::documents {
namespace {

// A text of the format: one string, or its lines.
Result<std::string> read_text(std::string_view json, std::string_view where) {
    if (wire::kind_of(json) != wire::JsonKind::array) {
        std::string text;
        TRY_VOID(wire::read_value(json, where, text));
        return text;
    }
    std::string text;
    std::vector<std::string> lines;
    TRY_VOID(wire::read_value(json, where, lines));
    for (const std::string& line : lines) text += line;
    return text;
}

Result<std::string> text_member(const wire::Fields& fields, std::string_view name) {
    if (!fields.has(name)) return std::string();
    return read_text(fields.raw(name), fields.path_of(name));
}

// Markdown by its lines: headings, items, paragraphs, and code between fences.
Result<> read_markdown(std::string_view text, Blocks& blocks) {
    std::string paragraph, code;
    bool fenced = false, item = false;
    const auto end_paragraph = [&]() -> Result<> {
        const std::string ended = std::exchange(paragraph, {});
        return std::exchange(item, false) ? blocks.item(ended) : blocks.paragraph(ended);
    };
    for (const std::string_view raw : split_lines(text)) {
        const std::string_view line = trim(raw);
        if (line.starts_with("```")) {
            TRY_VOID(end_paragraph());
            if (fenced) TRY_VOID(blocks.code(std::exchange(code, {})));
            fenced = !fenced;
        } else if (fenced) {
            code += lar::format("{}\n", raw);
        } else if (const std::size_t level = line.find_first_not_of('#');
                   level != 0 && level != std::string_view::npos && line[level] == ' ') {
            TRY_VOID(end_paragraph());
            TRY_VOID(blocks.heading(line.substr(level), static_cast<unsigned>(std::min<std::size_t>(level, 6))));
        } else if (line.starts_with("- ") || line.starts_with("* ")) {
            TRY_VOID(end_paragraph());
            paragraph = line.substr(2);
            item = true;
        } else if (line.empty()) {
            TRY_VOID(end_paragraph());
        } else {
            paragraph += lar::format("{}{}", paragraph.empty() ? "" : " ", line);
        }
    }
    TRY_VOID(end_paragraph());
    return blocks.code(code);
}

Result<> read_output(std::string_view json, Blocks& blocks) {
    const wire::Fields output = TRY(wire::Fields::of(json, "an output"));
    std::string text = TRY(text_member(output, "text"));
    if (output.has("data")) text += TRY(text_member(TRY(wire::Fields::of(output.raw("data"), "data")), "text/plain"));
    return blocks.code(utf8_prefix(text, limit_output_bytes));
}

Result<> read_cell(std::string_view json, Blocks& blocks) {
    const wire::Fields cell = TRY(wire::Fields::of(json, "a cell"));
    const std::string kind = TRY(text_member(cell, "cell_type"));
    // Until version 3 code was called input.
    const std::string source = TRY(text_member(cell, cell.has("source") ? "source" : "input"));
    if (kind == "markdown" || kind == "heading") return read_markdown(source, blocks);
    TRY_VOID(kind == "code" ? blocks.code(source) : blocks.paragraph(source));
    if (!cell.has("outputs")) return {};
    for (const std::string& output : TRY(wire::json_elements(cell.raw("outputs"), "outputs")))
        TRY_VOID(read_output(output, blocks));
    return {};
}

Result<> read_cells(const wire::Fields& holder, Blocks& blocks) {
    if (!holder.has("cells")) return {};
    for (const std::string& cell : TRY(wire::json_elements(holder.raw("cells"), "cells")))
        TRY_VOID(read_cell(cell, blocks));
    return {};
}

}  // namespace

Result<> read_notebook(std::string_view bytes, Blocks& blocks) {
    if (bytes.size() > limit_notebook_bytes)
        return fail(Code::too_large,
                    lar::format("a notebook of more than {} MB", limit_notebook_bytes / (1024 * 1024)));
    const auto read = [&]() -> Result<> {
        const wire::Fields notebook = TRY(wire::Fields::of(bytes));
        TRY_VOID(read_cells(notebook, blocks));
        if (!notebook.has("worksheets")) return {};
        for (const std::string& sheet : TRY(wire::json_elements(notebook.raw("worksheets"), "worksheets")))
            TRY_VOID(read_cells(TRY(wire::Fields::of(sheet, "a worksheet")), blocks));
        return {};
    };
    Result<> done = read();
    if (!done && done.error().code == Code::invalid)
        return fail(Code::corrupt, lar::format("it is no notebook ({})", done.error().message));
    return done;
}

}  // namespace lar::documents
