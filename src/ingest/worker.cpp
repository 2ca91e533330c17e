#include "ingest/worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <future>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "ingest/history_sync.h"

namespace lar::ingest {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t breath_us = 50'000;                   // how often long work looks up
constexpr std::int64_t longest_debounce_us = us_per_second;  // a file that never rests is synced all the same
constexpr std::int64_t longest_wait_us = us_per_hour;

}  // namespace

Worker::~Worker() {
    stopping_ = true;
    interrupted_ = true;
    wake();
    thread_.reset();
}

Result<> Worker::start() {
    wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) return fail_errno("eventfd", errno);
    if (options_.watch) {
        Result<Watcher> watcher = Watcher::create();
        if (watcher)
            watcher_.emplace(std::move(*watcher));
        else
            watch_problem_ = lar::format("folders cannot be watched ({}), so they are looked at every {} s",
                                         watcher.error().message, options_.poll_us / us_per_second);
    }
    TRY_VOID(jobs_.resume(reader_));
    thread_ = TRY(Thread::start([this] { run(); }));
    return {};
}

// ---- any thread ----

void Worker::wake() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_.number(), &one, sizeof(one)));
}

void Worker::interrupt() {
    interrupted_ = true;
    wake();
}

Result<> Worker::run_for(store::SourceId source, std::function<Result<>(store::Reader&)> task) {
    std::promise<Result<>> promise;
    std::future<Result<>> done = promise.get_future();
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return fail(Code::unavailable, "Lar is stopping");
        tasks_wait_ = true;
        tasks_.push_back({source, [&](bool run) {
                              Result<> outcome = run ? task(reader_) : fail(Code::unavailable, "Lar is stopping");
                              const bool succeeded = outcome.has_value();
                              promise.set_value(std::move(outcome));
                              return succeeded;
                          }});
    }
    idle_ = false;
    wake();
    return done.get();
}

std::vector<std::string> Worker::problems() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const std::string* problem : {&store_problem_, &watch_problem_})
        if (!problem->empty()) all.push_back(*problem);
    for (const auto& [source, problem] : problems_) all.push_back(problem);
    return all;
}

bool Worker::is_watched(store::SourceId source) const {
    const std::lock_guard lock(mutex_);
    return watched_.contains(source);
}

// ---- the loop ----

void Worker::run() {
    yield_to_others();
    begin();
    while (!stopping_) {
        interrupted_ = stopping_.load();
        run_tasks();
        take_changes();
        work_through_due();
        poll_due();
        std::optional<std::int64_t> next_job_us;
        if (const Jobs::Handle job = jobs_.begin_next(next_job_us)) {
            idle_ = false;
            run_job(job);
            continue;
        }
        std::optional<std::int64_t> due_us = next_due();
        idle_ = rests() && !next_job_us && !tasks_wait_;
        if (next_job_us) due_us = std::min(due_us.value_or(*next_job_us), *next_job_us);
        wait(due_us);
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const Task& task : tasks_) task.body(false);
    tasks_.clear();
}

// What changed while Lar did not run is found by one sync of every source.
void Worker::begin() {
    if (!options_.watch) return;
    const Result<std::vector<store::Source>> sources = reader_.sources();
    if (!sources) return log_error("the sources cannot be read: {}", to_string(sources.error().code));
    for (const store::Source& source : *sources) {
        if (source.kind != store::SourceKind::files) continue;
        if (const auto queued = jobs_.queue_sync(source); !queued)
            log_error("a sync cannot be queued: {}", to_string(queued.error().code));
    }
}

void Worker::wait(std::optional<std::int64_t> until_us) {
    const std::int64_t now_us = clock_.monotonic_us();
    const std::int64_t wait_us =
        until_us ? std::clamp<std::int64_t>(*until_us - now_us, 0, longest_wait_us) : longest_wait_us;
    std::array<pollfd, 2> fds = {{{wake_.number(), POLLIN, 0}, {watcher_ ? watcher_->fd() : -1, POLLIN, 0}}};
    const int wait_ms = static_cast<int>((wait_us + 999) / 1000);
    if (::poll(fds.data(), fds.size(), until_us ? wait_ms : -1) > 0 && fds[0].revents != 0) {
        std::uint64_t count = 0;
        static_cast<void>(!::read(wake_.number(), &count, sizeof(count)));
    }
}

