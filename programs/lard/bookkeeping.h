// What models computed, entered into the ledger behind the answers: the I/O thread never waits for the disk.
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
#include "engines.h"
#include "http/pool.h"

namespace lar::lard {

class Bookkeeping {
public:
    static constexpr std::size_t limit_queued = 4096;

    Bookkeeping(consent::Ledger& ledger, const consent::Settings& settings) : ledger_(ledger), settings_(settings) {}
    ~Bookkeeping() { write_queued(); }  // what is still there
    Bookkeeping(const Bookkeeping&) = delete;
    Bookkeeping& operator=(const Bookkeeping&) = delete;

    void take(const EngineWork& work);  // any thread

private:
    void write_queued();

    consent::Ledger& ledger_;
    const consent::Settings& settings_;
    std::mutex mutex_;
    std::vector<wire::LedgerEntry> queue_;
    http::Pool pool_{{.threads = 1, .queue = 1}};  // last: its thread uses the rest
};

}  // namespace lar::lard
