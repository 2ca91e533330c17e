// What a GitRepository is made of, for this room's git_*.cpp: history and references in git_repository.cpp, uncommitted
// work and stashes in git_working_tree.cpp.
#pragma once

#include <git2.h>

#include <string>
#include <vector>

#include "documents/git_changes.h"
#include "documents/git_handle.h"
#include "documents/git_repository.h"

namespace lar::documents {

// Moments and offsets of a foreign repository, brought within what a calendar has.
std::int64_t moment_us(git_time_t seconds);
std::int16_t offset_min(int minutes);
// Foreign bytes, as UTF-8 of at most so many bytes; empty for null.
std::string text_of(const char* bytes, std::size_t limit_bytes);
Result<TreeHandle> tree_of(git_commit* commit);

struct GitRepository::Insides {
    RepositoryHandle repository;
    bool shallow = false;

    struct Tip {
        wire::Branch branch;
        git_oid id{};
    };
    Result<std::vector<Tip>> branches() const;
    Result<std::vector<git_oid>> tips() const;
    Result<WalkHandle> walk_from(const std::vector<git_oid>& tips) const;
    Result<bool> any_unreachable(const std::vector<git_oid>& ids, const std::vector<git_oid>& tips) const;
    Result<wire::Commit> read_commit(const git_oid& id, bool graph_only) const;
    Result<Changes> changes_of(git_commit* commit) const;
    Result<TreeHandle> head_tree() const;
    Result<Changes> staged(ChangesBudget& budget) const;
    Result<Changes> unstaged(ChangesBudget& budget) const;
    Result<std::vector<wire::Stash>> stashes(ChangesBudget& budget, bool& cut, const Between& between) const;
};

}  // namespace lar::documents
