#include "store/reindexing.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "index/analysis.h"

namespace lar::store {
namespace {

constexpr std::array changes{std::string_view("added "),        std::string_view("modified "),
                             std::string_view("deleted "),      std::string_view("renamed "),
                             std::string_view("type changed "), std::string_view("untracked ")};

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// A hunk without its "@@" lines and the column that says which side a row is on.
std::string words_of_hunk(std::string_view text) {
    std::string words;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.starts_with("@@ ")) continue;
        words += line.substr(std::min<std::size_t>(1, line.size()));
        words += '\n';
    }
    return words;
}

// A summary ends with the files that the change touches, a line each: "modified src/a.c (+3 -1)".
struct Summary {
    std::string_view message;
    std::string paths;
};
Summary summary_of(std::string_view text) {
    Summary found{.message = text, .paths = {}};
    const std::size_t gap = text.rfind("\n\n");
    std::string_view rest = gap == std::string_view::npos ? text : text.substr(gap + 2);
    const std::string_view files = rest;
    while (!rest.empty()) {
        std::string_view line = take_line(rest);
        const auto change =
            std::ranges::find_if(changes, [&](std::string_view each) { return line.starts_with(each); });
        if (change == changes.end()) {
            if (line.starts_with("and ") && line.ends_with(" more files")) continue;
            return {.message = text, .paths = {}};
        }
        line.remove_prefix(change->size());
        line = line.substr(0, line.rfind(" (+"));
        line = line.substr(0, line.find(" from "));
        found.paths += (found.paths.empty() ? "" : " ") + index::terms_of(line);
    }
    found.message = text.substr(0, gap == std::string_view::npos ? 0 : text.size() - files.size());
    return found;
}

}  // namespace

IndexedText indexed_again(const Document& document, const Passage& passage, index::Language language) {
    IndexedText indexed{.title = {}, .path = {}, .context = index::terms_of(passage.context, language), .body = {}};
    if (document.kind == DocumentKind::file || document.kind == DocumentKind::pushed) {
        indexed.title = index::terms_of(document.title, language);
        if (document.kind == DocumentKind::file) indexed.path = index::terms_of(document.path);
        indexed.body = index::marked_terms_of(passage.text, language);
    } else if (!passage.path.empty()) {
        indexed.path = index::terms_of(passage.path);
        indexed.body = index::terms_of(words_of_hunk(passage.text));
    } else {
        const Summary summary = summary_of(passage.text);
        indexed.title = index::terms_of(document.title, language);
        indexed.path = summary.paths;
        indexed.body = index::marked_terms_of(summary.message.empty() ? document.title : summary.message, language);
    }
    return indexed;
}

}  // namespace lar::store
