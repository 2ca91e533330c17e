#include "store/migrations.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/fd.h"
#include "base/format.h"

namespace lar::store {
namespace {

constexpr std::int64_t application_id = 0x4c617231;  // "Lar1": what `file` and we know our databases by

constexpr std::array steps{
    Sql(R"sql(
CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    location TEXT NOT NULL,
    state INTEGER NOT NULL,
    detail TEXT NOT NULL,
    added_us INTEGER NOT NULL,
    added_offset INTEGER NOT NULL,
    synced_us INTEGER,
    synced_offset INTEGER,
    sync_state TEXT NOT NULL,
    UNIQUE (kind, location)
);
-- What counting would cost, kept up to date by every change; lengths are in terms, for ranking.
CREATE TABLE tallies (
    source INTEGER PRIMARY KEY REFERENCES sources ON DELETE CASCADE,
    documents INTEGER NOT NULL DEFAULT 0,
    passages INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    commits INTEGER NOT NULL DEFAULT 0,
    body_length INTEGER NOT NULL DEFAULT 0,
    title_length INTEGER NOT NULL DEFAULT 0,
    path_length INTEGER NOT NULL DEFAULT 0,
    context_length INTEGER NOT NULL DEFAULT 0
);
-- The passages of a document have the ids passage_first .. passage_first + passage_count - 1, so a scope is a
-- handful of ranges, read from an index without touching a document.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources,
    kind INTEGER NOT NULL,
    path TEXT NOT NULL,
    passage_first INTEGER NOT NULL,
    passage_count INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    time_offset INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    hash NOT NULL,
    uuid TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    branch TEXT NOT NULL,
    UNIQUE (source, kind, path)
);
CREATE INDEX documents_by_time ON documents (source, kind, time_us, passage_first, passage_count);
CREATE INDEX documents_by_hash ON documents (source, hash);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    line_first INTEGER NOT NULL,
    line_last INTEGER NOT NULL,
    hash NOT NULL,
    path TEXT NOT NULL,
    context TEXT NOT NULL,
    text TEXT NOT NULL
);
-- One row, so that an id never comes back for another passage.
CREATE TABLE next_passage (id INTEGER NOT NULL);
INSERT INTO next_passage VALUES (1);
-- Nothing asks where in a field a term stands, but the index's smaller forms (detail=column) forget how often it does.
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    body, title, path, context, content='', contentless_delete=1, tokenize='lar_terms'
);
-- Merging later and in larger steps than usual saves a fifth of the work of writing and costs searches nothing measurable.
INSERT INTO passage_terms (passage_terms, rank) VALUES ('automerge', 8);
CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab (passage_terms, row);
-- How many terms each field of each passage has: a block for every 1024 ids (lengths.h).
CREATE TABLE passage_lengths (block INTEGER PRIMARY KEY, lengths BLOB NOT NULL);
CREATE TABLE branches (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (source, name)
);
CREATE TABLE branch_commits (
    branch INTEGER NOT NULL REFERENCES branches ON DELETE CASCADE,
    name NOT NULL,
    PRIMARY KEY (branch, name)
) WITHOUT ROWID;
CREATE TABLE left_out (
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (source, path)
) WITHOUT ROWID;
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    source INTEGER REFERENCES sources ON DELETE CASCADE,
    state INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    created_offset INTEGER NOT NULL,
    started_us INTEGER,
    started_offset INTEGER,
    finished_us INTEGER,
    finished_offset INTEGER,
    error TEXT NOT NULL
);
CREATE INDEX jobs_by_source ON jobs (source);
CREATE TABLE answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    time_us INTEGER NOT NULL,
    time_offset INTEGER NOT NULL,
    question TEXT NOT NULL,
    json TEXT NOT NULL
);
-- Whose words an answer quotes: forgetting the source forgets the answer.
CREATE TABLE answer_sources (
    source INTEGER NOT NULL,
    answer INTEGER NOT NULL REFERENCES answers ON DELETE CASCADE,
    PRIMARY KEY (source, answer)
) WITHOUT ROWID;
CREATE INDEX answer_sources_by_answer ON answer_sources (answer);
PRAGMA user_version = 1;
)sql"),
    Sql(R"sql(
CREATE TABLE chats (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    created_offset INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    updated_offset INTEGER NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX chats_by_update ON chats (updated_us);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    chat INTEGER NOT NULL REFERENCES chats ON DELETE CASCADE,
    role INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    time_offset INTEGER NOT NULL,
    text TEXT NOT NULL,
    answer TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
);
CREATE INDEX messages_by_chat ON messages (chat, id);
CREATE INDEX messages_by_answer ON messages (answer);
CREATE VIRTUAL TABLE message_terms USING fts5 (body, content='', contentless_delete=1, tokenize='lar_terms');
CREATE VIRTUAL TABLE message_vocabulary USING fts5vocab (message_terms, row);
PRAGMA user_version = 2;
)sql"),
    // The lexical index leaves the database: segments.h. What is indexed so far is indexed again (upkeep.cpp).
    Sql(R"sql(
DROP TABLE passage_vocabulary;
DROP TABLE passage_terms;
DROP TABLE passage_lengths;
ALTER TABLE tallies DROP COLUMN body_length;
ALTER TABLE tallies DROP COLUMN title_length;
ALTER TABLE tallies DROP COLUMN path_length;
ALTER TABLE tallies DROP COLUMN context_length;
CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    first_passage INTEGER NOT NULL,
    last_passage INTEGER NOT NULL,
    live_documents INTEGER NOT NULL,
    live_version INTEGER NOT NULL,
    -- Of the live passages together, in terms.
    body_length INTEGER NOT NULL,
    title_length INTEGER NOT NULL,
    path_length INTEGER NOT NULL,
    context_length INTEGER NOT NULL,
    live BLOB,
    content BLOB
);
-- At most one row: the passages after done, up to last, are still to be indexed again.
CREATE TABLE reindexing (done INTEGER NOT NULL, last INTEGER NOT NULL);
INSERT INTO reindexing SELECT 0, ifnull(max(id), 0) FROM passages;
PRAGMA user_version = 3;
)sql"),
    Sql(R"sql(
ALTER TABLE passages ADD COLUMN page INTEGER NOT NULL DEFAULT 0;
ALTER TABLE left_out ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 4;
)sql"),
    // Hashes lie anywhere in an index, so a row of a large one costs a page that is written for it alone. Only files
    // are looked for by theirs.
    Sql(R"sql(
DROP INDEX documents_by_hash;
CREATE INDEX files_by_hash ON documents (source, hash) WHERE kind = 0;
PRAGMA user_version = 5;
)sql"),
    // ledger.h says what a row is. The first trigger is for INSERT OR REPLACE, which deletes without asking the third.
    Sql(R"sql(
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_only_grows BEFORE INSERT ON ledger
WHEN NEW.number <= (SELECT ifnull(max(number), 0) FROM ledger)
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
PRAGMA user_version = 6;
)sql"),
    Sql(R"sql(
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    proposed_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX tickets_by_state ON tickets (state, proposed_us);
-- Whose words a ticket holds: forgetting the source forgets the ticket.
CREATE TABLE ticket_sources (
    source INTEGER NOT NULL,
    ticket INTEGER NOT NULL REFERENCES tickets ON DELETE CASCADE,
    PRIMARY KEY (source, ticket)
) WITHOUT ROWID;
CREATE INDEX ticket_sources_by_ticket ON ticket_sources (ticket);
PRAGMA user_version = 7;
)sql"),
    // Passages that are not in English get other terms than they had. The index stays as it is meanwhile: upkeep.cpp
    // goes through all passages and exchanges those.
    Sql(R"sql(
DELETE FROM reindexing;
INSERT INTO reindexing SELECT 0, ifnull(max(id), 0) FROM passages;
PRAGMA user_version = 8;
)sql"),
    // The same again: letters that one language alone has tell passages in it that were taken for English.
    Sql(R"sql(
DELETE FROM reindexing;
INSERT INTO reindexing SELECT 0, ifnull(max(id), 0) FROM passages;
PRAGMA user_version = 9;
)sql"),
};

