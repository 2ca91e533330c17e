#include "documents/git_changes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace lar::documents {
namespace {

// Pairs of files are compared for renames, so the cost grows with the square.
constexpr std::size_t limit_rename_candidates = 100;
// Keys, braces and numbers around the texts of a file or a hunk in a message.
constexpr std::size_t wire_overhead_bytes = 160;
// A line this long is not source text; the rest of it adds nothing to a search.
constexpr std::size_t limit_line_bytes = 4096;

wire::ChangeKind kind_of(git_delta_t status) {
    switch (status) {
        case GIT_DELTA_ADDED:
        case GIT_DELTA_COPIED: return wire::ChangeKind::added;
        case GIT_DELTA_DELETED: return wire::ChangeKind::deleted;
        case GIT_DELTA_RENAMED: return wire::ChangeKind::renamed;
        case GIT_DELTA_TYPECHANGE: return wire::ChangeKind::type_changed;
        case GIT_DELTA_UNTRACKED: return wire::ChangeKind::untracked;
        default: return wire::ChangeKind::modified;
    }
}

// A tree made by an attacker may hold names such as "..": nobody is shown a path that leads out of the repository.
bool is_path_within(std::string_view path) {
    if (path.empty() || path.front() == '/') return false;
    return std::ranges::none_of(split(path, '/'), [](std::string_view part) { return part == ".."; });
}

// "@@ -1,2 +3,4 @@ int main()" → "int main()"
std::string heading_of(const git_diff_hunk& hunk) {
    const std::string_view header(hunk.header, hunk.header_len);
    const std::size_t end = header.find(" @@", 2);
    return end == std::string_view::npos ? "" : to_utf8_lossy(trim(header.substr(end + 3)));
}

wire::Hunk read_hunk(git_patch* patch, std::size_t index, std::size_t limit_bytes) {
    wire::Hunk hunk;
    const git_diff_hunk* head = nullptr;
    std::size_t lines = 0;
    if (git_patch_get_hunk(&head, &lines, patch, index) != 0) return hunk;
    hunk.old_line = static_cast<std::uint32_t>(head->old_start);
    hunk.old_count = static_cast<std::uint32_t>(head->old_lines);
    hunk.new_line = static_cast<std::uint32_t>(head->new_start);
    hunk.new_count = static_cast<std::uint32_t>(head->new_lines);
    hunk.heading = heading_of(*head);
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) {
        const git_diff_line* line = nullptr;
        if (git_patch_get_line_in_hunk(&line, patch, index, i) != 0) break;
        if (line->origin != GIT_DIFF_LINE_CONTEXT && line->origin != GIT_DIFF_LINE_ADDITION &&
            line->origin != GIT_DIFF_LINE_DELETION)
            continue;
        std::string_view content(line->content, line->content_len);
        if (content.ends_with('\n')) content.remove_suffix(1);
        if (content.size() > limit_line_bytes) {
            content = content.substr(0, limit_line_bytes);
            hunk.cut = true;
        }
        if (text.size() + content.size() + 2 > limit_bytes) {
            hunk.cut = true;
            break;
        }
        text.append(1, line->origin).append(content).append(1, '\n');
    }
    hunk.text = to_utf8_lossy(text);
    if (hunk.text.size() > limit_bytes) {
        hunk.text = utf8_prefix(hunk.text, limit_bytes);
        hunk.cut = true;
    }
    return hunk;
}

// The hunks of one file, as far as the budget goes. False: something was left out.
bool read_hunks(git_diff* diff, std::size_t index, wire::FileChange& file, ChangesBudget& budget) {
    PatchHandle patch;
    // A blob may be missing (a partial clone) or not parse: the commit is still worth its names.
    if (git_patch_from_diff(out(patch), diff, index) != 0) return false;
    if (!patch) return true;  // nothing differs but the mode
    file.binary = (git_patch_get_delta(patch.get())->flags & GIT_DIFF_FLAG_BINARY) != 0;
    std::size_t added = 0;
    std::size_t deleted = 0;
    git_patch_line_stats(nullptr, &added, &deleted, patch.get());
    file.added = static_cast<std::uint32_t>(added);
    file.deleted = static_cast<std::uint32_t>(deleted);
    const std::size_t hunks = git_patch_num_hunks(patch.get());
    for (std::size_t i = 0; i < hunks; ++i) {
        wire::Hunk hunk = read_hunk(patch.get(), i, wire::limit_hunk_bytes);
        const std::size_t size = wire_size(hunk.text) + wire_size(hunk.heading) + wire_overhead_bytes;
        if (size > budget.bytes) {
            budget.bytes = 0;
            return false;
        }
        budget.bytes -= size;
        file.hunks.push_back(std::move(hunk));
    }
    return true;
}

}  // namespace

