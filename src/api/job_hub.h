// Changes of jobs, from the thread that works them off to everybody who watches.
//
// lard hands publish() to Ingest as its listener; the routes subscribe a stream to one job or to all. A
// watcher of one job is let go when that job ends; one that went away or reads too slowly is dropped at the
// next change. The number of watchers is limited.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/responder.h"
#include "wire/api.h"

namespace lar::api {

bool has_ended(const wire::ApiJob& job);
std::string job_event(const wire::ApiJob& job);

class JobHub {
public:
    static constexpr std::size_t limit_watchers = 128;

    // `job_id` empty: all jobs. Opens the stream; unavailable, and nothing said yet, when there are too many watchers.
    Result<> watch(std::string_view job_id, http::Responder responder);
    void publish(const wire::ApiJob& job);  // any thread
    void close();                           // ends every stream: the daemon stops
    std::size_t watchers() const;

private:
    struct Watcher {
        std::string job_id;
        http::Responder responder;
    };
    mutable std::mutex mutex_;
    std::list<Watcher> watchers_;
};

}  // namespace lar::api
