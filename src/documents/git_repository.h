// One git repository, read-only, as the messages of wire/reader.h: history, branches, stashes, uncommitted work.
//
//     prepare_git();                                        // before the process locks itself down
//     auto repository = TRY(GitRepository::open(places));   // after: its bytes are foreign
//     repository.read_commits(request, take, between)
//
// Nothing outside the places is looked at: no configuration of the user or the system, no templates, no
// hooks, filters or helpers, and nothing is written. Text comes out as UTF-8, bounded by the limits of
// wire/reader.h. Objects that a partial clone lacks or that do not parse cost the commit its hunks; a
// commit that does not parse ends the request with `corrupt`.
//
// Memory stays flat over any number of commits: libgit2's caches and its windows on packs are bounded.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/reader.h"

namespace lar::documents {

inline constexpr std::size_t limit_batch_bytes = 1024 * 1024;  // as on the wire; one commit may go over
inline constexpr std::size_t limit_stashes = 32;
inline constexpr std::size_t limit_untracked = 300;
inline constexpr std::size_t reachable_in_batch = 8192;

Result<> prepare_git();

// Called between items; an error ends the request with it. So does one of whoever takes a batch.
using Between = std::function<Result<>()>;
using TakeCommits = std::function<Result<>(wire::Commits&&)>;
using TakeReachable = std::function<Result<>(wire::Reachable&&)>;

class GitRepository {
public:
    static Result<GitRepository> open(const wire::OpenRepository& places);
    GitRepository(GitRepository&&) noexcept;
    GitRepository& operator=(GitRepository&&) noexcept;
    ~GitRepository();

    // `layers` is the caller's to fill in.
    Result<wire::Opened> describe(std::uint64_t id) const;
    Result<wire::Done> read_commits(const wire::ReadCommits& request, const TakeCommits& take,
                                    const Between& between) const;
    Result<> read_reachable(std::uint64_t id, const TakeReachable& take, const Between& between) const;
    Result<wire::WorkingTree> read_working_tree(std::uint64_t id, const Between& between) const;

private:
    struct Insides;
    explicit GitRepository(std::unique_ptr<Insides> insides);
    std::unique_ptr<Insides> insides_;
};

}  // namespace lar::documents
