#include "ingest/thread.h"

#include <sys/resource.h>

namespace lar::ingest {

Result<std::unique_ptr<Thread>> Thread::start(std::function<void()> body) {
    std::unique_ptr<Thread> thread(new Thread(std::move(body)));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, thread_stack_bytes);
    const int error = pthread_create(
        &thread->thread_, &attributes,
        [](void* self) -> void* {
            static_cast<Thread*>(self)->body_();
            return nullptr;
        },
        thread.get());
    pthread_attr_destroy(&attributes);
    if (error != 0) return fail_errno("cannot start a thread", error);
    thread->started_ = true;
    return thread;
}

Thread::~Thread() {
    if (started_) pthread_join(thread_, nullptr);
}

void yield_to_others() {
    // On Linux the niceness is the thread's own, and 0 names the calling one.
    constexpr int niceness = 10;
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness));
}

}  // namespace lar::ingest
