#include "answer/citations.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "answer/answer.h"
#include "answer/quoted_lines.h"
#include "base/content_hash.h"
#include "base/fd.h"
#include "base/identity.h"
#include "base/text.h"
#include "sources/documents/format.h"
#include "sources/files/passages.h"
#include "sources/files/text.h"

namespace lar::answer {
namespace {

namespace fs = std::filesystem;

std::string_view word_for(store::DocumentKind kind) {
    switch (kind) {
        case store::DocumentKind::file: return "file";
        case store::DocumentKind::commit: return "commit";
        case store::DocumentKind::working_tree: return "working_tree";
        case store::DocumentKind::stash: return "stash";
        case store::DocumentKind::branch: return "branch";
        case store::DocumentKind::pushed: return "pushed";
    }
    return "file";
}

// The text of a file as the index would see it now; nothing when it is not there.
std::optional<std::string> text_now(const fs::path& path) {
    auto bytes = read_file(path, limit_cited_file_bytes);
    if (!bytes) return bytes.error().code == Code::not_found ? std::nullopt : std::optional(std::string());
    return sources::decode_text(std::move(*bytes), path.native()).text;
}

// Lines first..last (1-based), as they stand between their ends.
std::string_view lines_of(std::string_view text, std::uint32_t first, std::uint32_t last) {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < first; ++line) {
        begin = text.find('\n', begin);
        if (begin == std::string_view::npos) return {};
        ++begin;
    }
    std::size_t end = begin;
    for (std::uint32_t line = first; line <= last; ++line) {
        end = text.find('\n', line == first ? begin : end + 1);
        if (end == std::string_view::npos) return line == last ? text.substr(begin) : std::string_view();
    }
    return text.substr(begin, end - begin);
}

// The first line of `passage` where it stands whole in `text`, nearest to where it stood; 0: nowhere.
std::uint32_t line_of(std::string_view text, const store::Passage& passage) {
    std::uint32_t nearest = 0, line = 1;
    const auto distance = [&](std::uint32_t at) {
        return std::abs(std::int64_t{at} - std::int64_t{passage.line_first});
    };
    std::size_t counted = 0;
    for (std::size_t at = text.find(passage.text); at != std::string_view::npos; at = text.find(passage.text, at + 1)) {
        const std::size_t end = at + passage.text.size();
        const bool whole = (at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n');
        if (!whole) continue;
        line += static_cast<std::uint32_t>(std::ranges::count(text.substr(counted, at - counted), '\n'));
        counted = at;
        if (nearest != 0 && distance(line) >= distance(nearest)) break;  // from here on it only gets further away
        nearest = line;
    }
    return nearest;
}

// What a reader took out of a document stands as long as the document is the same, byte for byte.
Checked check_document(const store::PlacedPassage& placed, wire::DocumentFormat format) {
    const Result<Fd> file = open_read_only(absolute_path_of(placed));
    if (!file) return {file.error().code == Code::not_found ? CitedState::missing : CitedState::changed};
    const Result<std::string> hash = hash_of_file(file->number(), sources::size_limit_bytes(format));
    return {hash && *hash == placed.document.hash ? CitedState::unchanged : CitedState::changed};
}

Checked check_file(const store::PlacedPassage& placed) {
    if (const auto format = sources::document_format(placed.document.path)) return check_document(placed, *format);
    const auto text = text_now(absolute_path_of(placed));
    if (!text) return {CitedState::missing};
    const store::Passage& passage = placed.passage;
    const std::string_view lines = lines_of(*text, passage.line_first, passage.line_last);
    if (hash_hex(lines) == passage.hash) return {};
    // A piece of a very long line carries that line's number. Of any other line more than a part must stand.
    if (lines.size() > sources::limit_line_bytes && !passage.text.empty() && lines.contains(passage.text)) return {};
    const std::uint32_t moved = passage.text.empty() ? 0 : line_of(*text, passage);
    if (moved == 0) return {CitedState::changed};
    return {CitedState::unchanged, std::int64_t{moved} - std::int64_t{passage.line_first}};
}

// The new side of every hunk must be what the file has at its lines.
Checked check_hunks(const store::PlacedPassage& placed) {
    const auto text = text_now(absolute_path_of(placed));
    std::string expected;
    std::uint32_t first = 0, count = 0;
    bool stands = true;
    const auto compare = [&] {
        if (count > 0) stands = stands && text && lines_of(*text, first, first + count - 1) == expected;
        expected.clear();
        count = 0;
    };
    for (const std::string_view line : split_lines(placed.passage.text)) {
        if (line.starts_with("@@")) {
            compare();
            const std::size_t plus = line.find('+');
            if (plus != std::string_view::npos)
                std::from_chars(line.data() + plus + 1, line.data() + line.size(), first);
        } else if (line.starts_with(' ') || line.starts_with('+') || line.empty()) {
            if (count++ > 0) expected += '\n';
            expected += line.empty() ? line : line.substr(1);
        }
    }
    compare();
    if (stands) return {};
    return {text ? CitedState::changed : CitedState::missing};
}

bool lies_in(const std::string& path, const std::string& folder) {
    const std::string whole = fs::path(path).lexically_normal().native();  // without ".."
    return !folder.empty() && (whole == folder || whole.starts_with(folder + "/"));
}

}  // namespace

std::string_view to_string(CitedState state) {
    switch (state) {
        case CitedState::unchanged: return "unchanged";
        case CitedState::changed: return "changed";
        case CitedState::missing: return "missing";
    }
    return "changed";
}

std::string absolute_path_of(const store::PlacedPassage& placed) {
    if (!placed.source_location.starts_with('/')) return {};
    const bool file = placed.document.kind == store::DocumentKind::file;
    const std::string& path = file ? placed.document.path : placed.passage.path;
    if (path.empty()) return {};
    const fs::path root = placed.source_location;
    std::error_code error;
    // A source can be one file.
    if (root.filename() == path && !fs::is_directory(root, error)) return root.native();
    return (root / path).native();
}

Checked check(const store::PlacedPassage& placed) {
    if (placed.document.kind == store::DocumentKind::file) return check_file(placed);
    const bool hunks = placed.document.kind == store::DocumentKind::working_tree && !placed.passage.path.empty();
    return hunks ? check_hunks(placed) : Checked{};
}

Result<> check_again(wire::ApiAnswer& answer, store::Reader& reader) {
    const auto sources = TRY(reader.sources());
    std::vector<wire::ApiCitation*> citations;
    for (wire::ApiCitation& citation : answer.citations) citations.push_back(&citation);
    for (wire::ApiNearest& nearest : answer.nearest) citations.push_back(&nearest.citation);
    for (wire::ApiCitation* const citation : citations) {
        wire::ApiPlace& place = citation->place;
        const auto source = std::ranges::find(sources, place.source, &store::Source::name);
        if (place.kind != word_for(store::DocumentKind::file) || source == sources.end()) continue;
        const store::PlacedPassage placed{.passage = {.line_first = place.line_first,
                                                      .line_last = place.line_last,
                                                      .text = citation->quote,
                                                      .hash = place.hash},
                                          .document = {.path = place.path},
                                          .source_name = source->name,
                                          .source_location = source->location};
        // An answer that was imported can name any path; only what the source holds is looked at.
        if (place.absolute_path != absolute_path_of(placed) || !lies_in(place.absolute_path, source->location))
            continue;
        const Checked checked = check(placed);
        citation->state = to_string(checked.state);
        place.line_first = static_cast<std::uint32_t>(place.line_first + checked.lines_moved);
        place.line_last = static_cast<std::uint32_t>(place.line_last + checked.lines_moved);
    }
    find_quoted_lines(answer);
    return {};
}

std::vector<wire::ApiPlace> places_of(const std::vector<store::PlacedPassage>& passages) {
    std::vector<wire::ApiPlace> places;
    for (const store::PlacedPassage& passage : passages) places.push_back(place_of(passage));
    return places;
}

wire::ApiPlace place_of(const store::PlacedPassage& placed) {
    using enum store::DocumentKind;
    const store::Document& document = placed.document;
    wire::ApiPlace place{.source = placed.source_name,
                         .kind = std::string(word_for(document.kind)),
                         .path = placed.passage.path,
                         .absolute_path = absolute_path_of(placed),
                         .line_first = placed.passage.line_first,
                         .line_last = placed.passage.line_last,
                         .page = placed.passage.page,
                         .author = document.author,
                         .hash = placed.passage.hash};
    if (document.time.us != 0) place.time = to_rfc3339(document.time);
    if (document.kind == commit || document.kind == stash) {
        place.commit = document.path.substr(document.path.rfind('/') + 1);
    } else if (place.path.empty()) {
        place.path = document.path;
    }
    return place;
}

}  // namespace lar::answer
