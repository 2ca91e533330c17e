#include "http/pool.h"

#include <pthread.h>

#include <utility>

namespace lar::http {

Pool::~Pool() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    std::deque<Job> dropped = std::exchange(queue_, {});
    lock.unlock();
    // A job's owner hears of it by the job's destruction, which may take locks of its own.
    dropped.clear();
    lock.lock();
    changed_.notify_all();
    changed_.wait(lock, [this] { return threads_ == 0; });
}

Result<> Pool::run(Job&& job) {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || busy_ + queue_.size() >= options_.threads + options_.queue)
        return fail(Code::unavailable, "too many requests are waiting");
    if (waiting_ <= queue_.size() && threads_ < options_.threads) {
        const Result<> added = add_thread();
        if (!added && threads_ == 0) return added;
    }
    queue_.push_back(std::move(job));
    changed_.notify_one();
    return {};
}

std::size_t Pool::threads() const {
    const std::scoped_lock lock(mutex_);
    return threads_;
}

Result<> Pool::add_thread() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, options_.stack_bytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread{};
    const int error = pthread_create(&thread, &attributes, &Pool::thread_main, this);
    pthread_attr_destroy(&attributes);
    if (error != 0) return fail_errno("pthread_create", error);
    ++threads_;
    return {};
}

void* Pool::thread_main(void* pool) {
    static_cast<Pool*>(pool)->work();
    return nullptr;
}

void Pool::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (queue_.empty()) {
            ++waiting_;
            const bool woken =
                changed_.wait_for(lock, options_.idle_time, [this] { return stopping_ || !queue_.empty(); });
            --waiting_;
            if (!woken) break;
            continue;
        }
        Job job = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        --busy_;
    }
    --threads_;
    // Under the lock: the destructor may free this pool as soon as it sees the last thread gone.
    changed_.notify_all();
}

}  // namespace lar::http