Result<std::int64_t> setting(Connection& connection, Sql pragma) { return TRY(connection.integer(pragma)).value_or(0); }

std::string backup_name(const std::filesystem::path& path, std::int64_t version) {
    return lar::format("{}.v{}.backup", path.string(), version);
}

Result<> sync_to_disk(const std::filesystem::path& path, int flags) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (!file || ::fsync(file.number()) != 0) return fail_errno("keeping a backup of the store", errno);
    return {};
}

// A copy that is whole or not there: written under another name, then renamed.
Result<> back_up(Connection& connection, const std::filesystem::path& path, std::int64_t version) {
    const std::string name = backup_name(path, version);
    const std::string unfinished = name + ".part";
    {
        // Made beforehand, empty, so that the copy is private from its first byte.
        const Fd made(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!made) return fail_errno("making a backup of the store", errno);
    }
    TRY_VOID(connection.run("VACUUM INTO ?1", unfinished));
    TRY_VOID(sync_to_disk(unfinished, 0));
    std::error_code error;
    std::filesystem::rename(unfinished, name, error);
    if (error) return fail_errno("making a backup of the store", error.value());
    return sync_to_disk(path.parent_path().empty() ? "." : path.parent_path(), O_DIRECTORY);
}

}  // namespace

std::span<const Sql> schema_steps() { return steps; }

Result<> migrate(Connection& connection, const std::filesystem::path& path, std::span<const Sql> wanted) {
    const std::int64_t version = TRY(setting(connection, "PRAGMA user_version"));
    const std::int64_t owner = TRY(setting(connection, "PRAGMA application_id"));
    const std::int64_t tables = TRY(setting(connection, "SELECT count(*) FROM sqlite_schema"));
    const auto newest = static_cast<std::int64_t>(wanted.size());
    if (owner != application_id && (tables != 0 || owner != 0)) {
        return fail(Code::invalid,
                    path.string() + " is a database of another program: name another place for the store");
    }
    if (version > newest) {
        return fail(Code::invalid,
                    lar::format("the store {} was written by a newer Lar (its version {}, this one knows {}): "
                                "use that Lar, or put an older backup in its place",
                                path.string(), version, newest));
    }
    if (version == newest) return {};
    if (version > 0 && !path.empty()) TRY_VOID(back_up(connection, path, version));
    Transaction transaction = TRY(Transaction::begin(connection, Transaction::Kind::write));
    for (const Sql& step : wanted.subspan(static_cast<std::size_t>(version))) TRY_VOID(connection.script(step));
    TRY_VOID(connection.script("PRAGMA application_id = 0x4c617231;"));
    ASSERT(TRY(setting(connection, "PRAGMA user_version")) == newest);
    return transaction.commit();
}

std::vector<std::filesystem::path> backups_of(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> found;
    const auto count = static_cast<std::int64_t>(steps.size());
    for (std::int64_t version = 1; version <= count; ++version) {
        for (const std::string& name : {backup_name(path, version), backup_name(path, version) + ".part"}) {
            std::error_code ignored;  // what cannot be looked at is not there for us
            if (std::filesystem::is_regular_file(name, ignored)) found.emplace_back(name);
        }
    }
    return found;
}

}  // namespace lar::store