std::optional<std::int64_t> Worker::next_due() const {
    std::optional<std::int64_t> due;
    const auto consider = [&](std::int64_t us) { due = std::min(due.value_or(us), us); };
    for (const auto& [id, pending] : pending_)
        consider(std::max(pending.not_before_us,
                          std::min(pending.last_us + options_.debounce_us, pending.first_us + longest_debounce_us)));
    for (const auto& [id, live] : live_) {
        if (live.poll_due_us) consider(*live.poll_due_us);
        for (const auto& [path, tree_due_us] : live.trees_due_us) consider(tree_due_us);
    }
    return due;
}

// Nothing is to be done; looking now and then for a source that is not there is not work.
bool Worker::rests() const {
    return pending_.empty() &&
           std::ranges::all_of(live_, [](const auto& entry) { return entry.second.trees_due_us.empty(); });
}

// ---- between two steps of long work ----

Result<> Worker::step(const Progress& progress) {
    if (running_ && !in_breath_) jobs_.report(*running_, progress);
    if (!in_breath_ && clock_.monotonic_us() - breathed_us_ >= breath_us) breathe();
    if (in_breath_ && tasks_wait_) return fail(Code::unavailable, "making way");
    if (stopping_) return fail(Code::unavailable, "Lar is stopping");
    if (interrupted_) return fail(Code::unavailable, "cancelled");
    return {};
}

void Worker::breathe() {
    run_tasks();
    take_changes();
    if (!interrupted_) work_through_due();
    breathed_us_ = clock_.monotonic_us();
}

// Short work: it does not look up itself, but makes way when a task waits.
void Worker::work_through_due() {
    in_breath_ = true;
    run_due_changes();
    run_due_trees();
    in_breath_ = false;
}

void Worker::run_tasks() {
    for (;;) {
        Task task;
        {
            const std::lock_guard lock(mutex_);
            const auto next = std::ranges::find_if(tasks_, [&](const Task& each) { return syncing_ != each.source; });
            if (!tasks_.empty() && syncing_ && next == tasks_.end())
                interrupted_ = true;  // it is about what is being synced
            if (next == tasks_.end()) {
                tasks_wait_ = false;
                return;
            }
            task = std::move(*next);
            tasks_.erase(next);
            // Whatever the task does, what was known of the source is to be learnt again.
            problems_.erase(task.source);
            watched_.erase(task.source);
        }
        if (watcher_) watcher_->forget(task.source);
        live_.erase(task.source);
        pending_.erase(task.source);
        const store::SourceId source = task.source;
        // It is still a source then, and watched again after its next sync.
        if (!task.body(true)) live_[source].poll_due_us = clock_.monotonic_us() + options_.retry_us;
        if (watcher_) watch_count_ = watcher_->watches();
    }
}

// ---- jobs ----

void Worker::run_job(const Jobs::Handle& job) {
    running_ = job;
    interrupted_ = job->cancelled.load() || stopping_;
    breathed_us_ = clock_.monotonic_us();
    syncing_ = job->row.source;
    const Result<> outcome =
        job->row.source ? sync_source(*job->row.source) : fail(Code::invalid, "a job without a source");
    syncing_.reset();
    running_.reset();
    settle(job, outcome);
}

void Worker::settle(const Jobs::Handle& job, const Result<>& outcome) {
    if (stopping_ && !outcome) return jobs_.put_down(job);
    const bool passes = !outcome && outcome.error().code == Code::unavailable && !job->cancelled;
    {
        const std::lock_guard lock(mutex_);
        store_problem_.clear();
        if (passes && !interrupted_)
            store_problem_ = lar::format("syncing {} stopped ({}); it goes on by itself when that has passed",
                                         job->source_name, outcome.error().message);
    }
    if (outcome) return static_cast<void>(jobs_.finish(job, store::JobState::done, {}));
    if (job->cancelled) return static_cast<void>(jobs_.finish(job, store::JobState::cancelled, "cancelled"));
    if (passes) return jobs_.retry_later(job, outcome.error().message, interrupted_ ? 0 : options_.retry_us);
    log_warning("a sync failed: {}", to_string(outcome.error().code));
    jobs_.finish(job, store::JobState::failed, outcome.error().message);
}

