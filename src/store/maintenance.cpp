// The care of a store beside reading and writing: its size, its memory, forgetting for good, and looking for damage.

#include <malloc.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "base/format.h"
#include "base/text.h"
#include "index/search.h"
#include "store/migrations.h"
#include "store/remains.h"
#include "store/store_impl.h"

namespace lar::store {
namespace {

constexpr std::size_t limit_remains_told = 50;
constexpr std::size_t quote_bytes = 40;

std::filesystem::path wal_of(const std::filesystem::path& path) { return path.string() + "-wal"; }

Result<std::uint64_t> bytes_of(const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error == std::errc::no_such_file_or_directory) return 0;
    if (error) return fail_errno("looking at the store", error.value());
    return size;
}

// Where SQLite puts the copy it makes in VACUUM: beside the store, which is the one place a locked-down daemon may
// write, and not in memory. The setting is the process's, hence the lock.
class TemporaryFilesIn {
public:
    explicit TemporaryFilesIn(const std::filesystem::path& folder) : lock_(mutex()) {
        sqlite3_temp_directory = sqlite3_mprintf("%s", folder.empty() ? "." : folder.c_str());
    }
    ~TemporaryFilesIn() {
        sqlite3_free(sqlite3_temp_directory);
        sqlite3_temp_directory = nullptr;
    }
    TemporaryFilesIn(const TemporaryFilesIn&) = delete;
    TemporaryFilesIn& operator=(const TemporaryFilesIn&) = delete;

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    std::scoped_lock<std::mutex> lock_;
};

// Writes every page anew: deleting zeroes what it frees, but a page that SQLite has split or joined may keep a copy
// of a row in the space it no longer uses.
Result<> rewrite(Connection& writer, const std::filesystem::path& path) {
    const TemporaryFilesIn beside(path.parent_path());
    TRY_VOID(writer.script("PRAGMA temp_store = FILE;"));
    const Result<> rewritten = writer.script("VACUUM;");
    TRY_VOID(writer.script("PRAGMA temp_store = MEMORY;"));
    return rewritten;
}

// The first row says whether a reader stood in the way.
Result<> truncate_wal(Connection& writer) {
    if (TRY(writer.integer("PRAGMA wal_checkpoint(TRUNCATE)")).value_or(1) != 0) {
        return fail(Code::conflict, "somebody is reading the store: try again when they have finished");
    }
    return {};
}

// A remain is a text that nothing in the store still holds by right.
Result<bool> is_held(Connection& connection, std::string_view piece) {
    constexpr Sql anywhere(
        "SELECT 1 WHERE "
        "EXISTS (SELECT 1 FROM passages WHERE instr(text, ?1) OR instr(context, ?1) OR instr(path, ?1)) OR "
        "EXISTS (SELECT 1 FROM documents WHERE instr(path, ?1) OR instr(title, ?1) OR instr(author, ?1) OR "
        "  instr(branch, ?1)) OR "
        "EXISTS (SELECT 1 FROM sources WHERE instr(name, ?1) OR instr(location, ?1) OR instr(detail, ?1) OR "
        "  instr(sync_state, ?1)) OR "
        "EXISTS (SELECT 1 FROM left_out WHERE instr(path, ?1) OR instr(detail, ?1)) OR "
        "EXISTS (SELECT 1 FROM answers WHERE instr(question, ?1) OR instr(json, ?1)) OR "
        "EXISTS (SELECT 1 FROM jobs WHERE instr(error, ?1)) OR "
        "EXISTS (SELECT 1 FROM ledger WHERE instr(content, ?1)) OR "
        "EXISTS (SELECT 1 FROM chats WHERE instr(title, ?1) OR instr(model, ?1) OR instr(settings, ?1)) OR "
        "EXISTS (SELECT 1 FROM messages WHERE instr(text, ?1)) OR "
        "EXISTS (SELECT 1 FROM tickets WHERE instr(json, ?1)) OR "
        "EXISTS (SELECT 1 FROM message_vocabulary WHERE term = ?1)");
    return TRY(connection.integer(anywhere, piece)).has_value();
}

Result<> expect_ok(Statement rows) {
    while (TRY(rows.step())) {
        if (rows.bytes(0) != "ok") return fail(Code::corrupt, "the store is damaged: " + rows.text(0));
    }
    return {};
}

// A term that is live somewhere stands in the index by right.
Result<bool> is_term(Store::Impl& impl, std::string_view piece) {
    std::vector<index::LiveSegment> segments;
    for (const SegmentRow& row : TRY(segment_rows(*impl.writer)))
        segments.push_back(TRY(impl.shelf->live_segment(*impl.writer, row)));
    return TRY(index::document_frequencies(segments, std::array{std::string(piece)}))[0] > 0;
}

// Every segment whole, and every passage in one of them.
Result<> check_index(Store::Impl& impl) {
    std::int64_t passages = 0;
    for (const SegmentRow& row : TRY(segment_rows(*impl.writer))) {
        const index::LiveSegment segment = TRY(impl.shelf->live_segment(*impl.writer, row));
        TRY_VOID(segment.segment->check());
        const std::uint32_t live = segment.live ? segment.live->count() : row.documents;
        if (live != row.live_documents) return fail(Code::corrupt, "the index does not know what is deleted");
        passages += live;
    }
    const auto stored = TRY(impl.writer->integer("SELECT count(*) FROM passages")).value_or(0);
    const bool complete = !TRY(impl.writer->integer("SELECT 1 FROM reindexing"));
    if (complete && passages != stored) return fail(Code::corrupt, "the index does not hold what the store holds");
    return {};
}

}  // namespace

