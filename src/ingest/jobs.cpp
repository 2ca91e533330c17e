#include "ingest/jobs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/identity.h"
#include "base/log.h"

namespace lar::ingest {
namespace {

constexpr std::array<std::string_view, 5> state_names = {"queued", "running", "done", "failed", "cancelled"};

std::string_view name_of(store::JobState state) { return state_names[static_cast<std::size_t>(state)]; }

double seconds_between(Timestamp from, Timestamp to) {
    return static_cast<double>(to.us - from.us) / static_cast<double>(us_per_second);
}

}  // namespace

Timestamp Jobs::now() const {
    const std::int64_t us = clock_.now_us();
    return {us, zone_.offset_min_at(us)};
}

wire::ApiJob Jobs::row_view(const store::Job& row, std::string source_name) const {
    wire::ApiJob view{.id = row.uuid,
                      .kind = row.kind,
                      .source = std::move(source_name),
                      .state = std::string(name_of(row.state)),
                      .error = row.error};
    if (row.started) view.started = to_rfc3339(*row.started);
    if (row.finished) view.finished = to_rfc3339(*row.finished);
    if (row.started)
        view.seconds = seconds_between(*row.started, row.finished                            ? *row.finished
                                                     : row.state == store::JobState::running ? now()
                                                                                             : *row.started);
    return view;
}

wire::ApiJob Jobs::view_of(const Active& job) const {
    wire::ApiJob view = row_view(job.row, job.source_name);
    view.phase = job.phase;
    view.unit = job.unit;
    view.done = job.progress.done;
    view.total = job.progress.total;
    view.bytes = job.progress.bytes;
    return view;
}

void Jobs::publish(const wire::ApiJob& view) const {
    if (listener_) listener_(view);
}

void Jobs::keep(const store::Job& row) {
    const Result<> kept = store_.write([&](store::Writer& writer) { return writer.update_job(row); });
    if (!kept && kept.error().code != Code::not_found)
        log_warning("a job's state was not kept: {}", to_string(kept.error().code));
}

Result<wire::ApiJob> Jobs::queue_sync(const store::Source& source) {
    Handle job = std::make_shared<Active>();
    wire::ApiJob view;
    {
        const std::lock_guard lock(mutex_);
        for (const Handle& queued : queue_)
            if (queued->row.source == source.id) {
                queued->not_before_us = 0;
                return view_of(*queued);
            }
        job->row = {.uuid = new_uuid(clock_.now_us()), .kind = "sync", .source = source.id, .created = now()};
        job->source_name = source.name;
        // Kept under the lock, or two who ask at once would both find none.
        TRY_VOID(store_.write([&](store::Writer& writer) -> Result<> {
            job->row.id = TRY(writer.add_job(job->row));
            return {};
        }));
        view = view_of(*job);  // once it is queued it is the worker's
        queue_.push_back(job);
    }
    publish(view);
    return view;
}

Result<> Jobs::resume(store::Reader& reader) {
    const std::vector<store::Source> sources = TRY(reader.sources());
    const std::lock_guard lock(mutex_);
    for (store::Job& row : TRY(reader.unfinished_jobs())) {
        const auto source =
            std::ranges::find_if(sources, [&](const store::Source& each) { return row.source == each.id; });
        const bool known = source != sources.end() && row.kind == "sync";
        const bool twice =
            std::ranges::any_of(queue_, [&](const Handle& queued) { return queued->row.source == row.source; });
        if (!known || twice) {
            row.state = store::JobState::cancelled;
            row.finished = now();
            keep(row);
            continue;
        }
        Handle job = std::make_shared<Active>();
        job->row = std::move(row);
        job->row.state = store::JobState::queued;
        job->source_name = source->name;
        queue_.push_back(std::move(job));
    }
    return {};
}

Jobs::Handle Jobs::begin_next(std::optional<std::int64_t>& wait_until_us) {
    Handle job;
    wire::ApiJob view;
    {
        const std::lock_guard lock(mutex_);
        wait_until_us.reset();
        const std::int64_t now_us = clock_.monotonic_us();
        for (const Handle& queued : queue_) {
            if (queued->not_before_us <= now_us) {
                job = queued;
                break;
            }
            wait_until_us = std::min(wait_until_us.value_or(queued->not_before_us), queued->not_before_us);
        }
        if (!job) return nullptr;
        std::erase(queue_, job);
        running_ = job;
        job->row.state = store::JobState::running;
        if (!job->row.started) job->row.started = now();
        job->started_us = now_us;
        view = view_of(*job);
    }
    keep(job->row);
    publish(view);
    return job;
}

void Jobs::report(Active& job, const Progress& progress) {
    wire::ApiJob view;
    {
        const std::lock_guard lock(mutex_);
        const bool new_phase = job.phase != progress.phase;
        if (new_phase) job.phase = progress.phase;
        if (job.unit != progress.unit) job.unit = progress.unit;
        job.progress = progress;
        const std::int64_t now_us = clock_.monotonic_us();
        if (!new_phase && now_us - job.reported_us < report_every_us) return;
        job.reported_us = now_us;
        view = view_of(job);
    }
    publish(view);
}

wire::ApiJob Jobs::finish(const Handle& job, store::JobState state, std::string error) {
    wire::ApiJob view;
    {
        const std::lock_guard lock(mutex_);
        job->row.state = state;
        job->row.error = std::move(error);
        job->row.finished = now();
        view = view_of(*job);
    }
    keep(job->row);
    {
        const std::lock_guard lock(mutex_);
        if (running_ == job) running_.reset();
        finished_.push_back(job);
        if (finished_.size() > limit_progress_kept) finished_.pop_front();
    }
    publish(view);
    return view;
}

void Jobs::retry_later(const Handle& job, std::string error, std::int64_t delay_us) {
    wire::ApiJob view;
    {
        const std::lock_guard lock(mutex_);
        running_.reset();
        job->row.state = store::JobState::queued;
        job->row.error = std::move(error);
        job->not_before_us = clock_.monotonic_us() + delay_us;
        queue_.push_back(job);
        view = view_of(*job);
    }
    publish(view);
}

void Jobs::put_down(const Handle& job) {
    const std::lock_guard lock(mutex_);
    if (running_ == job) running_.reset();
}

// The job in memory, which knows its progress; null: only its row is left.
Jobs::Handle Jobs::find(std::string_view id) const {
    const auto is_it = [&](const Handle& job) { return job->row.uuid == id; };
    if (running_ && is_it(running_)) return running_;
    for (const std::deque<Handle>* jobs : {&queue_, &finished_})
        if (const auto found = std::ranges::find_if(*jobs, is_it); found != jobs->end()) return *found;
    return nullptr;
}

Result<wire::ApiJobs> Jobs::list(store::Reader& reader) {
    std::map<std::int64_t, std::string> names;
    for (const store::Source& source : TRY(reader.sources())) names.emplace(source.id.value, source.name);
    const std::vector<store::Job> rows = TRY(reader.jobs(limit_jobs_listed));
    const std::lock_guard lock(mutex_);
    wire::ApiJobs jobs;
    for (const store::Job& row : rows) {
        if (const Handle known = find(row.uuid))
            jobs.jobs.push_back(view_of(*known));
        else
            jobs.jobs.push_back(row_view(row, row.source ? names[row.source->value] : std::string()));
    }
    return jobs;
}

Result<wire::ApiJob> Jobs::cancel(std::string_view id) {
    Handle job;
    {
        const std::lock_guard lock(mutex_);
        if (running_ && running_->row.uuid == id) {
            running_->cancelled = true;
            return view_of(*running_);
        }
        const auto queued = std::ranges::find_if(queue_, [&](const Handle& each) { return each->row.uuid == id; });
        if (queued == queue_.end())
            return fail(Code::not_found, lar::format("there is no queued or running job '{}'", id));
        job = *queued;
        queue_.erase(queued);
    }
    return finish(job, store::JobState::cancelled, "cancelled");
}

void Jobs::interrupt() {
    const std::lock_guard lock(mutex_);
    if (running_) running_->cancelled = true;
}

void Jobs::drop(store::SourceId source) {
    std::vector<Handle> dropped;
    {
        const std::lock_guard lock(mutex_);
        if (running_ && running_->row.source == source) running_->cancelled = true;
        for (const Handle& queued : queue_)
            if (queued->row.source == source) dropped.push_back(queued);
        std::erase_if(queue_, [&](const Handle& queued) { return queued->row.source == source; });
    }
    for (const Handle& job : dropped) finish(job, store::JobState::cancelled, "the source was forgotten");
}

bool Jobs::idle() const {
    const std::lock_guard lock(mutex_);
    return queue_.empty() && !running_;
}

bool Jobs::concerns(store::SourceId source) const {
    const std::lock_guard lock(mutex_);
    if (running_ && running_->row.source == source) return true;
    return std::ranges::any_of(queue_, [&](const Handle& queued) { return queued->row.source == source; });
}

}  // namespace lar::ingest