Result<store::Source> Worker::source_with(store::SourceId id) {
    for (store::Source& source : TRY(reader_.sources()))
        if (source.id == id) return std::move(source);
    return fail(Code::not_found, "the source is gone");
}

sources::WalkOptions Worker::walk_options() const {
    return {.file_size_limit_bytes = options_.file_size_limit_bytes,
            .user_ignore_file = options_.user_ignore_file,
            .private_folders = options_.private_folders};
}

FileSync::Context Worker::file_context(store::SourceId id, const std::string& top) {
    FileSync::Context context{.store = store_,
                              .reader = reader_,
                              .clock = clock_,
                              .zone = zone_,
                              .pace = *this,
                              .documents = documents_,
                              .file_size_limit_bytes = options_.file_size_limit_bytes,
                              .on_folder = {}};
    if (watcher_) context.on_folder = [this, id, top](std::string_view path) { watcher_->watch_folder(id, top, path); };
    return context;
}

Result<> Worker::sync_source(store::SourceId id) {
    store::Source source = TRY(source_with(id));
    const std::int64_t started_us = clock_.now_us();
    Result<sources::Walk> walk = sources::Walk::open(source.location, walk_options());
    if (!walk) return pause_source(source, walk.error().message);
    if (TRY(emptied(source, *walk)))
        return pause_source(source, lar::format("{} is empty now: is it not mounted?", source.location));
    Live& live = live_[id];
    live.top = walk->top();
    live.poll_due_us.reset();
    if (watcher_) watcher_->forget(id);
    watch_top(source, live);
    FileSync files(file_context(id, live.top), source);
    TRY_VOID(files.run(*walk, ""));
    live.repositories = files.repositories();
    // A saved file synced meanwhile may find one more, so this pass goes by its own list.
    const std::vector<FoundRepository> repositories = live.repositories;
    if (watcher_)
        for (const FoundRepository& found : repositories) watcher_->watch_repository(id, found.path, found.places);
    note_watching(id);
    source.state = store::SourceState::ready;
    source.detail.clear();
    say_problem(id, {});
    TRY_VOID(sync_histories(source, live, repositories, repositories, true));
    // What the job leaves to be seen is how many files there are, not how many of the last small step.
    const FileChanges& changes = files.changes();
    TRY_VOID(step(
        {.phase = "done", .unit = "files", .done = changes.seen, .total = changes.seen, .bytes = changes.bytes_read}));
    source.last_sync = {started_us, zone_.offset_min_at(started_us)};
    return store_.write([&](store::Writer& writer) { return writer.update_source(source); });
}

Result<> Worker::sync_histories(store::Source& source, Live& live, const std::vector<FoundRepository>& all,
                                std::span<const FoundRepository> some, bool whole) {
    HistorySync histories({store_, reader_, opener_, clock_, zone_, *this}, source, all);
    TRY_VOID(histories.run(some, whole));
    live.tree_read_us = clock_.monotonic_us();
    if (!histories.summary().empty()) source.detail = histories.summary();
    if (histories.problems().empty()) return {};
    say_problem(source.id, lar::format("{}: {}", source.name, histories.problems().front()));
    source.detail += lar::format("{}{}", source.detail.empty() ? "" : "; ", histories.problems().front());
    return {};
}

// Nothing is deleted because a disk is not there: the documents stay, and the source is looked for from time to time.
Result<> Worker::pause_source(store::Source& source, std::string why) {
    Live& live = live_[source.id];
    live.poll_due_us = clock_.monotonic_us() + options_.poll_us;
    note_watching(source.id);
    say_problem(source.id, lar::format("{} is paused: {}", source.name, why));
    source.state = store::SourceState::paused;
    source.detail = why;
    TRY_VOID(store_.write([&](store::Writer& writer) { return writer.update_source(source); }));
    return fail(Code::not_found, std::move(why));
}

