// The index's side of one transaction: what it adds becomes a segment, what it removes bits in the rows of others.
//
// finish() writes and belongs right before the commit; committed() removes what the transaction replaced and belongs
// right after it. Without the latter, the files made are removed again. Small segments are merged on the way, so that a
// thousand saved files do not make a thousand segments; larger ones are upkeep's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/builder.h"
#include "index/places.h"
#include "store/records.h"
#include "store/segments.h"

namespace lar::store {

// Merged within a transaction, which everybody waits for who wants to write: some milliseconds. Else upkeep does it.
inline constexpr std::uint64_t limit_merge_at_once_bytes = 1024 * 1024;
// A transaction that gathers more writes a segment before its end.
inline constexpr std::size_t limit_gathered_bytes = 32 * 1024 * 1024;

class IndexWriter {
public:
    // `busy` names segments that upkeep is merging.
    IndexWriter(Connection& connection, SegmentShelf& shelf, const std::set<std::string>& busy)
        : connection_(connection), shelf_(shelf), busy_(busy) {}
    ~IndexWriter();
    IndexWriter(const IndexWriter&) = delete;
    IndexWriter& operator=(const IndexWriter&) = delete;

    Result<> add(std::int64_t passage, const IndexedText& indexed);
    // Nothing happens where the index does not have it (yet).
    Result<> remove(std::int64_t passage);
    Result<bool> has(std::int64_t passage);

    Result<> finish();
    void committed();
    bool changed() const { return changed_; }

    // Replaces segments by one of what was live in them; `before` are the states it was made from.
    Result<> replace(std::span<const std::string> names, SegmentShelf::Finished by,
                     std::span<const index::LiveSegment> before);
    // Writes every segment anew that anything was deleted from.
    Result<> purge();
    // Removes all segments.
    Result<> clear();

private:
    struct Held {
        SegmentRow row;
        index::LiveSegment live;
        std::unique_ptr<index::PlaceSet> changed;  // what is live now, where something was removed
        std::string content;                       // of a new one that is to lie in its row
        bool is_new = false;
        bool gone = false;
    };
    Result<> load();
    Result<Held*> find(std::int64_t passage, std::uint32_t& place);
    Result<> remove_from(Held& held, std::uint32_t place);
    index::LiveSegment now(const Held& held) const;
    Result<> write_gathered();
    Result<Held*> insert(SegmentShelf::Finished finished);
    Result<> drop(Held& held);
    Result<> write_row(const Held& held);
    Result<> merge_small();
    Result<> merge(std::span<Held* const> chosen);

    Connection& connection_;
    SegmentShelf& shelf_;
    const std::set<std::string>& busy_;
    std::unique_ptr<index::Builder> gathered_;
    bool loaded_ = false;
    bool changed_ = false;
    std::vector<std::unique_ptr<Held>> held_;
    std::vector<std::string> made_, replaced_;
};

}  // namespace lar::store
