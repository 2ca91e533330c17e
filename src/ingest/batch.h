// Changes gathered into transactions of a bearable size, and written while more are gathered.
//
// A transaction costs a sync to disk whatever its size, so documents are written many at a time; but a
// search should see them soon and a crash should lose little, so what is gathered is handed over after 512
// documents, 2 MB of text or a fifth of a second. A thread writes it, so that reading and analysing the next
// documents goes on meanwhile; when that is faster than writing, more is gathered before the caller waits.
// The thread is made when there is more than one transaction to write: a saved file needs none.
//
// flush() says that everything was written, and a failure to write is told by the next call after it. What is
// gathered and not handed over when an error ends the work is dropped: the next sync finds it missing and repeats it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ingest/thread.h"
#include "store/store.h"

namespace lar::ingest {

inline constexpr std::size_t limit_batch_changes = 512;
inline constexpr std::size_t limit_batch_bytes = 2 * 1024 * 1024;
inline constexpr std::int64_t limit_batch_us = 200'000;
inline constexpr std::size_t limit_batches_gathered = 4;  // while one is written: that many times the changes and bytes

class Batch {
public:
    Batch(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
    ~Batch();  // when what was handed over is written
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    Result<> put(store::Document document, std::vector<store::NewPassage> passages);
    Result<> touch(store::DocumentId document, std::int64_t modified_ns, std::uint64_t inode, Timestamp time);
    Result<> move(store::DocumentId document, store::Document moved, std::vector<store::NewPassage> reindexed);
    Result<> remove(store::DocumentId document);
    Result<> flush();
    // Whether a failure was told: the store could not be written.
    bool failed() const { return failed_; }

private:
    struct Put {
        store::Document document;
        std::vector<store::NewPassage> passages;
    };
    struct Touch {
        store::DocumentId document;
        std::int64_t modified_ns = 0;
        std::uint64_t inode = 0;
        Timestamp time;
    };
    struct Move {
        store::DocumentId document;
        store::Document moved;
        std::vector<store::NewPassage> reindexed;
    };
    struct Remove {
        store::DocumentId document;
    };
    using Change = std::variant<Put, Touch, Move, Remove>;

    Result<> add(Change change, std::size_t bytes);
    bool exceeds(std::size_t batches) const;
    Result<> hand_over();
    Result<> wait_until_written();
    void write_what_comes();
    Result<> write(std::span<const Change> changes);
    static Result<> apply(store::Writer& writer, const Change& change);

    store::Store& store_;
    const Clock& clock_;
    std::vector<Change> changes_;
    std::size_t bytes_ = 0;
    std::int64_t first_us_ = 0;
    bool failed_ = false;

    std::mutex mutex_;  // for what follows
    std::condition_variable changed_;
    std::vector<Change> handed_over_;
    bool writing_ = false;  // what was handed over
    bool ending_ = false;
    Result<> outcome_;                // of what was written and not told yet
    std::unique_ptr<Thread> thread_;  // last: it uses all the others
};

}  // namespace lar::ingest
