// Work that a thread of low priority does in the background, one round after the other.
//
// It begins with a round, and does another whenever something may have changed since (wake()). A round that fails is
// repeated half a minute later, woken or not; a failure that lasts is logged once.
//
// What a round does is its owner's, who looks at stopping() in whatever takes long, and waits with pause() alone: both
// end when stop() is called.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "ingest/thread.h"

namespace lar::lard {

class Rounds {
public:
    struct Work {
        std::string name;  // what fails, in the log
        std::function<Result<>()> round;
        std::function<void(const Error&)> failed = [](const Error&) {};  // every time, but not when it is to stop
    };

    Rounds() = default;
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;
    ~Rounds() { stop(); }

    Result<> start(Work work);
    // When it returns, no round is under way and none will be.
    void stop();
    void wake();  // any thread

    bool stopping() const { return stopping_; }
    bool idle() const { return !working_; }  // not within a round
    // Between two looks at the same thing, within a round. False: it is to stop.
    bool pause(std::chrono::milliseconds time);

private:
    void run();
    // False: it is to stop.
    bool wait_until_woken();

    Work work_;
    std::atomic<bool> stopping_ = false, working_ = false;
    std::mutex lock_;
    std::condition_variable woken_;
    bool wake_ = true;
    std::unique_ptr<ingest::Thread> thread_;
};

}  // namespace lar::lard
