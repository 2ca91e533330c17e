#include "rounds.h"

#include <utility>

#include "base/log.h"

namespace lar::lard {
namespace {

constexpr std::chrono::seconds pause_after_failed_round(30);

}  // namespace

Result<> Rounds::start(Work work) {
    work_ = std::move(work);
    thread_ = TRY(ingest::Thread::start([this] { run(); }));
    return {};
}

void Rounds::stop() {
    {
        const std::scoped_lock lock(lock_);
        stopping_ = true;
    }
    woken_.notify_all();
    thread_.reset();
}

void Rounds::wake() {
    {
        const std::scoped_lock lock(lock_);
        wake_ = true;
    }
    woken_.notify_all();
}

bool Rounds::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(lock_);
    return !woken_.wait_for(lock, time, [&] { return stopping_.load(); });
}

bool Rounds::wait_until_woken() {
    std::unique_lock lock(lock_);
    woken_.wait(lock, [&] { return wake_ || stopping_; });
    wake_ = false;
    return !stopping_;
}

void Rounds::run() {
    ingest::yield_to_others();
    std::string told;
    while (wait_until_woken()) {
        working_ = true;
        const Result<> done = work_.round();
        if (!done && !stopping_) {
            if (std::exchange(told, done.error().message) != done.error().message)
                log_warning("{}: {}", work_.name, told);
            work_.failed(done.error());
        }
        working_ = false;
        if (done) {
            told.clear();
        } else if (pause(pause_after_failed_round)) {
            wake();
        }
    }
}

}  // namespace lar::lard
