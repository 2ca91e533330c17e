// From what lar-reader tells of a repository to documents and passages.
//
// A commit becomes one document: its first passage is the message with author, date and the files it touches; the
// others are its hunks, file by file, with the lines of the new side, so that a citation names commit, path and
// line. The uncommitted diff becomes the documents "staged" and "unstaged", a stash one each, the branches one.
// A repository below the source's root gives its path as prefix ("vendor/x"), which goes before every path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sources/files/ignore.h"
#include "store/records.h"
#include "wire/reader.h"

namespace lar::sources {

inline constexpr std::size_t hunk_passage_bytes = 1600;  // hunks of one file are gathered up to this, or cut
inline constexpr std::size_t limit_hunk_passages = 400;  // of one document
inline constexpr std::size_t limit_files_listed = 60;    // in the first passage of a commit
inline constexpr std::size_t limit_branches_bytes = 16 * 1024;

struct Draft {
    store::Document document;
    std::vector<store::NewPassage> passages;
};

struct RepositoryContext {
    store::SourceId source;
    std::string prefix;      // of the repository within the source; empty for the source itself
    std::string branch;      // checked out
    IgnoreRules left_out{};  // the .larignore at the top of the source: hunks of what it names are left out too
};

// The rules of the .larignore in that folder; none where there is no such file.
IgnoreRules lar_ignore_of(const std::filesystem::path& folder);

Draft commit_draft(const RepositoryContext& repository, const wire::Commit& commit);
// At most two: what is staged and what is not. `when` is the newest time of the files concerned.
std::vector<Draft> working_tree_drafts(const RepositoryContext& repository, const wire::WorkingTree& tree,
                                       Timestamp when);
Draft stash_draft(const RepositoryContext& repository, const wire::Stash& stash);
// `subject_of` knows the first line of a commit's message, or gives nothing.
std::optional<Draft> branches_draft(const RepositoryContext& repository, const wire::Opened& opened, const Zone& zone,
                                    const std::function<std::string(const std::string&)>& subject_of);

}  // namespace lar::sources
