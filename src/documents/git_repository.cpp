#include "documents/git_insides.h"

#include <git2.h>
#include <git2/sys/repository.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "documents/git_changes.h"

namespace lar::documents {
namespace {

// Bounds on what libgit2 keeps. On a history of 19,000 commits three times the cache is 10 % faster and 50 MB larger at
// its peak; with half the windows it spends twice the time in mapping them again.
constexpr std::size_t cache_bytes = 8 << 20;
constexpr std::size_t pack_window_bytes = 8 << 20;
constexpr std::size_t pack_mapped_bytes = 64 << 20;
constexpr std::size_t packs_open_limit = 256;

constexpr std::size_t limit_name_bytes = 1024;  // of a person, a branch

std::size_t wire_size_of(const wire::Commit& commit) {
    std::size_t size = 512 + wire_size(commit.message) + wire_size(commit.author) + wire_size(commit.author_email) +
                       48 * commit.parents.size();
    for (const wire::FileChange& file : commit.files) size += wire_size(file);
    return size;
}

}  // namespace

Result<> prepare_git() {
    if (const int status = git_libgit2_init(); status < 0) return fail_git("libgit2", status);
    int status = 0;
    const auto set = [&status](int option, auto... values) {
        if (status == 0) status = git_libgit2_opts(option, values...);
    };
    // Only the repository's own configuration counts: what the user or the system set is outside the places.
    for (const int level :
         {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
        set(GIT_OPT_SET_SEARCH_PATH, level, "");
    set(GIT_OPT_SET_TEMPLATE_PATH, "");
    // The user asked for this repository, and nothing in it is ever executed.
    set(GIT_OPT_SET_OWNER_VALIDATION, 0);
    set(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(cache_bytes));
    set(GIT_OPT_SET_MWINDOW_SIZE, pack_window_bytes);
    set(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, pack_mapped_bytes);
    set(GIT_OPT_SET_MWINDOW_FILE_LIMIT, packs_open_limit);
    // Hashing every object again costs half the time and guards what is only read; zlib's own sums remain.
    set(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    // Formats that only add what reading can do without: objects left on a server, relative links to work trees.
    std::array<const char*, 2> extensions{"partialclone", "relativeworktrees"};
    set(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
    if (status != 0) return fail_git("libgit2's settings", status);
    return {};
}

GitRepository::GitRepository(std::unique_ptr<Insides> insides) : insides_(std::move(insides)) {}
GitRepository::GitRepository(GitRepository&&) noexcept = default;
GitRepository& GitRepository::operator=(GitRepository&&) noexcept = default;
GitRepository::~GitRepository() = default;

Result<GitRepository> GitRepository::open(const wire::OpenRepository& places) {
    auto insides = std::make_unique<Insides>();
    int status = git_repository_open_ext(out(insides->repository), places.git_dir.c_str(),
                                         GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    if (status != 0) return fail_git("this repository cannot be read", status);
    if (!places.work_tree.empty()) {
        // Whatever its configuration says: this is the tree that may be seen.
        status = git_repository_set_workdir(insides->repository.get(), places.work_tree.c_str(), 0);
        if (status != 0) return fail_git("the work tree cannot be read", status);
    }
    insides->shallow = git_repository_is_shallow(insides->repository.get()) == 1;
    return GitRepository(std::move(insides));
}

Result<std::vector<GitRepository::Insides::Tip>> GitRepository::Insides::branches() const {
    BranchesHandle iterator;
    if (const int status = git_branch_iterator_new(out(iterator), repository.get(), GIT_BRANCH_ALL); status != 0)
        return fail_git("the branches", status);
    std::vector<Tip> tips;
    while (tips.size() < wire::limit_tips) {
        ReferenceHandle reference;
        git_branch_t kind = GIT_BRANCH_LOCAL;
        const int status = git_branch_next(out(reference), &kind, iterator.get());
        if (status == GIT_ITEROVER) break;
        if (status != 0) return fail_git("the branches", status);
        if (git_reference_type(reference.get()) == GIT_REFERENCE_SYMBOLIC)
            continue;  // origin/HEAD is a name for another
        ObjectHandle commit;
        if (git_reference_peel(out(commit), reference.get(), GIT_OBJECT_COMMIT) != 0)
            continue;  // points at nothing that is there
        Tip tip;
        tip.id = *git_object_id(commit.get());
        tip.branch.name = text_of(git_reference_shorthand(reference.get()), limit_name_bytes);
        tip.branch.commit = hex_of(tip.id);
        tip.branch.remote = kind == GIT_BRANCH_REMOTE;
        tip.branch.head = git_branch_is_head(reference.get()) == 1;
        tip.branch.time_us = moment_us(git_commit_time(reinterpret_cast<git_commit*>(commit.get())));
        tips.push_back(std::move(tip));
    }
    return tips;
}

Result<std::vector<git_oid>> GitRepository::Insides::tips() const {
    std::vector<git_oid> ids;
    git_oid head{};
    ObjectHandle commit;
    if (git_reference_name_to_id(&head, repository.get(), "HEAD") == 0 &&
        git_object_lookup(out(commit), repository.get(), &head, GIT_OBJECT_COMMIT) == 0)
        ids.push_back(head);
    for (const Tip& tip : TRY(branches()))
        if (ids.size() < wire::limit_tips) ids.push_back(tip.id);
    return ids;
}

Result<wire::Opened> GitRepository::describe(std::uint64_t id) const {
    wire::Opened opened{.id = id};
    ReferenceHandle head;
    if (git_reference_lookup(out(head), insides_->repository.get(), "HEAD") == 0 &&
        git_reference_type(head.get()) == GIT_REFERENCE_SYMBOLIC) {
        std::string_view name = git_reference_symbolic_target(head.get());
        if (name.starts_with("refs/heads/")) name.remove_prefix(11);
        opened.head = text_of(std::string(name).c_str(), limit_name_bytes);
    }
    git_oid commit{};
    if (git_reference_name_to_id(&commit, insides_->repository.get(), "HEAD") == 0) {
        opened.head_commit = hex_of(commit);
    } else {
        // An unborn branch is no branch yet.
        opened.head.clear();
    }
    for (Insides::Tip& tip : TRY(insides_->branches())) opened.branches.push_back(std::move(tip.branch));
    return opened;
}

Result<WalkHandle> GitRepository::Insides::walk_from(const std::vector<git_oid>& from) const {
    WalkHandle walk;
    if (const int status = git_revwalk_new(out(walk), repository.get()); status != 0)
        return fail_git("the history", status);
    git_revwalk_sorting(walk.get(), GIT_SORT_TIME);
    for (const git_oid& id : from)
        if (const int status = git_revwalk_push(walk.get(), &id); status != 0) return fail_git("the history", status);
    return walk;
}

// A commit that nothing leads to any more is what a walk from it meets that the tips do not hide.
Result<bool> GitRepository::Insides::any_unreachable(const std::vector<git_oid>& ids,
                                                     const std::vector<git_oid>& from) const {
    if (ids.empty()) return false;
    const WalkHandle walk = TRY(walk_from(ids));
    for (const git_oid& id : from)
        if (const int status = git_revwalk_hide(walk.get(), &id); status != 0) return fail_git("the history", status);
    git_oid found{};
    const int status = git_revwalk_next(&found, walk.get());
    if (status != 0 && status != GIT_ITEROVER) return fail_git("the history", status);
    return status == 0;
}

Result<Changes> GitRepository::Insides::changes_of(git_commit* commit) const {
    const unsigned parents = git_commit_parentcount(commit);
    // Where a shallow clone ends, the whole tree would look like one change.
    if (parents == 0 && shallow) return Changes{.cut = true};
    const TreeHandle after = TRY(tree_of(commit));
    TreeHandle before;
    if (parents > 0) {
        CommitHandle parent;
        if (const int status = git_commit_parent(out(parent), commit, 0); status != 0)
            return fail_git("a parent", status);
        before = TRY(tree_of(parent.get()));
    }
    ChangesBudget budget;
    return compare_trees(repository.get(), before.get(), after.get(), parents > 1 ? Detail::names : Detail::hunks,
                         budget);
}

Result<wire::Commit> GitRepository::Insides::read_commit(const git_oid& id, bool graph_only) const {
    CommitHandle commit;
    if (const int status = git_commit_lookup(out(commit), repository.get(), &id); status != 0)
        return fail(Code::corrupt, fail_git(lar::format("commit {}", hex_of(id)), status).error().message);
    wire::Commit read{.commit = hex_of(id)};
    const unsigned parents = std::min(git_commit_parentcount(commit.get()), 64U);
    for (unsigned i = 0; i < parents; ++i) read.parents.push_back(hex_of(*git_commit_parent_id(commit.get(), i)));
    if (const git_signature* author = git_commit_author(commit.get())) {
        read.author = text_of(author->name, limit_name_bytes);
        read.author_email = text_of(author->email, limit_name_bytes);
        read.time_us = moment_us(author->when.time);
        read.offset_min = offset_min(author->when.offset);
    }
    if (graph_only) return read;
    read.message = text_of(git_commit_message(commit.get()), wire::limit_message_bytes);
    if (Result<Changes> changes = changes_of(commit.get())) {
        read.files = std::move(changes->files);
        read.files_cut = changes->cut;
    } else {
        read.files_cut = true;
    }
    return read;
}

Result<wire::Done> GitRepository::read_commits(const wire::ReadCommits& request, const TakeCommits& take,
                                               const Between& between) const {
    wire::Done done{.id = request.id};
    const std::vector<git_oid> tips = TRY(insides_->tips());
    const WalkHandle walk = TRY(insides_->walk_from(tips));
    std::vector<git_oid> have;
    for (const std::string& hex : request.have) {
        git_oid id{};
        ObjectHandle commit;
        if (git_oid_fromstr(&id, hex.c_str()) != 0 ||
            git_object_lookup(out(commit), insides_->repository.get(), &id, GIT_OBJECT_COMMIT) != 0) {
            done.rewritten = true;  // it is not even there any more
            continue;
        }
        have.push_back(id);
        if (const int status = git_revwalk_hide(walk.get(), &id); status != 0) return fail_git("the history", status);
    }
    if (!done.rewritten) done.rewritten = TRY(insides_->any_unreachable(have, tips));
    wire::Commits batch{.id = request.id};
    std::size_t batch_bytes = 0;
    for (std::uint32_t count = 0; request.limit == 0 || count < request.limit; ++count) {
        TRY_VOID(between());
        git_oid id{};
        const int status = git_revwalk_next(&id, walk.get());
        if (status == GIT_ITEROVER) break;
        if (status != 0) return fail(Code::corrupt, fail_git("the history", status).error().message);
        batch.commits.push_back(TRY(insides_->read_commit(id, request.graph_only)));
        batch_bytes += wire_size_of(batch.commits.back());
        if (batch.commits.size() < wire::limit_commits_in_batch && batch_bytes < limit_batch_bytes) continue;
        TRY_VOID(take(std::exchange(batch, {.id = request.id})));
        batch_bytes = 0;
    }
    if (!batch.commits.empty()) TRY_VOID(take(std::move(batch)));
    return done;
}

Result<> GitRepository::read_reachable(std::uint64_t request_id, const TakeReachable& take,
                                       const Between& between) const {
    const WalkHandle walk = TRY(insides_->walk_from(TRY(insides_->tips())));
    wire::Reachable batch{.id = request_id};
    for (;;) {
        git_oid id{};
        const int status = git_revwalk_next(&id, walk.get());
        if (status == GIT_ITEROVER) break;
        if (status != 0) return fail(Code::corrupt, fail_git("the history", status).error().message);
        batch.commits.push_back(hex_of(id));
        if (batch.commits.size() < reachable_in_batch) continue;
        TRY_VOID(between());
        TRY_VOID(take(std::exchange(batch, {.id = request_id})));
    }
    if (!batch.commits.empty()) TRY_VOID(take(std::move(batch)));
    return {};
}

}  // namespace lar::documents
