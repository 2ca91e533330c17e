#include "answer/listing.h"

#include <algorithm>

#include "answer/units.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::answer {
namespace {

constexpr std::size_t files_named = 6;
constexpr std::size_t limit_change_bytes = 120;

std::string when(Timestamp time, const Zone& zone) {
    const CivilTime t = civil_in(zone, time.us);
    return lar::format("{:04}-{:02}-{:02} {:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute);
}

// "src/a.c (+3 -1), src/b.c (+1 -0) and 4 more": the files of the summary that a change begins with.
std::string files_of(std::string_view summary) {
    std::string out;
    std::size_t named = 0, more = 0;
    for (std::string_view line : split_lines(summary)) {
        line = trim(line);
        if (!names_changed_file(line)) continue;
        if (named == files_named) {
            ++more;
            continue;
        }
        out += (named++ == 0 ? "" : ", ") + std::string(line);
    }
    if (more > 0) out += lar::format(" and {} more", more);
    return out;
}

// "src/a.c:12: `+ int seven = 7;` and 3 lines more": the first line of a hunk that changed.
std::string change_of(const store::PlacedPassage& placed) {
    const std::vector<Unit> changes = units_of(placed);
    if (changes.empty()) return lar::format("{}:{}", placed.passage.path, placed.passage.line_first);
    const std::string_view text = utf8_prefix(changes[0].text, limit_change_bytes);
    std::string out = lar::format("{}:{}: `{}{}`", placed.passage.path, changes[0].line_first, text,
                                  text.size() < changes[0].text.size() ? "…" : "");
    const std::size_t more = changes.size() - 1;
    if (more > 0) out += lar::format(" and {} {} more", more, more == 1 ? "line" : "lines");
    return out;
}

std::string told(const recall::Candidate& candidate, const Zone& zone) {
    const store::Document& document = candidate.placed.document;
    const store::Passage& passage = candidate.placed.passage;
    const std::string place = passage.path.empty() ? document.path : passage.path;
    switch (document.kind) {
        case store::DocumentKind::commit:
            return lar::format("{}, {}: {}", when(document.time, zone), document.author, document.title);
        case store::DocumentKind::working_tree:
        case store::DocumentKind::stash: {
            const std::string branch = document.branch.empty() ? std::string() : " on branch " + document.branch;
            const std::string files = passage.path.empty() ? files_of(passage.text) : change_of(candidate.placed);
            return document.title + branch + (files.empty() ? "" : ": " + files);
        }
        case store::DocumentKind::branch: return document.title + ": " + std::string(trim(passage.text));
        case store::DocumentKind::file: return lar::format("Edited {}: {}", when(document.time, zone), place);
        case store::DocumentKind::pushed:
            return lar::format("{}: {}", when(document.time, zone),
                               document.title.empty() ? document.path : document.title);
    }
    return place;
}

// Uncommitted work, history, files: what shares the room.
std::size_t group_of(store::DocumentKind kind) {
    using enum store::DocumentKind;
    if (kind == working_tree || kind == stash) return 0;
    return kind == commit || kind == branch ? 1 : 2;
}

}  // namespace

std::vector<Listed> list(const recall::Recalled& recalled, std::size_t sources_limit, const Zone& zone) {
    const std::size_t room = std::min(sources_limit, limit_listed);
    std::vector<std::vector<std::size_t>> groups(3);
    for (std::size_t i = 0; i < recalled.candidates.size(); ++i)
        groups[group_of(recalled.candidates[i].placed.document.kind)].push_back(i);
    // One of each in turn until the room is full, so that a long diff does not crowd out the commits.
    std::vector<std::size_t> chosen;
    for (std::size_t round = 0; chosen.size() < room; ++round) {
        const std::size_t before = chosen.size();
        for (const auto& group : groups)
            if (round < group.size() && chosen.size() < room) chosen.push_back(group[round]);
        if (chosen.size() == before) break;
    }
    std::ranges::sort(chosen);
    std::vector<Listed> listed;
    for (const std::size_t i : chosen) listed.push_back({told(recalled.candidates[i], zone), i});
    return listed;
}

}  // namespace lar::answer
