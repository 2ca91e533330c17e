#include "ingest/history_sync.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "ingest/branch_sets.h"
#include "sources/git/places.h"

namespace lar::ingest {
namespace {

constexpr std::size_t page_commits = 500;
constexpr std::array small_kinds = {store::DocumentKind::working_tree, store::DocumentKind::stash,
                                    store::DocumentKind::branch};

// What is left of a document's path when the repository's is taken off; nothing if it is not one of its own.
std::optional<std::string_view> own_part(std::string_view path, std::string_view repository) {
    if (repository.empty()) return path;
    if (!path.starts_with(repository) || path.size() <= repository.size() || path[repository.size()] != '/')
        return std::nullopt;
    return path.substr(repository.size() + 1);
}

// "staged", "unstaged", "branches", "stash/<commit>": the documents that drafts.h makes.
bool belongs_to(std::string_view path, std::string_view repository) {
    const std::optional<std::string_view> own = own_part(path, repository);
    if (!own) return false;
    if (*own == "staged" || *own == "unstaged" || *own == "branches") return true;
    return own->starts_with("stash/") && !own->substr(6).contains('/') && own->size() >= 46;
}

Tips tips_of(const wire::Opened& opened) {
    std::set<std::string> tips;
    for (const wire::Branch& branch : opened.branches) tips.insert(branch.commit);
    if (!opened.head_commit.empty()) tips.insert(opened.head_commit);
    Tips sorted(tips.begin(), tips.end());
    if (sorted.size() > wire::limit_tips) sorted.resize(wire::limit_tips);
    return sorted;
}

}  // namespace

HistorySync::HistorySync(Context context, store::Source& source, const std::vector<FoundRepository>& all)
    : context_(context),
      source_(source),
      all_(all),
      state_(history_state_from(source.sync_state)),
      batch_(context.store, context.clock) {}

Result<> HistorySync::run(std::span<const FoundRepository> some, bool whole) {
    for (const FoundRepository& found : some.first(std::min(some.size(), limit_repositories))) {
        const Result<> outcome = read(found);
        if (outcome) continue;
        TRY_VOID(context_.pace.step({.phase = "history", .unit = "commits", .done = commits_}));
        if (context_.pace.cancelled()) return outcome;
        if (store_failed_ || batch_.failed()) return outcome;
        problems_.push_back(lar::format("the history of {} cannot be read: {}",
                                        found.path.empty() ? source_.location : found.path, outcome.error().message));
    }
    if (whole) TRY_VOID(remove_of_none());
    if (rewritten_) TRY_VOID(remove_unreachable());
    TRY_VOID(batch_.flush());
    return keep_state();
}

Result<> HistorySync::step(std::string_view phase) {
    return context_.pace.step({.phase = phase, .unit = "commits", .done = commits_});
}

Result<> HistorySync::read(const FoundRepository& found) {
    const std::unique_ptr<Repository> repository =
        TRY(context_.opener.open(sources::open_request(found.places), context_.pace.cancelled()));
    const wire::Opened& opened = repository->opened();
    Current current{found,
                    *repository,
                    {.source = source_.id,
                     .prefix = found.path,
                     .branch = opened.head,
                     .left_out = sources::lar_ignore_of(source_.location)}};
    if (found.path.empty()) summary_ = opened.head.empty() ? "git" : lar::format("git, branch {}", opened.head);
    if (histories_read_.insert(found.places.common_dir).second) {
        TRY_VOID(read_history(current));
        TRY_VOID(read_branches(current));
    }
    TRY_VOID(read_working_tree(current));
    TRY_VOID(batch_.flush());
    TRY_VOID(remove_stale(found));
    return batch_.flush();
}

Result<> HistorySync::read_history(Current& current) {
    const Tips tips = tips_of(current.repository.opened());
    Tips& known = state_.repositories[current.found.path];
    if (tips == known) return {};
    if (!tips.empty()) {
        const wire::Done done =
            TRY(current.repository.commits({.have = known, .limit = limit_commits_read},
                                           [&](wire::Commits&& commits) { return take(current, std::move(commits)); }));
        rewritten_ = rewritten_ || done.rewritten;
    } else {
        rewritten_ = rewritten_ || !known.empty();
    }
    TRY_VOID(batch_.flush());
    TRY_VOID(put_branch_sets(current));
    known = tips;
    // What a rewrite left behind is removed at the end; until then the old tips stand, so that a crash repeats it.
    return rewritten_ ? Result<>() : keep_state();
}

Result<> HistorySync::take(const Current& current, wire::Commits&& commits) {
    for (const wire::Commit& commit : commits.commits) {
        ++commits_;
        // An interrupted first sync starts again from the newest commit; what it wrote is there.
        if (TRY(context_.reader.document_at(source_.id, store::DocumentKind::commit, commit.commit))) continue;
        sources::Draft draft = sources::commit_draft(current.context, commit);
        TRY_VOID(batch_.put(std::move(draft.document), std::move(draft.passages)));
        TRY_VOID(step("history"));
    }
    return step("history");
}

Result<> HistorySync::put_branch_sets(Current& current) {
    const wire::Opened& opened = current.repository.opened();
    const wire::Branch* main = main_branch(opened, sources::default_branch(current.found.places));
    if (main == nullptr) return {};
    CommitGraph graph;
    const auto add = [&](wire::Commits&& commits) -> Result<> {
        for (const wire::Commit& commit : commits.commits) graph.add(commit.commit, commit.parents);
        return step("branches");
    };
    TRY(current.repository.commits({.have = {main->commit}, .limit = limit_branch_commits, .graph_only = true}, add));
    std::vector<BranchSet> sets = branch_sets(opened, *main, graph, limit_branches);
    std::vector<std::string> keep;
    for (const std::string& name : TRY(context_.reader.branches(source_.id)))
        if (!branch_belongs_to(name, current.found.path, all_)) keep.push_back(name);
    for (BranchSet& set : sets) {
        if (!current.found.path.empty()) set.name = lar::format("{}/{}", current.found.path, set.name);
        keep.push_back(set.name);
    }
    return write([&](store::Writer& writer) -> Result<> {
        for (const BranchSet& set : sets) TRY_VOID(writer.put_branch_commits(source_.id, set.name, set.commits));
        return writer.remove_branches_except(source_.id, keep);
    });
}

Result<> HistorySync::read_branches(Current& current) {
    std::optional<sources::Draft> draft =
        sources::branches_draft(current.context, current.repository.opened(), context_.zone,
                                [&](const std::string& commit) { return subject_of(commit); });
    return draft ? put_if_changed(std::move(*draft)) : Result<>();
}

std::string HistorySync::subject_of(const std::string& commit) {
    const auto document = context_.reader.document_at(source_.id, store::DocumentKind::commit, commit);
    return document && *document ? (*document)->title : std::string();
}

Result<> HistorySync::read_working_tree(Current& current) {
    TRY_VOID(step("working tree"));
    const wire::WorkingTree tree = TRY(current.repository.working_tree());
    std::vector<wire::FileChange> all = tree.staged;
    all.insert(all.end(), tree.unstaged.begin(), tree.unstaged.end());
    for (sources::Draft& draft : sources::working_tree_drafts(current.context, tree, newest_change(current.found, all)))
        TRY_VOID(put_if_changed(std::move(draft)));
    for (const wire::Stash& stash : tree.stashes)
        TRY_VOID(put_if_changed(sources::stash_draft(current.context, stash)));
    return {};
}

Result<> HistorySync::put_if_changed(sources::Draft draft) {
    const store::Document& document = draft.document;
    current_.emplace(document.kind, document.path);
    const std::optional<store::Document> stored =
        TRY(context_.reader.document_at(source_.id, document.kind, document.path));
    if (stored && stored->hash == document.hash && stored->title == document.title && stored->branch == document.branch)
        return {};
    return batch_.put(std::move(draft.document), std::move(draft.passages));
}

Timestamp HistorySync::now() const {
    const std::int64_t us = context_.clock.now_us();
    return {us, context_.zone.offset_min_at(us)};
}

// When the uncommitted work was last touched: the newest of its files. What was deleted has no time.
Timestamp HistorySync::newest_change(const FoundRepository& found, const std::vector<wire::FileChange>& files) const {
    std::int64_t newest_us = 0;
    for (const wire::FileChange& file : files) {
        struct stat status{};
        if (::lstat(lar::format("{}/{}", found.places.work_tree, file.path).c_str(), &status) != 0) continue;
        newest_us = std::max(newest_us, status.st_mtim.tv_sec * us_per_second + status.st_mtim.tv_nsec / 1000);
    }
    if (newest_us == 0) return now();
    return {newest_us, context_.zone.offset_min_at(newest_us)};
}

// ---- what is no longer there ----

Result<> HistorySync::remove_stale(const FoundRepository& found) {
    const bool shares_branches =
        !current_.contains({store::DocumentKind::branch, found.path.empty() ? "branches" : found.path + "/branches"});
    for (const store::DocumentKind kind : small_kinds) {
        if (kind == store::DocumentKind::branch && shares_branches) continue;
        TRY_VOID(for_each(kind, [&](const store::Document& document) -> Result<> {
            if (!belongs_to(document.path, found.path) || current_.contains({kind, document.path})) return {};
            return batch_.remove(document.id);
        }));
    }
    return {};
}

bool HistorySync::belongs_to_none(std::string_view path) const {
    return std::ranges::none_of(all_, [&](const FoundRepository& found) { return belongs_to(path, found.path); });
}

Result<> HistorySync::remove_of_none() {
    for (const store::DocumentKind kind : small_kinds)
        TRY_VOID(for_each(kind, [&](const store::Document& document) -> Result<> {
            return belongs_to_none(document.path) ? batch_.remove(document.id) : Result<>();
        }));
    const std::size_t gone = std::erase_if(state_.repositories, [&](const auto& entry) {
        return std::ranges::none_of(all_, [&](const FoundRepository& found) { return found.path == entry.first; });
    });
    rewritten_ = rewritten_ || gone > 0;
    return {};
}

// Commits that no tip of any repository of this source reaches. If one of them cannot be read now, nothing is removed:
// the commits may be its own.
Result<> HistorySync::remove_unreachable() {
    CommitSet reachable;
    for (const FoundRepository& found : all_) {
        Result<std::unique_ptr<Repository>> repository =
            context_.opener.open(sources::open_request(found.places), context_.pace.cancelled());
        if (!repository) return context_.pace.cancelled() ? Result<>(std::unexpected(repository.error())) : Result<>();
        for (const std::string& commit : TRY((*repository)->reachable())) reachable.add(commit);
        TRY_VOID(step("history"));
    }
    reachable.finish();
    return for_each(store::DocumentKind::commit, [&](const store::Document& document) -> Result<> {
        return reachable.contains(document.path) ? Result<>() : batch_.remove(document.id);
    });
}

Result<> HistorySync::keep_state() {
    std::string text = to_text(state_);
    if (text == source_.sync_state) return {};
    source_.sync_state = std::move(text);
    return write([&](store::Writer& writer) { return writer.update_source(source_); });
}

Result<> HistorySync::write(const std::function<Result<>(store::Writer&)>& change) {
    const Result<> written = context_.store.write(change);
    store_failed_ = store_failed_ || !written;
    return written;
}

Result<> HistorySync::for_each(store::DocumentKind kind, const std::function<Result<>(const store::Document&)>& visit) {
    std::string after;
    for (;;) {
        const std::vector<store::Document> page = TRY(context_.reader.documents(source_.id, kind, after, page_commits));
        for (const store::Document& document : page) TRY_VOID(visit(document));
        TRY_VOID(step("history"));
        if (page.size() < page_commits) return {};
        after = page.back().path;
    }
}

}  // namespace lar::ingest
