// The ledger's entries, as lard comes by them: what models computed, what couriers fetched, who tried what is refused.
//
// What was computed or refused is entered behind the answers: the I/O thread never waits for the disk. A download is on
// the disk before whoever asked for it is told.
//
// Entries lie in a queue until a thread of their own, which there is only while there are some, has written them, many
// in one transaction. A full queue is written by whoever fills it. A kill loses what is queued: fractions of a second.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "consent/computed.h"
#include "consent/ledger.h"
#include "consent/provider.h"
#include "couriers.h"
#include "engines.h"
#include "http/pool.h"

namespace lar::lard {

// A worker that its filter ended.
Refused violation_of(wire::Worker worker);

class Bookkeeping {
public:
    static constexpr std::size_t limit_queued = 4096;

    Bookkeeping(consent::Ledger& ledger, const consent::Settings& settings) : ledger_(ledger), settings_(settings) {}
    ~Bookkeeping() { write_queued(); }  // what is still there
    Bookkeeping(const Bookkeeping&) = delete;
    Bookkeeping& operator=(const Bookkeeping&) = delete;

    // Any thread.
    void take(const EngineWork& work);
    void take(const Refused& refused);
    void take(const Trip& trip);

private:
    void enter(wire::LedgerEntry entry);
    void write_queued();

    consent::Ledger& ledger_;
    const consent::Settings& settings_;
    std::mutex mutex_;
    std::vector<wire::LedgerEntry> queue_;
    http::Pool pool_{{.threads = 1, .queue = 1}};  // last: its thread uses the rest
};

}  // namespace lar::lard
