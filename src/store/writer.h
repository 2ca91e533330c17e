// What a Writer works with during one transaction: the connection, and the sums that are written once, at its end.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database.h"
#include "store/index_writer.h"
#include "store/store.h"

namespace lar::store {

inline constexpr std::int64_t limit_answers_kept = 1000;
inline constexpr std::int64_t limit_jobs_kept = 1000;  // finished ones

class Writer::Impl {
public:
    Impl(Connection& on, const Clock& by, SegmentShelf& shelf, const std::set<std::string>& busy)
        : connection(on), clock(by), index(on, shelf, busy) {}

    // A document's passages and what they add to its source's tally. Nothing else touches passages and index.
    struct Passages {
        std::int64_t first = 0;
        std::int64_t count = 0;
    };
    // Ids for that many passages of a document.
    Result<Passages> reserve_passages(std::size_t count);
    Result<> add_passages(SourceId source, DocumentId document, Passages reserved,
                          std::span<const NewPassage> passages);
    Result<> remove_passages(SourceId source, Passages passages);
    // The same passages, with other words in the index.
    Result<> reindex_passages(Passages passages, std::span<const NewPassage> reindexed);

    struct Stored {
        DocumentId id;
        SourceId source;
        DocumentKind kind = DocumentKind::file;
        std::int64_t size_bytes = 0;
        Passages passages;
    };
    Result<Stored> stored(DocumentId document);  // not_found
    void count_document(SourceId source, DocumentKind kind, std::int64_t size_bytes, std::int64_t sign);

    // Empties what models said in chats from a source that is about to go; chats.cpp.
    Result<> forget_in_chats(SourceId source);

    Result<> finish();  // writes the sums and the index; the last thing before commit
    Result<> flush_tallies();
    std::string uuid_or_new(const std::string& uuid) const;

    Connection& connection;
    const Clock& clock;
    IndexWriter index;

private:
    struct Tally {
        std::int64_t documents = 0, passages = 0, bytes = 0, commits = 0;
    };
    std::map<std::int64_t, Tally> tallies_;
    std::int64_t next_passage_ = 0;  // 0: not read yet
    bool took_ids_ = false;
};

}  // namespace lar::store
