// Changes gathered into transactions of a bearable size.
//
// A transaction costs a sync to disk whatever its size, so documents are written many at a time; but a
// search should see them soon and a crash should lose little, so a batch is committed after 512
// documents, 2 MB of text or a fifth of a second. What is gathered and not flushed when an error ends
// the work is dropped: the next sync finds it missing and repeats it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace lar::ingest {

inline constexpr std::size_t limit_batch_changes = 512;
inline constexpr std::size_t limit_batch_bytes = 2 * 1024 * 1024;
inline constexpr std::int64_t limit_batch_us = 200'000;

class Batch {
public:
    Batch(store::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    Result<> put(store::Document document, std::vector<store::NewPassage> passages);
    Result<> touch(store::DocumentId document, std::int64_t modified_ns, std::uint64_t inode, Timestamp time);
    Result<> move(store::DocumentId document, store::Document moved, std::vector<store::NewPassage> reindexed);
    Result<> remove(store::DocumentId document);
    Result<> flush();
    // Whether a flush failed: the store could not be written.
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
    static Result<> apply(store::Writer& writer, const Change& change);

    store::Store& store_;
    const Clock& clock_;
    std::vector<Change> changes_;
    std::size_t bytes_ = 0;
    std::int64_t first_us_ = 0;
    bool failed_ = false;
};

}  // namespace lar::ingest
