// Which segments the lexical index consists of: rows of the database, the large ones each a file of src/index beside
// it.
//
// A small segment lies in its row, so that a saved file costs no more syncs than the transaction itself. A large one is
// a file that is written, synced and named before the row that names it is committed, and removed after the commit that
// no longer does, so whatever a committed state names is there; what no row names is left from a moment that never was
// and is removed when the store opens. Deletes are bits in the row, because they must come and go with the passages
// themselves.
//
// The shelf holds what is open, for all connections. A reader may find a file gone when a merge has replaced it since
// its snapshot began: that is `not_found`, and a new snapshot has the answer.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/merge.h"
#include "index/segment.h"
#include "index/segment_writer.h"
#include "store/database.h"

namespace lar::store {

// A segment of about this size or more is a file; a store in memory has none.
inline constexpr std::uint64_t least_file_bytes = 512 * 1024;

struct SegmentRow {
    std::int64_t id = 0;
    std::string name;
    std::uint64_t bytes = 0;
    bool in_row = false;  // and not a file
    std::uint32_t documents = 0;
    std::int64_t first_passage = 0, last_passage = 0;
    std::int64_t live_documents = 0;
    std::int64_t live_version = 0;                           // 0: all are live
    std::array<std::int64_t, index::field_count> lengths{};  // of the live ones together
};

// Largest first, so that a search soon knows what is good.
Result<std::vector<SegmentRow>> segment_rows(Connection& connection);

class SegmentShelf {
public:
    // `folder` empty: in memory.
    explicit SegmentShelf(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<> make_folder() const;
    Result<index::LiveSegment> live_segment(Connection& connection, const SegmentRow& row);

    struct Made {
        std::string name;
        bool in_row = false;
        index::SegmentWriter writer;
    };
    struct Finished {
        std::string name;
        index::Segment::Shared segment;
        std::string content;  // of one that is to lie in its row
    };
    Result<Made> begin(std::uint64_t expected_bytes) const;
    Result<Finished> finish(Made made);
    // Its row is committed: searches need not open it anew.
    void keep(const std::string& name, const index::Segment::Shared& segment);
    // Removes it; who reads it goes on.
    void retire(const std::string& name);
    // Files that are not among these.
    Result<> remove_strangers(std::span<const SegmentRow> known) const;

    Result<std::uint64_t> size_bytes() const;
    std::vector<std::filesystem::path> files() const;
    void release_memory();

    // Who is told that there may be something for upkeep to do: the index changed, or damage was found in it.
    void on_change(std::function<void()> tell);
    void tell_change();
    void note_damage();
    // Whether damage was noted since this was asked last.
    bool take_damage() { return damaged_.exchange(false); }

private:
    Result<index::Segment::Shared> segment(Connection& connection, const SegmentRow& row);
    std::filesystem::path file_of(const std::string& name) const { return folder_ / (name + ".lex"); }

    struct Open {
        index::Segment::Shared segment;
        bool in_row = false;
        std::int64_t live_version = 0;
        std::shared_ptr<const index::PlaceSet> live;  // shared with searches that go on
    };
    const std::filesystem::path folder_;
    std::atomic<bool> damaged_ = false;
    std::mutex tell_mutex_;
    std::function<void()> tell_;
    std::mutex mutex_;  // for what follows
    std::map<std::string, Open> open_;
};

}  // namespace lar::store
