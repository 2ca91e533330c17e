// The thread that looks after the index while nobody waits for it: large merges, and indexing again after an upgrade
// or a damage (store::Store::tend).
//
// It sleeps until the store says that its index changed, works until there is nothing left to do, and yields to
// everything else on the machine. What fails (a full disk) is said in problem() and tried again after a minute.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "ingest/thread.h"
#include "store/store.h"

namespace lar::ingest {

class Upkeep {
public:
    explicit Upkeep(store::Store& store) : store_(store) {}
    ~Upkeep();
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    Result<> start();
    bool idle() const { return idle_; }
    std::string problem() const;  // empty: none

private:
    void run();
    void tend();
    void wait();

    store::Store& store_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> idle_ = false;
    mutable std::mutex mutex_;  // for what follows
    std::condition_variable wake_;
    bool wanted_ = true;
    std::string problem_;
    std::unique_ptr<Thread> thread_;  // last: it ends first
};

}  // namespace lar::ingest
