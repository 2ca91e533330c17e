// What long work says to its surroundings between two steps.
//
// A sync may take minutes; in between, other things must go on: a saved file must become searchable, a
// forgotten source must go, a cancelled job must end. So whoever works long calls step() after every
// file or batch. step() may do such things before it returns, on the caller's stack; the caller must
// hold no lock and no open transaction. An error from step() is passed up unchanged.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace lar::ingest {

struct Progress {
    std::string_view phase;  // "files", "history", "working tree"
    std::string_view unit;   // "files", "commits"
    std::uint64_t done = 0, total = 0;
    std::uint64_t bytes = 0;
};

class Pace {
public:
    virtual ~Pace() = default;
    // unavailable: cancelled, or Lar is stopping.
    virtual Result<> step(const Progress& progress) = 0;
    // The same question without doing anything, for work that waits elsewhere.
    virtual const std::atomic<bool>& cancelled() const = 0;
};

}  // namespace lar::ingest