// A mount point without its disk is an empty folder.
Result<bool> Worker::emptied(const store::Source& source, const sources::Walk& walk) {
    std::error_code error;
    if (!fs::is_directory(source.location, error) || !fs::is_empty(walk.top(), error)) return false;
    return TRY(reader_.counts(source.id)).documents > 0;
}

// ---- watching ----

void Worker::watch_top(const store::Source& source, Live& live) {
    std::error_code error;
    if (!watcher_ || fs::is_directory(source.location, error)) return;
    watcher_->watch_file(source.id, live.top, fs::path(source.location).filename().string());
}

void Worker::note_watching(store::SourceId id) {
    Live& live = live_[id];
    const std::size_t unwatched = watcher_ ? watcher_->unwatched(id) : 0;
    if (watcher_) watch_count_ = watcher_->watches();
    const bool polled = options_.watch && (!watcher_ || unwatched > 0);
    if (polled) live.poll_due_us = clock_.monotonic_us() + options_.poll_us;
    const std::lock_guard lock(mutex_);
    if (watcher_ && unwatched == 0 && !live.poll_due_us)
        watched_.insert(id);
    else
        watched_.erase(id);
    if (unwatched > 0)
        watch_problem_ = lar::format(
            "the kernel grants no more watches (fs.inotify.max_user_watches is {}), so {} folders are looked at every "
            "{} s instead; raise it with sysctl",
            watch_limit(), unwatched, options_.poll_us / us_per_second);
}

void Worker::say_problem(store::SourceId id, std::string problem) {
    const std::lock_guard lock(mutex_);
    if (problem.empty())
        problems_.erase(id);
    else
        problems_[id] = std::move(problem);
}

void Worker::take_changes() {
    if (!watcher_) return;
    ChangesBySource changes;
    if (const Result<> read = watcher_->read(changes); !read) log_error("watching failed: {}", read.error().message);
    watch_count_ = watcher_->watches();
    const std::int64_t now_us = clock_.monotonic_us();
    for (auto& [id, seen] : changes) {
        if (!live_.contains(id)) continue;
        Pending& pending = pending_[id];
        if (!pending.changes.any()) pending.first_us = now_us;
        pending.last_us = now_us;
        pending.changes.whole = pending.changes.whole || seen.whole;
        pending.changes.paths.merge(seen.paths);
        pending.changes.repositories.merge(seen.repositories);
        idle_ = false;
    }
}

void Worker::run_due_changes() {
    const std::int64_t now_us = clock_.monotonic_us();
    std::vector<store::SourceId> due;
    for (const auto& [id, pending] : pending_) {
        const bool rested =
            now_us - pending.last_us >= options_.debounce_us || now_us - pending.first_us >= longest_debounce_us;
        if (rested && now_us >= pending.not_before_us) due.push_back(id);
    }
    for (const store::SourceId id : due) {
        Pending pending = std::move(pending_.extract(id).mapped());
        const Result<> synced = sync_changes(id, pending.changes);
        if (synced || synced.error().code == Code::not_found) continue;
        log_info("changed files are synced a little later: {}", to_string(synced.error().code));
        put_back(std::move(pending), id);
        if (interrupted_ || tasks_wait_) return;
    }
}

// What was interrupted goes on at once, what failed after a while; either way it is not lost.
std::int64_t Worker::again_us() const {
    return interrupted_ || tasks_wait_ ? clock_.monotonic_us() : clock_.monotonic_us() + options_.retry_us;
}

void Worker::put_back(Pending pending, store::SourceId id) {
    pending.not_before_us = again_us();
    pending_.insert_or_assign(id, std::move(pending));
}