Result<std::uint64_t> Store::size_bytes() const {
    if (!impl_->in_memory())
        return TRY(bytes_of(impl_->path)) + TRY(bytes_of(wal_of(impl_->path))) + TRY(impl_->shelf->size_bytes());
    const std::scoped_lock lock(impl_->mutex);
    const std::int64_t pages = TRY(impl_->writer->integer("PRAGMA page_count")).value_or(0);
    return static_cast<std::uint64_t>(pages * TRY(impl_->writer->integer("PRAGMA page_size")).value_or(0));
}

void Store::release_memory() {
    impl_->connections->release_memory();
    impl_->shelf->release_memory();
    malloc_trim(0);
}

Result<> Store::scrub() {
    const std::scoped_lock upkeep(impl_->upkeep);
    const std::scoped_lock lock(impl_->mutex);
    Connection& writer = *impl_->writer;
    // Until it is written anew, a segment keeps the words of what was deleted.
    TRY_VOID(impl_->change([](Writer::Impl& changes) { return changes.index.purge(); }));
    TRY_VOID(writer.run("INSERT INTO message_terms (message_terms) VALUES ('optimize')"));
    if (impl_->in_memory()) return {};
    TRY_VOID(rewrite(writer, impl_->path));
    TRY_VOID(truncate_wal(writer));
    // A backup made before a migration holds what was forgotten since.
    for (const std::filesystem::path& backup : backups_of(impl_->path)) {
        if (::unlink(backup.c_str()) != 0) return fail_errno("removing a backup of the store", errno);
    }
    return {};
}

Result<std::vector<std::string>> Store::find_remains(std::span<const std::string> texts) {
    std::vector<std::string> remains;
    if (impl_->in_memory()) return remains;
    const RemainsSearch search = TRY(RemainsSearch::of(texts));
    const std::scoped_lock lock(impl_->mutex);
    std::vector<std::filesystem::path> files = backups_of(impl_->path);
    files.push_back(impl_->path);
    files.push_back(wal_of(impl_->path));
    files.append_range(impl_->shelf->files());
    for (const std::filesystem::path& file : files) {
        for (const RemainsSearch::Found& found : TRY(search.scan(file))) {
            if (TRY(is_held(*impl_->writer, found.piece)) || TRY(is_term(*impl_, found.piece))) continue;
            remains.push_back(lar::format("{}, byte {}: \"{}\"", file.filename().string(), found.offset,
                                          printable(to_utf8_lossy(utf8_prefix(found.piece, quote_bytes)))));
            if (remains.size() >= limit_remains_told) return remains;
        }
    }
    return remains;
}

Result<> Store::check_integrity() {
    const std::scoped_lock lock(impl_->mutex);
    Connection& writer = *impl_->writer;
    TRY_VOID(expect_ok(TRY(writer.prepare("PRAGMA integrity_check(10)"))));
    TRY_VOID(writer.run("INSERT INTO message_terms (message_terms) VALUES ('integrity-check')"));
    const auto wrong = TRY(writer.integer(
        "SELECT 1 WHERE (SELECT count(*) FROM passages) <> (SELECT ifnull(sum(passages), 0) FROM tallies) "
        "OR (SELECT count(*) FROM documents) <> (SELECT ifnull(sum(documents), 0) FROM tallies) "
        "OR (SELECT ifnull(sum(passage_count), 0) FROM documents) <> (SELECT count(*) FROM passages)"));
    if (wrong) return fail(Code::corrupt, "the store is damaged: its counts do not fit what it holds");
    return check_index(*impl_);
}

}  // namespace lar::store
