// A thread with a small stack that yields to everything else on the machine.
//
// Started once, joined by the destructor; the body must see by itself that it is to end.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <pthread.h>

#include "base/result.h"

namespace lar::ingest {

inline constexpr std::size_t thread_stack_bytes = 1024 * 1024;

class Thread {
public:
    static Result<std::unique_ptr<Thread>> start(std::function<void()> body);
    ~Thread();
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

private:
    explicit Thread(std::function<void()> body) : body_(std::move(body)) {}

    std::function<void()> body_;
    pthread_t thread_{};
    bool started_ = false;
};

// Lowers the priority of the calling thread. Refused where the sandbox refuses it, and then nothing is lost.
void yield_to_others();

}  // namespace lar::ingest
