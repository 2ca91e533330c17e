// The jobs: what is to be done, what is being done and how far it is, and what became of it.
//
// A job is a row in the store from the moment it is asked for, so that one interrupted by a crash is
// found unfinished at the next start. Progress is only in memory: it is reported to the listener when
// it changes, at most ten times a second. Any thread may ask and cancel; one thread runs them.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ingest/pace.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::ingest {

inline constexpr std::size_t limit_jobs_listed = 100;
inline constexpr std::size_t limit_progress_kept = 32;  // how far the latest finished jobs came
inline constexpr std::int64_t report_every_us = 100'000;

class Jobs {
public:
    using Listener = std::function<void(const wire::ApiJob&)>;
    struct Active {
        store::Job row;
        std::string source_name;
        Progress progress;
        std::string phase, unit;  // what progress points to
        std::atomic<bool> cancelled = false;
        std::int64_t started_us = 0, reported_us = 0;  // monotonic
        std::int64_t not_before_us = 0;                // monotonic; for one that is tried again
    };
    using Handle = std::shared_ptr<Active>;  // held by the queue, by the thread that runs it, and by whoever cancels it

    Jobs(store::Store& store, const Clock& clock, const Zone& zone, Listener listener)
        : store_(store), clock_(clock), zone_(zone), listener_(std::move(listener)) {}

    // Queues a sync of the source, or gives the one that is queued already.
    Result<wire::ApiJob> queue_sync(const store::Source& source);
    // What an earlier run of Lar left unfinished.
    Result<> resume(store::Reader& reader);

    // The next job that may run now, made running; or null, and when the next one may (none: nothing waits).
    Handle begin_next(std::optional<std::int64_t>& wait_until_us);
    void report(Active& job, const Progress& progress);
    wire::ApiJob finish(const Handle& job, store::JobState state, std::string error);
    // Back into the queue after a failure that passes by itself, such as a full disk.
    void retry_later(const Handle& job, std::string error, std::int64_t delay_us);
    // Lar stops: the row stays as it is and is resumed.
    void put_down(const Handle& job);

    Result<wire::ApiJobs> list(store::Reader& reader);
    Result<wire::ApiJob> cancel(std::string_view id);
    // Tells the running job to end, because Lar stops.
    void interrupt();
    // Cancels and drops every job of the source.
    void drop(store::SourceId source);
    bool idle() const;
    bool concerns(store::SourceId source) const;

private:
    Timestamp now() const;
    wire::ApiJob view_of(const Active& job) const;
    wire::ApiJob row_view(const store::Job& row, std::string source_name) const;
    void publish(const wire::ApiJob& view) const;
    Handle find(std::string_view id) const;
    // Writes the row; a store that cannot be written now must not end the ingest thread, so it is logged.
    void keep(const store::Job& row);

    store::Store& store_;
    const Clock& clock_;
    const Zone& zone_;
    Listener listener_;
    mutable std::mutex mutex_;
    std::deque<Handle> queue_;
    Handle running_;
    std::deque<Handle> finished_;
};

}  // namespace lar::ingest
