#include "ingest/history_state.h"

#include <algorithm>

#include "base/text.h"
#include "wire/reader.h"

namespace lar::ingest {
namespace {

constexpr std::string_view first_line = "history 1";

bool is_commit_id(std::string_view id) {
    return (id.size() == 40 || id.size() == 64) && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

// A line a repository: its tips, a tab, its path (which may hold anything but a newline).
std::string to_text(const HistoryState& state) {
    std::string text(first_line);
    text += '\n';
    for (const auto& [path, tips] : state.repositories) {
        if (path.contains('\n')) continue;
        for (const std::string& tip : tips) text += tip + ' ';
        text += '\t' + path + '\n';
    }
    return text;
}

HistoryState history_state_from(std::string_view text) {
    HistoryState state;
    const std::vector<std::string_view> lines = split_lines(text);
    if (lines.empty() || lines[0] != first_line) return state;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::size_t tab = lines[i].find('\t');
        if (tab == std::string_view::npos) return {};
        Tips& tips = state.repositories[std::string(lines[i].substr(tab + 1))];
        for (const std::string_view tip : split(lines[i].substr(0, tab), ' '))
            if (is_commit_id(tip) && tips.size() < wire::limit_tips) tips.emplace_back(tip);
        std::ranges::sort(tips);
    }
    return state;
}

}  // namespace lar::ingest
