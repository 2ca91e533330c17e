#include "store/writer.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "base/format.h"
#include "base/identity.h"

namespace lar::store {
namespace {

std::optional<std::int64_t> us_of(const std::optional<Timestamp>& time) {
    return time ? std::optional(time->us) : std::nullopt;
}
std::optional<std::int64_t> offset_of(const std::optional<Timestamp>& time) {
    return time ? std::optional<std::int64_t>(time->offset_min) : std::nullopt;
}

Result<> expect_change(const Connection& connection, std::string_view what) {
    if (connection.changed_rows() > 0) return {};
    return fail(Code::not_found, lar::format("there is no such {} in the store", what));
}

}  // namespace

// ---- sources ----

Result<SourceId> Writer::add_source(const Source& source) {
    Connection& connection = impl_.connection;
    if (TRY(connection.integer("SELECT 1 FROM sources WHERE name = ?1", source.name))) {
        return fail(Code::conflict,
                    lar::format("there is a source named '{}' already: choose another name", source.name));
    }
    const auto kind = static_cast<std::int64_t>(source.kind);
    if (TRY(connection.integer("SELECT 1 FROM sources WHERE kind = ?1 AND location = ?2", kind, source.location))) {
        return fail(Code::conflict, lar::format("{} is a source already", source.location));
    }
    TRY_VOID(connection.run(
        "INSERT INTO sources (uuid, name, kind, location, state, detail, added_us, added_offset, synced_us, "
        "synced_offset, sync_state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        impl_.uuid_or_new(source.uuid), source.name, kind, source.location, static_cast<std::int64_t>(source.state),
        source.detail, source.added.us, source.added.offset_min, us_of(source.last_sync), offset_of(source.last_sync),
        source.sync_state));
    const SourceId id{connection.last_row()};
    TRY_VOID(connection.run("INSERT INTO tallies (source) VALUES (?1)", id.value));
    return id;
}

Result<> Writer::update_source(const Source& source) {
    Connection& connection = impl_.connection;
    if (TRY(connection.integer("SELECT 1 FROM sources WHERE name = ?1 AND id <> ?2", source.name, source.id.value))) {
        return fail(Code::conflict,
                    lar::format("there is a source named '{}' already: choose another name", source.name));
    }
    TRY_VOID(connection.run(
        "UPDATE sources SET name = ?2, state = ?3, detail = ?4, synced_us = ?5, synced_offset = ?6, sync_state = ?7 "
        "WHERE id = ?1",
        source.id.value, source.name, static_cast<std::int64_t>(source.state), source.detail, us_of(source.last_sync),
        offset_of(source.last_sync), source.sync_state));
    return expect_change(connection, "source");
}

Result<Counts> Writer::remove_source(SourceId source) {
    Connection& connection = impl_.connection;
    TRY_VOID(impl_.flush_tallies());
    Counts counts;
    {
        Statement tally =
            TRY(connection.prepare("SELECT documents, passages, bytes, commits FROM tallies WHERE source = ?1"));
        tally.bind(source.value);
        if (!TRY(tally.step())) return fail(Code::not_found, "there is no such source in the store");
        counts = {tally.natural(0), tally.natural(1), tally.natural(2), tally.natural(3)};
    }
    Statement documents =
        TRY(connection.prepare("SELECT passage_first, passage_count FROM documents WHERE source = ?1"));
    documents.bind(source.value);
    while (TRY(documents.step())) {
        TRY_VOID(impl_.remove_passages(source, {documents.integer(0), documents.integer(1)}));
    }
    documents.reset();
    TRY_VOID(connection.run("DELETE FROM documents WHERE source = ?1", source.value));
    TRY_VOID(impl_.forget_in_chats(source));
    TRY_VOID(connection.run("DELETE FROM answers WHERE id IN (SELECT answer FROM answer_sources WHERE source = ?1)",
                            source.value));
    TRY_VOID(connection.run("DELETE FROM tickets WHERE id IN (SELECT ticket FROM ticket_sources WHERE source = ?1)",
                            source.value));
    // Tallies, branches, left-outs and jobs go with it.
    TRY_VOID(connection.run("DELETE FROM sources WHERE id = ?1", source.value));
    return counts;
}

// ---- documents ----

Result<DocumentId> Writer::put_document(const Document& document, std::span<const NewPassage> passages) {
    Connection& connection = impl_.connection;
    const auto kind = static_cast<std::int64_t>(document.kind);
    const auto there = TRY(connection.integer("SELECT id FROM documents WHERE source = ?1 AND kind = ?2 AND path = ?3",
                                              document.source.value, kind, document.path));
    const Impl::Passages range = TRY(impl_.reserve_passages(passages.size()));
    DocumentId id;
    if (there) {
        id = {*there};
        const Impl::Stored before = TRY(impl_.stored(id));
        TRY_VOID(impl_.remove_passages(before.source, before.passages));
        impl_.count_document(before.source, before.kind, before.size_bytes, -1);
        TRY_VOID(connection.run(
            "UPDATE documents SET passage_first = ?2, passage_count = ?3, time_us = ?4, time_offset = ?5, modified_ns "
            "= ?6, inode = ?7, size_bytes = ?8, hash = ?9, title = ?10, author = ?11, branch = ?12 WHERE id = ?1",
            id.value, range.first, range.count, document.time.us, document.time.offset_min, document.modified_ns,
            document.inode, document.size_bytes, Hex{document.hash}, document.title, document.author, document.branch));
    } else {
        TRY_VOID(connection.run(
            "INSERT INTO documents (source, kind, path, passage_first, passage_count, time_us, time_offset, "
            "modified_ns, inode, size_bytes, hash, uuid, title, author, branch) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            document.source.value, kind, document.path, range.first, range.count, document.time.us,
            document.time.offset_min, document.modified_ns, document.inode, document.size_bytes, Hex{document.hash},
            impl_.uuid_or_new(document.uuid), document.title, document.author, document.branch));
        id = {connection.last_row()};
    }
    TRY_VOID(impl_.add_passages(document.source, id, range, passages));
    impl_.count_document(document.source, document.kind, document.size_bytes, +1);
    return id;
}

Result<> Writer::touch_document(DocumentId document, std::int64_t modified_ns, std::uint64_t inode, Timestamp time) {
    TRY_VOID(impl_.connection.run(
        "UPDATE documents SET modified_ns = ?2, inode = ?3, time_us = ?4, time_offset = ?5 WHERE id = ?1",
        document.value, modified_ns, inode, time.us, time.offset_min));
    return expect_change(impl_.connection, "document");
}

Result<> Writer::move_document(DocumentId document, const Document& moved, std::span<const NewPassage> reindexed) {
    Connection& connection = impl_.connection;
    const Impl::Stored before = TRY(impl_.stored(document));
    const auto kind = static_cast<std::int64_t>(before.kind);
    if (TRY(connection.integer("SELECT 1 FROM documents WHERE source = ?1 AND kind = ?2 AND path = ?3 AND id <> ?4",
                               before.source.value, kind, moved.path, document.value))) {
        return fail(Code::conflict, "another document is at that place: remove it first");
    }
    Impl::Passages range = before.passages;
    if (range.count == static_cast<std::int64_t>(reindexed.size())) {
        TRY_VOID(impl_.reindex_passages(range, reindexed));
    } else {
        TRY_VOID(impl_.remove_passages(before.source, range));
        range = TRY(impl_.reserve_passages(reindexed.size()));
        TRY_VOID(impl_.add_passages(before.source, document, range, reindexed));
    }
    TRY_VOID(connection.run(
        "UPDATE documents SET path = ?2, passage_first = ?3, passage_count = ?4, time_us = ?5, time_offset = ?6, "
        "modified_ns = ?7, inode = ?8, size_bytes = ?9, hash = ?10, title = ?11, author = ?12, branch = ?13 "
        "WHERE id = ?1",
        document.value, moved.path, range.first, range.count, moved.time.us, moved.time.offset_min, moved.modified_ns,
        moved.inode, moved.size_bytes, Hex{moved.hash}, moved.title, moved.author, moved.branch));
    impl_.count_document(before.source, before.kind, before.size_bytes, -1);
    impl_.count_document(before.source, before.kind, moved.size_bytes, +1);
    return {};
}

Result<> Writer::remove_document(DocumentId document) {
    const Impl::Stored before = TRY(impl_.stored(document));
    TRY_VOID(impl_.remove_passages(before.source, before.passages));
    TRY_VOID(impl_.connection.run("DELETE FROM documents WHERE id = ?1", document.value));
    impl_.count_document(before.source, before.kind, before.size_bytes, -1);
    return {};
}

Result<> Writer::put_left_out(SourceId source, std::string_view below, std::span<const LeftOut> left_out) {
    Connection& connection = impl_.connection;
    if (below.empty()) {
        TRY_VOID(connection.run("DELETE FROM left_out WHERE source = ?1", source.value));
    } else {
        // What is below a folder begins with its name and '/', and '0' is the character after '/'.
        TRY_VOID(
            connection.run("DELETE FROM left_out WHERE source = ?1 AND "
                           "(path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0'))",
                           source.value, below));
    }
    for (const LeftOut& entry : left_out) {
        TRY_VOID(
            connection.run("INSERT OR REPLACE INTO left_out (source, path, reason, detail, stamp) "
                           "VALUES (?1, ?2, ?3, ?4, ?5)",
                           source.value, entry.path, entry.reason, entry.detail, entry.stamp));
    }
    return {};
}

// ---- branches ----

namespace {

std::string digest_of(const std::set<std::string>& names) {
    std::string joined;
    for (const std::string& name : names) joined.append(name).push_back('\n');
    return hash_hex(joined);
}

Result<std::set<std::string>> commits_of(Connection& connection, std::int64_t branch) {
    std::set<std::string> names;
    Statement statement = TRY(connection.prepare("SELECT name FROM branch_commits WHERE branch = ?1"));
    statement.bind(branch);
    while (TRY(statement.step())) names.insert(statement.hex(0));
    return names;
}

}  // namespace

Result<> Writer::put_branch_commits(SourceId source, const std::string& branch, std::span<const std::string> commits) {
    Connection& connection = impl_.connection;
    const std::set<std::string> wanted(commits.begin(), commits.end());
    const std::string digest = digest_of(wanted);
    // Most branches do not change between two syncs; those that do gain a few commits.
    TRY_VOID(
        connection.run("INSERT INTO branches (source, name, digest) VALUES (?1, ?2, '') "
                       "ON CONFLICT (source, name) DO NOTHING",
                       source.value, branch));
    std::int64_t id = 0;
    {
        Statement find = TRY(connection.prepare("SELECT id, digest FROM branches WHERE source = ?1 AND name = ?2"));
        find.bind(source.value, branch);
        if (!TRY(find.step())) return fail(Code::internal, "a branch just written is not there");
        if (find.bytes(1) == digest) return {};
        id = find.integer(0);
    }
    const std::set<std::string> there = TRY(commits_of(connection, id));
    for (const std::string& name : there) {
        if (wanted.contains(name)) continue;
        TRY_VOID(connection.run("DELETE FROM branch_commits WHERE branch = ?1 AND name = ?2", id, Hex{name}));
    }
    for (const std::string& name : wanted) {
        if (there.contains(name)) continue;
        TRY_VOID(connection.run("INSERT INTO branch_commits (branch, name) VALUES (?1, ?2)", id, Hex{name}));
    }
    return connection.run("UPDATE branches SET digest = ?2 WHERE id = ?1", id, digest);
}

Result<> Writer::remove_branches_except(SourceId source, std::span<const std::string> keep) {
    Connection& connection = impl_.connection;
    const std::set<std::string> kept(keep.begin(), keep.end());
    std::vector<std::int64_t> gone;
    {
        Statement branches = TRY(connection.prepare("SELECT id, name FROM branches WHERE source = ?1"));
        branches.bind(source.value);
        while (TRY(branches.step())) {
            if (!kept.contains(branches.text(1))) gone.push_back(branches.integer(0));
        }
    }
    for (const std::int64_t id : gone) TRY_VOID(connection.run("DELETE FROM branches WHERE id = ?1", id));
    return {};
}

// ---- jobs and answers ----

Result<JobId> Writer::add_job(const Job& job) {
    Connection& connection = impl_.connection;
    const std::optional<std::int64_t> source = job.source ? std::optional(job.source->value) : std::nullopt;
    TRY_VOID(connection.run(
        "INSERT INTO jobs (uuid, kind, source, state, created_us, created_offset, started_us, started_offset, "
        "finished_us, finished_offset, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        impl_.uuid_or_new(job.uuid), job.kind, source, static_cast<std::int64_t>(job.state), job.created.us,
        job.created.offset_min, us_of(job.started), offset_of(job.started), us_of(job.finished),
        offset_of(job.finished), job.error));
    const JobId id{connection.last_row()};
    TRY_VOID(
        connection.run("DELETE FROM jobs WHERE state >= ?1 AND id <= "
                       "(SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                       static_cast<std::int64_t>(JobState::done), limit_jobs_kept));
    return id;
}

Result<> Writer::update_job(const Job& job) {
    TRY_VOID(impl_.connection.run(
        "UPDATE jobs SET state = ?2, started_us = ?3, started_offset = ?4, finished_us = ?5, finished_offset = ?6, "
        "error = ?7 WHERE id = ?1",
        job.id.value, static_cast<std::int64_t>(job.state), us_of(job.started), offset_of(job.started),
        us_of(job.finished), offset_of(job.finished), job.error));
    return expect_change(impl_.connection, "job");
}

Result<> Writer::keep_answer(const KeptAnswer& answer) {
    Connection& connection = impl_.connection;
    TRY_VOID(connection.run(
        "INSERT INTO answers (uuid, time_us, time_offset, question, json) VALUES (?1, ?2, ?3, ?4, ?5)",
        impl_.uuid_or_new(answer.uuid), answer.time.us, answer.time.offset_min, answer.question, answer.json));
    const std::int64_t id = connection.last_row();
    if (!answer.sources) {
        TRY_VOID(connection.run("INSERT INTO answer_sources (source, answer) SELECT id, ?1 FROM sources", id));
    }
    for (const std::string& name : answer.sources.value_or(std::vector<std::string>())) {
        TRY_VOID(
            connection.run("INSERT OR IGNORE INTO answer_sources (source, answer) "
                           "SELECT id, ?1 FROM sources WHERE name = ?2",
                           id, name));
    }
    return connection.run(
        "DELETE FROM answers WHERE id <= "
        "(SELECT id FROM answers ORDER BY id DESC LIMIT 1 OFFSET ?1) "
        "AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.answer = answers.uuid)",
        limit_answers_kept);
}

}  // namespace lar::store
