// What a diff changed, file by file, as text: the part of a commit, a stash or the working tree that is searched.
//
// Everything is bounded: files, bytes of a hunk, bytes of all, size of a file that is compared at all. What went over
// says so (`cut`). Bytes are counted as they will be on the wire, where a control character takes six.
#pragma once

#include <git2.h>

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "documents/git_handle.h"
#include "wire/reader.h"

namespace lar::documents {

// Larger files are neither compared nor searched for renames; they are listed like binaries.
inline constexpr std::size_t limit_compared_file_bytes = 1024 * 1024;

// How much more may be said, shared by the diffs of one message.
struct ChangesBudget {
    std::size_t files = wire::limit_files_in_change;
    std::size_t bytes = wire::limit_change_bytes;
};
struct Changes {
    std::vector<wire::FileChange> files;
    bool cut = false;
};
enum class Detail { names, hunks };

git_diff_options diff_options();
// Marks renames, where that is cheap.
Result<> find_renames(git_repository* repository, git_diff* diff);
Changes read_changes(git_diff* diff, Detail detail, ChangesBudget& budget);

// Either tree may be missing: then everything was added, or deleted.
Result<Changes> compare_trees(git_repository* repository, git_tree* before, git_tree* after, Detail detail,
                              ChangesBudget& budget);

std::size_t wire_size(std::string_view text);
std::size_t wire_size(const wire::FileChange& file);

}  // namespace lar::documents
