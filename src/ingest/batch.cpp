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
    const std::int64_t now_us = clock_.monotonic_us();
    if (changes_.empty()) first_us_ = now_us;
    changes_.push_back(std::move(change));
    bytes_ += bytes;
    if (changes_.size() < limit_batch_changes && bytes_ < limit_batch_bytes && now_us - first_us_ < limit_batch_us)
        return {};
    return flush();
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

Result<> Batch::flush() {
    if (changes_.empty()) return {};
    const Result<> written = store_.write([&](store::Writer& writer) -> Result<> {
        for (const Change& change : changes_) TRY_VOID(apply(writer, change));
        return {};
    });
    changes_.clear();
    bytes_ = 0;
    failed_ = failed_ || !written;
    return written;
}

}  // namespace lar::ingest