void Worker::run_due_trees() {
    for (auto& [id, live] : live_) {
        // A history being read reads the uncommitted diff too.
        if (syncing_ == id || live.trees_due_us.empty()) continue;
        const std::map<std::string, std::int64_t> due = live.trees_due_us;
        const Result<> read = read_trees(id, live);
        if (read || read.error().code == Code::not_found) continue;
        log_info("an uncommitted diff is read a little later: {}", to_string(read.error().code));
        for (const auto& [path, due_us] : due) live.trees_due_us.try_emplace(path, again_us());
        if (interrupted_ || tasks_wait_) return;
    }
}

Result<> Worker::sync_changes(store::SourceId id, const Changes& changes) {
    const store::Source source = TRY(source_with(id));
    const auto found = live_.find(id);
    if (found == live_.end()) return {};
    Live& live = found->second;
    if (changes.whole) {
        TRY(jobs_.queue_sync(source));
        return {};
    }
    TRY_VOID(sync_paths(source, live, changes.paths));
    const std::int64_t now_us = clock_.monotonic_us();
    for (const std::string& repository : changes.repositories) live.trees_due_us.try_emplace(repository, now_us);
    return {};
}

// Paths that are there come before those that are gone, or a renamed file would be removed before it is found again.
Result<> Worker::sync_paths(const store::Source& source, Live& live, const std::set<std::string>& paths) {
    std::vector<std::string> ordered(paths.begin(), paths.end());
    std::ranges::stable_partition(ordered, [&](const std::string& path) {
        struct stat status{};
        return ::lstat(lar::format("{}/{}", live.top, path).c_str(), &status) == 0;
    });
    sources::Walk walk = TRY(sources::Walk::open(source.location, walk_options()));
    FileSync files(file_context(source.id, live.top), source);
    const std::int64_t tree_due_us = std::max(clock_.monotonic_us(), live.tree_read_us + options_.working_tree_us);
    for (const std::string& path : ordered) {
        TRY_VOID(files.run(walk, path));
        for (FoundRepository& found : files.repositories()) {
            const bool known = std::ranges::any_of(
                live.repositories, [&](const FoundRepository& each) { return each.path == found.path; });
            if (known) continue;
            if (watcher_) watcher_->watch_repository(source.id, found.path, found.places);
            live.trees_due_us.emplace(found.path, tree_due_us);
            live.repositories.push_back(std::move(found));
        }
        const FoundRepository* owner = nullptr;
        for (const FoundRepository& found : live.repositories) {
            const bool within = found.path.empty() || path == found.path || path.starts_with(found.path + "/");
            if (within && (owner == nullptr || found.path.size() > owner->path.size())) owner = &found;
        }
        if (owner != nullptr) live.trees_due_us.try_emplace(owner->path, tree_due_us);
    }
    note_watching(source.id);
    return {};
}

Result<> Worker::read_trees(store::SourceId id, Live& live) {
    const std::int64_t now_us = clock_.monotonic_us();
    std::vector<FoundRepository> due;
    for (const FoundRepository& found : live.repositories) {
        const auto entry = live.trees_due_us.find(found.path);
        if (entry == live.trees_due_us.end() || entry->second > now_us) continue;
        due.push_back(found);
        live.trees_due_us.erase(entry);
    }
    if (due.empty()) return {};
    store::Source source = TRY(source_with(id));
    const std::string detail = source.detail;
    say_problem(id, {});
    TRY_VOID(sync_histories(source, live, live.repositories, due, false));
    if (source.detail == detail) return {};
    return store_.write([&](store::Writer& writer) { return writer.update_source(source); });
}

void Worker::poll_due() {
    const std::int64_t now_us = clock_.monotonic_us();
    for (auto& [id, live] : live_) {
        if (!live.poll_due_us || *live.poll_due_us > now_us) continue;
        live.poll_due_us = now_us + options_.poll_us;
        const Result<store::Source> source = source_with(id);
        std::error_code error;
        if (!source || !fs::exists(source->location, error)) continue;
        if (source->state == store::SourceState::paused && fs::is_directory(source->location, error) &&
            fs::is_empty(source->location, error))
            continue;
        if (const auto queued = jobs_.queue_sync(*source); !queued)
            log_warning("a sync cannot be queued: {}", to_string(queued.error().code));
    }
}

}  // namespace lar::ingest
