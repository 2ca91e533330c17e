// The one thread that keeps the store true to the sources, and what it knows between two pieces of work.
//
// Its loop: run what other threads asked to be done here (forgetting), sync what watching saw change once
// it has been quiet for a moment, run the next job, wait. Long work calls step(), which does the first two
// in between; a task for the very source that is being worked on ends that work first. Everything
// that is not marked otherwise belongs to this thread alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fd.h"
#include "ingest/file_sync.h"
#include "ingest/ingest.h"
#include "ingest/jobs.h"
#include "ingest/pace.h"
#include "ingest/thread.h"
#include "ingest/watcher.h"

namespace lar::ingest {

class Worker final : private Pace {
public:
    Worker(store::Store& store, store::Reader reader, RepositoryOpener& opener, DocumentReader& documents,
           const Clock& clock, const Zone& zone, const Ingest::Options& options, Jobs& jobs)
        : store_(store),
          reader_(std::move(reader)),
          opener_(opener),
          documents_(documents),
          clock_(clock),
          zone_(zone),
          options_(options),
          jobs_(jobs) {}
    ~Worker() override;

    Result<> start();

    // ---- any thread ----
    void wake();
    // Ends what is being done for this source, and does `task` on the worker's thread; waits for it.
    Result<> run_for(store::SourceId source, std::function<Result<>(store::Reader&)> task);
    // A job was cancelled: look at once.
    void interrupt();
    std::vector<std::string> problems() const;
    bool is_watched(store::SourceId source) const;
    std::uint64_t watches() const { return watch_count_.load(); }
    bool idle() const { return idle_.load(); }

private:
    struct Task {
        store::SourceId source;
        std::function<bool(bool run)> body;  // whether it did what it was for
    };
    // What is known of a source since it was last walked.
    struct Live {
        std::string top;
        std::vector<FoundRepository> repositories;
        std::map<std::string, std::int64_t> trees_due_us;  // repositories whose uncommitted diff is to be read
        std::int64_t tree_read_us = 0;
        std::optional<std::int64_t> poll_due_us;
        std::string problem;
    };
    struct Pending {
        Changes changes;
        std::int64_t first_us = 0, last_us = 0;
        std::int64_t not_before_us = 0;
    };

    void run();
    void begin();
    void wait(std::optional<std::int64_t> until_us);
    std::optional<std::int64_t> next_due() const;
    bool rests() const;
    void work_through_due();

    Result<> step(const Progress& progress) override;
    const std::atomic<bool>& cancelled() const override { return interrupted_; }
    void breathe();

    void run_tasks();
    void take_changes();
    void run_due_changes();
    void run_due_trees();
    void put_back(Pending pending, store::SourceId id);
    Result<> sync_changes(store::SourceId id, const Changes& changes);
    Result<> sync_paths(const store::Source& source, Live& live, const std::set<std::string>& paths);
    Result<> read_trees(store::SourceId id, Live& live);
    void poll_due();
    std::int64_t again_us() const;

    void run_job(const Jobs::Handle& job);
    void settle(const Jobs::Handle& job, const Result<>& outcome);
    Result<> sync_source(store::SourceId id);
    Result<> pause_source(store::Source& source, std::string why);
    Result<> sync_histories(store::Source& source, Live& live, const std::vector<FoundRepository>& all,
                            std::span<const FoundRepository> some, bool whole);
    Result<bool> emptied(const store::Source& source, const sources::Walk& walk);
    Result<store::Source> source_with(store::SourceId id);
    FileSync::Context file_context(store::SourceId id, const std::string& top);
    sources::WalkOptions walk_options() const;
    void watch_top(const store::Source& source, Live& live);
    void note_watching(store::SourceId id);
    void say_problem(store::SourceId id, std::string problem);

    store::Store& store_;
    store::Reader reader_;
    RepositoryOpener& opener_;
    DocumentReader& documents_;
    const Clock& clock_;
    const Zone& zone_;
    const Ingest::Options options_;
    Jobs& jobs_;

    std::optional<Watcher> watcher_;
    Fd wake_;
    std::map<store::SourceId, Live> live_;
    std::map<store::SourceId, Pending> pending_;
    Jobs::Handle running_;
    std::optional<store::SourceId> syncing_;  // the source that the outermost work is about
    bool in_breath_ = false;
    std::int64_t breathed_us_ = 0;

    std::atomic<bool> stopping_ = false;
    std::atomic<bool> interrupted_ = false;
    std::atomic<bool> idle_ = false;
    std::atomic<bool> tasks_wait_ = false;
    std::atomic<std::uint64_t> watch_count_ = 0;
    mutable std::mutex mutex_;  // for what follows
    std::deque<Task> tasks_;
    std::map<store::SourceId, std::string> problems_;
    std::string store_problem_, watch_problem_;
    std::set<store::SourceId> watched_;
    bool ended_ = false;

    std::unique_ptr<Thread> thread_;  // last: it ends first
};

}  // namespace lar::ingest