std::size_t wire_size(std::string_view text) {
    std::size_t size = text.size();
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r') {
            size += 1;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            size += 5;
        }
    }
    return size;
}

std::size_t wire_size(const wire::FileChange& file) {
    std::size_t size = wire_overhead_bytes + wire_size(file.path) + wire_size(file.old_path);
    for (const wire::Hunk& hunk : file.hunks)
        size += wire_overhead_bytes + wire_size(hunk.text) + wire_size(hunk.heading);
    return size;
}

git_diff_options diff_options() {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.context_lines = 3;
    options.max_size = static_cast<git_off_t>(limit_compared_file_bytes);
    return options;
}

Result<> find_renames(git_repository* repository, git_diff* diff) {
    std::vector<git_oid> candidates;
    bool added = false;
    bool deleted = false;
    const std::size_t count = git_diff_num_deltas(diff);
    for (std::size_t i = 0; i < count; ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff, i);
        if (delta->status == GIT_DELTA_ADDED) added = true, candidates.push_back(delta->new_file.id);
        if (delta->status == GIT_DELTA_DELETED) deleted = true, candidates.push_back(delta->old_file.id);
    }
    if (!added || !deleted || candidates.size() > limit_rename_candidates) return {};
    git_diff_find_options options = GIT_DIFF_FIND_OPTIONS_INIT;
    options.flags = GIT_DIFF_FIND_RENAMES;
    options.rename_limit = limit_rename_candidates;
    OdbHandle odb;
    if (const int status = git_repository_odb(out(odb), repository); status != 0)
        return fail_git("the object database", status);
    for (const git_oid& id : candidates) {
        std::size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        // Comparing contents loads them whole.
        if (git_odb_read_header(&size, &type, odb.get(), &id) != 0 || size > limit_compared_file_bytes)
            options.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_EXACT_MATCH_ONLY;
    }
    if (const int status = git_diff_find_similar(diff, &options); status != 0) return fail_git("renames", status);
    return {};
}

Changes read_changes(git_diff* diff, Detail detail, ChangesBudget& budget) {
    Changes changes;
    const std::size_t count = git_diff_num_deltas(diff);
    for (std::size_t i = 0; i < count; ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff, i);
        wire::FileChange file;
        file.kind = kind_of(delta->status);
        const bool gone = delta->status == GIT_DELTA_DELETED;
        const char* path = gone ? delta->old_file.path : delta->new_file.path;
        file.path = to_utf8_lossy(path ? path : "");
        if (delta->status == GIT_DELTA_RENAMED && delta->old_file.path)
            file.old_path = to_utf8_lossy(delta->old_file.path);
        if (!is_path_within(file.path) || (!file.old_path.empty() && !is_path_within(file.old_path))) {
            changes.cut = true;
            continue;
        }
        const std::size_t size = wire_size(file);
        if (budget.files == 0 || size > budget.bytes) {
            changes.cut = true;
            break;
        }
        --budget.files;
        budget.bytes -= size;
        if (detail == Detail::hunks && delta->status != GIT_DELTA_UNTRACKED && !read_hunks(diff, i, file, budget))
            changes.cut = true;
        changes.files.push_back(std::move(file));
    }
    return changes;
}

Result<Changes> compare_trees(git_repository* repository, git_tree* before, git_tree* after, Detail detail,
                              ChangesBudget& budget) {
    git_diff_options options = diff_options();
    DiffHandle diff;
    if (const int status = git_diff_tree_to_tree(out(diff), repository, before, after, &options); status != 0)
        return fail_git("a commit's trees", status);
    if (detail == Detail::hunks) TRY_VOID(find_renames(repository, diff.get()));
    return read_changes(diff.get(), detail, budget);
}

}  // namespace lar::documents
