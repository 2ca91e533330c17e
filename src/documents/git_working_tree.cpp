// Uncommitted work: the index against HEAD, the work tree against the index, the stashes.
#include <git2.h>

#include <utility>

#include "documents/git_insides.h"

namespace lar::documents {

Result<TreeHandle> GitRepository::Insides::head_tree() const {
    ObjectHandle tree;
    const int status = git_revparse_single(out(tree), repository.get(), "HEAD^{tree}");
    if (status == GIT_ENOTFOUND) return TreeHandle();  // unborn: everything in the index is new
    if (status != 0) return fail_git("HEAD", status);
    return TreeHandle(reinterpret_cast<git_tree*>(tree.release()));
}

Result<Changes> GitRepository::Insides::staged(ChangesBudget& budget) const {
    const TreeHandle head = TRY(head_tree());
    git_diff_options options = diff_options();
    DiffHandle diff;
    if (const int status = git_diff_tree_to_index(out(diff), repository.get(), head.get(), nullptr, &options);
        status != 0)
        return fail_git("the index", status);
    TRY_VOID(find_renames(repository.get(), diff.get()));
    return read_changes(diff.get(), Detail::hunks, budget);
}

Result<Changes> GitRepository::Insides::unstaged(ChangesBudget& budget) const {
    struct Untracked {
        std::size_t left = limit_untracked;
        bool cut = false;
    } untracked;
    git_diff_options options = diff_options();
    // Not into submodules: each is a repository of its own.
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_IGNORE_SUBMODULES |
                    GIT_DIFF_INCLUDE_TYPECHANGE;
    options.payload = &untracked;
    options.notify_cb = [](const git_diff*, const git_diff_delta* delta, const char*, void* payload) {
        auto& seen = *static_cast<Untracked*>(payload);
        if (delta->status != GIT_DELTA_UNTRACKED) return 0;
        if (seen.left == 0) {
            seen.cut = true;
            return 1;  // leave it out
        }
        --seen.left;
        return 0;
    };
    DiffHandle diff;
    if (const int status = git_diff_index_to_workdir(out(diff), repository.get(), nullptr, &options); status != 0)
        return fail_git("the work tree", status);
    Changes changes = read_changes(diff.get(), Detail::hunks, budget);
    changes.cut = changes.cut || untracked.cut;
    return changes;
}

Result<std::vector<wire::Stash>> GitRepository::Insides::stashes(ChangesBudget& budget, bool& cut,
                                                                 const Between& between) const {
    // Asking libgit2 for a log that is not there would make it, which this process may not.
    if (git_reference_has_log(repository.get(), "refs/stash") != 1) return std::vector<wire::Stash>();
    struct Found {
        std::vector<std::pair<wire::Stash, git_oid>> stashes;
    } found;
    const auto take = [](std::size_t index, const char* message, const git_oid* id, void* payload) {
        auto& stashes = static_cast<Found*>(payload)->stashes;
        if (stashes.size() >= limit_stashes) return 1;
        stashes.emplace_back(wire::Stash{.index = static_cast<std::uint32_t>(index),
                                         .commit = hex_of(*id),
                                         .message = text_of(message, wire::limit_message_bytes)},
                             *id);
        return 0;
    };
    if (const int status = git_stash_foreach(repository.get(), take, &found); status < 0)
        return fail_git("the stashes", status);
    cut = cut || found.stashes.size() >= limit_stashes;
    std::vector<wire::Stash> stashes;
    for (auto& [stash, id] : found.stashes) {
        TRY_VOID(between());
        CommitHandle commit;
        CommitHandle base;
        if (git_commit_lookup(out(commit), repository.get(), &id) != 0 ||
            git_commit_parent(out(base), commit.get(), 0) != 0) {
            cut = true;
            continue;
        }
        if (const git_signature* author = git_commit_author(commit.get())) {
            stash.time_us = moment_us(author->when.time);
            stash.offset_min = offset_min(author->when.offset);
        }
        const TreeHandle before = TRY(tree_of(base.get()));
        const TreeHandle after = TRY(tree_of(commit.get()));
        Changes changes = TRY(compare_trees(repository.get(), before.get(), after.get(), Detail::hunks, budget));
        stash.files = std::move(changes.files);
        cut = cut || changes.cut;
        stashes.push_back(std::move(stash));
    }
    return stashes;
}

Result<wire::WorkingTree> GitRepository::read_working_tree(std::uint64_t id, const Between& between) const {
    wire::WorkingTree tree{.id = id};
    if (git_repository_is_bare(insides_->repository.get()) != 1) {
        ChangesBudget staged_budget;
        Changes staged = TRY(insides_->staged(staged_budget));
        TRY_VOID(between());
        ChangesBudget unstaged_budget;
        Changes unstaged = TRY(insides_->unstaged(unstaged_budget));
        TRY_VOID(between());
        tree.cut = staged.cut || unstaged.cut;
        tree.staged = std::move(staged.files);
        tree.unstaged = std::move(unstaged.files);
    }
    ChangesBudget stash_budget;
    tree.stashes = TRY(insides_->stashes(stash_budget, tree.cut, between));
    return tree;
}

}  // namespace lar::documents
