// Making the store's commits, branches, stashes and uncommitted diff of one source equal to those of its
// repositories.
//
// Commits do not change, so only those that no known tip reaches are read; when a rewrite left commits
// behind, what no tip of any repository of the source reaches is removed. The rest is small and read
// each time. A repository that cannot be read keeps what the store has of it, and is named in problems().
// Two work trees of one repository share their history, and each has its own uncommitted diff.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.h"
#include "ingest/file_sync.h"
#include "ingest/history_state.h"
#include "ingest/ingest.h"
#include "ingest/pace.h"
#include "sources/git/drafts.h"

namespace lar::ingest {

inline constexpr std::uint32_t limit_commits_read = 200'000;  // of one repository, the newest
inline constexpr std::uint32_t limit_branch_commits = 10'000;
inline constexpr std::size_t limit_branches = 200;      // whose commits are known by branch
inline constexpr std::size_t limit_repositories = 500;  // of one source

class HistorySync {
public:
    struct Context {
        store::Store& store;
        store::Reader& reader;
        RepositoryOpener& opener;
        const Clock& clock;
        const Zone& zone;
        Pace& pace;
    };
    // `all` are the repositories of the source. `source` is kept up to date, in memory and in the store.
    HistorySync(Context context, store::Source& source, const std::vector<FoundRepository>& all);

    // Reads these of them; afterwards, if `whole`, what belongs to none of `all` is removed.
    Result<> run(std::span<const FoundRepository> some, bool whole);

    const std::vector<std::string>& problems() const { return problems_; }
    // "git, branch main", or empty when there is no repository.
    const std::string& summary() const { return summary_; }

private:
    struct Current {  // the repository being read
        const FoundRepository& found;
        Repository& repository;
        sources::RepositoryContext context;
    };

    Result<> read(const FoundRepository& found);
    Result<> read_history(Current& current);
    Result<> take(const Current& current, wire::Commits&& commits);
    Result<> read_branches(Current& current);
    Result<> put_branch_sets(Current& current);
    Result<> read_working_tree(Current& current);
    Result<> put_if_changed(sources::Draft draft);
    Result<> remove_stale(const FoundRepository& found);
    Result<> remove_of_none();
    Result<> remove_unreachable();
    Result<> keep_state();
    Result<> write(const std::function<Result<>(store::Writer&)>& change);
    Result<> for_each(store::DocumentKind kind, const std::function<Result<>(const store::Document&)>& visit);
    Result<> step(std::string_view phase);
    Timestamp newest_change(const FoundRepository& found, const std::vector<wire::FileChange>& files) const;
    Timestamp now() const;
    bool belongs_to_none(std::string_view path) const;
    std::string subject_of(const std::string& commit);

    Context context_;
    store::Source& source_;
    const std::vector<FoundRepository>& all_;
    HistoryState state_;
    Batch batch_;
    std::set<std::string> histories_read_;                           // common folders
    std::set<std::pair<store::DocumentKind, std::string>> current_;  // small documents seen in this run
    std::vector<std::string> problems_;
    std::string summary_;
    std::uint64_t commits_ = 0;
    bool rewritten_ = false;
    bool store_failed_ = false;  // not the repository's fault, and not to be blamed on it
};

}  // namespace lar::ingest
