// Owners for libgit2's objects, and its failures as values of ours. Only for this room's git_*.cpp.
#pragma once

#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lar::documents {

template <auto release>
struct GitRelease {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
template <class T, auto release>
using GitHandle = std::unique_ptr<T, GitRelease<release>>;

using RepositoryHandle = GitHandle<git_repository, git_repository_free>;
using CommitHandle = GitHandle<git_commit, git_commit_free>;
using TreeHandle = GitHandle<git_tree, git_tree_free>;
using DiffHandle = GitHandle<git_diff, git_diff_free>;
using PatchHandle = GitHandle<git_patch, git_patch_free>;
using WalkHandle = GitHandle<git_revwalk, git_revwalk_free>;
using ReferenceHandle = GitHandle<git_reference, git_reference_free>;
using ObjectHandle = GitHandle<git_object, git_object_free>;
using OdbHandle = GitHandle<git_odb, git_odb_free>;
using IndexHandle = GitHandle<git_index, git_index_free>;
using BranchesHandle = GitHandle<git_branch_iterator, git_branch_iterator_free>;

// out(handle): what a libgit2 function that makes an object wants as its first argument.
template <class Handle>
auto out(Handle& handle) {
    return std::out_ptr(handle);
}

// libgit2's return code and its last message. Not found stays so; what does not parse is corrupt.
std::unexpected<Error> fail_git(std::string_view what, int status,
                                std::source_location where = std::source_location::current());

std::string hex_of(const git_oid& id);

}  // namespace lar::documents
