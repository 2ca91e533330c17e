#include "ingest/batch.h"

#include <utility>

namespace lar::ingest {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

std::size_t bytes_of(std::span<const store::NewPassage> passages) {
    std::size_t bytes = 0;
    for (const store::NewPassage& passage : passages)
        bytes += passage.passage.text.size() + passage.indexed.body.size();
    return bytes;
}

}  // namespace

Result<> Batch::put(store::Document document, std::vector<store::NewPassage> passages) {
    const std::size_t bytes = bytes_of(passages);
    return add(Put{std::move(document), std::move(passages)}, bytes);
}

Result<> Batch::touch(store::DocumentId document, std::int64_t modified_ns, std::uint64_t inode, Timestamp time) {
    return add(Touch{document, modified_ns, inode, time}, 0);
}

Result<> Batch::move(store::DocumentId document, store::Document moved, std::vector<store::NewPassage> reindexed) {
    const std::size_t bytes = bytes_of(reindexed);
    return add(Move{document, std::move(moved), std::move(reindexed)}, bytes);
}

Result<> Batch::remove(store::DocumentId document) { return add(Remove{document}, 0); }

Result<> Batch::add(Change change, std::size_t bytes) {
    if (changes_.empty()) first_us_ = clock_.monotonic_us();
    changes_.push_back(std::move(change));
    bytes_ += bytes;
    if (!exceeds(1) && clock_.monotonic_us() - first_us_ < limit_batch_us) return {};
    if (!exceeds(limit_batches_gathered)) {
        const std::scoped_lock lock(mutex_);
        if (writing_) return {};
    }
    return hand_over();
}

bool Batch::exceeds(std::size_t batches) const {
    return changes_.size() >= batches * limit_batch_changes || bytes_ >= batches * limit_batch_bytes;
}

// Between two steps of a long sync a saved file may have been synced by itself, so a document may be gone
// or a place taken when its change is written: then the change is done already, or is a plain put.
Result<> Batch::apply(store::Writer& writer, const Change& change) {
    const auto unless_gone = [](Result<> outcome) -> Result<> {
        if (!outcome && outcome.error().code == Code::not_found) return {};
        return outcome;
    };
    const auto put = [&](const store::Document& document, std::span<const store::NewPassage> passages) -> Result<> {
        TRY(writer.put_document(document, passages));
        return {};
    };
    return std::visit(
        Overloaded{
            [&](const Put& change_put) { return put(change_put.document, change_put.passages); },
            [&](const Touch& touch) {
                return unless_gone(writer.touch_document(touch.document, touch.modified_ns, touch.inode, touch.time));
            },
            [&](const Move& move) -> Result<> {
                const Result<> moved = writer.move_document(move.document, move.moved, move.reindexed);
                if (moved || (moved.error().code != Code::not_found && moved.error().code != Code::conflict))
                    return moved;
                return put(move.moved, move.reindexed);
            },
            [&](const Remove& remove) { return unless_gone(writer.remove_document(remove.document)); },
        },
        change);
}

Result<> Batch::write(std::span<const Change> changes) {
    return store_.write([&](store::Writer& writer) -> Result<> {
        for (const Change& change : changes) TRY_VOID(apply(writer, change));
        return {};
    });
}

// ---- the thread that writes ----

Batch::~Batch() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.reset();
}

void Batch::write_what_comes() {
    yield_to_others();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return writing_ || ending_; });
        if (!writing_) return;
        std::vector<Change> changes = std::move(handed_over_);
        lock.unlock();
        Result<> written = write(changes);
        changes = {};
        lock.lock();
        outcome_ = std::move(written);
        writing_ = false;
        changed_.notify_all();
    }
}

// A failure is told once; what was gathered since is dropped with it.
Result<> Batch::wait_until_written() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !writing_; });
    Result<> written = std::exchange(outcome_, Result<>());
    if (written) return {};
    failed_ = true;
    changes_.clear();
    bytes_ = 0;
    return written;
}

Result<> Batch::hand_over() {
    TRY_VOID(wait_until_written());
    if (!thread_) {
        auto thread = Thread::start([this] { write_what_comes(); });
        if (!thread) return flush();  // then it is written here
        thread_ = std::move(*thread);
    }
    {
        const std::scoped_lock lock(mutex_);
        handed_over_ = std::exchange(changes_, {});
        writing_ = true;
    }
    bytes_ = 0;
    changed_.notify_all();
    return {};
}

Result<> Batch::flush() {
    TRY_VOID(wait_until_written());
    if (changes_.empty()) return {};
    const Result<> written = write(changes_);
    changes_.clear();
    bytes_ = 0;
    failed_ = failed_ || !written;
    return written;
}

}  // namespace lar::ingest
