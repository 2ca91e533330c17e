#include "api/job_hub.h"

#include <utility>

#include "http/events.h"
#include "wire/codec.h"

namespace lar::api {

bool has_ended(const wire::ApiJob& job) {
    return job.state == "done" || job.state == "failed" || job.state == "cancelled";
}

std::string job_event(const wire::ApiJob& job) { return http::to_event("job", wire::to_json(job)); }

Result<> JobHub::watch(std::string_view job_id, http::Responder responder) {
    const std::scoped_lock lock(mutex_);
    watchers_.remove_if([](const Watcher& watcher) { return watcher.responder.cancelled(); });
    if (watchers_.size() >= limit_watchers) return fail(Code::unavailable, "too many clients watch jobs already");
    if (responder.stream(http::event_stream_type)) watchers_.push_back({std::string(job_id), std::move(responder)});
    return {};
}

void JobHub::publish(const wire::ApiJob& job) {
    const std::scoped_lock lock(mutex_);
    if (watchers_.empty()) return;
    const std::string event = job_event(job);
    watchers_.remove_if([&](Watcher& watcher) {
        if (!watcher.job_id.empty() && watcher.job_id != job.id) return watcher.responder.cancelled();
        if (!watcher.responder.write(event)) return true;
        if (watcher.job_id.empty() || !has_ended(job)) return false;
        watcher.responder.end();
        return true;
    });
}

void JobHub::close() {
    const std::scoped_lock lock(mutex_);
    for (Watcher& watcher : watchers_) watcher.responder.end();
    watchers_.clear();
}

std::size_t JobHub::watchers() const {
    const std::scoped_lock lock(mutex_);
    return watchers_.size();
}

}  // namespace lar::api
