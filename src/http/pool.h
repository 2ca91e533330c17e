// A few threads for handlers that wait: made when there is work, gone after a while without.
//
// An idle daemon then pays for no stacks. The queue is bounded; a full one refuses, and the caller says
// 503. The destructor drops what waits and returns when what runs has ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "base/result.h"

namespace lar::http {

class Pool {
public:
    struct Options {
        std::size_t threads = 1;
        std::size_t queue = 1;  // of jobs that no thread has begun, beyond one for each thread
        std::size_t stack_bytes = 256 * 1024;
        std::chrono::milliseconds idle_time{10'000};
    };
    using Job = std::move_only_function<void()>;

    explicit Pool(const Options& options) : options_(options) {}
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool();

    // unavailable when the queue is full or no thread can be had; the job is then left as it is.
    Result<> run(Job&& job);
    std::size_t threads() const;

private:
    static void* thread_main(void* pool);
    void work();
    Result<> add_thread();

    const Options options_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<Job> queue_;
    std::size_t threads_ = 0, waiting_ = 0, busy_ = 0;
    bool stopping_ = false;
};

}  // namespace lar::http
