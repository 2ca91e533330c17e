#include "store/reader.h"

#include <algorithm>
#include <utility>

#include "store/rows.h"
#include "store/scope.h"

namespace lar::store {

void ConnectionList::add(Connection& connection) {
    const std::scoped_lock lock(mutex_);
    connections_.push_back(&connection);
}
void ConnectionList::remove(Connection& connection) {
    const std::scoped_lock lock(mutex_);
    std::erase(connections_, &connection);
}
void ConnectionList::release_memory() {
    const std::scoped_lock lock(mutex_);
    for (Connection* connection : connections_) connection->release_memory();
}

Reader::Impl::Impl(std::unique_ptr<Connection> on, std::shared_ptr<ConnectionList> list,
                   std::shared_ptr<SegmentShelf> shelf)
    : connection_(std::move(on)), list_(std::move(list)), shelf_(std::move(shelf)) {
    list_->add(*connection_);
}
Reader::Impl::~Impl() { list_->remove(*connection_); }

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

// ---- sources ----

Result<std::vector<Source>> Reader::sources() {
    std::vector<Source> found;
    Statement rows = TRY(impl_->connection().prepare("SELECT " LAR_SOURCE_COLUMNS " FROM sources s ORDER BY s.name"));
    while (TRY(rows.step())) found.push_back(source_at(rows));
    return found;
}

Result<std::optional<Source>> Reader::source_named(std::string_view name) {
    Statement row = TRY(impl_->connection().prepare("SELECT " LAR_SOURCE_COLUMNS " FROM sources s WHERE s.name = ?1"));
    row.bind(name);
    if (!TRY(row.step())) return std::nullopt;
    return source_at(row);
}

Result<Counts> Reader::counts(std::optional<SourceId> source) {
    Statement row = TRY(impl_->connection().prepare(
        "SELECT sum(documents), sum(passages), sum(bytes), sum(commits) FROM tallies WHERE ?1 IS NULL OR source = ?1"));
    row.bind(source ? std::optional(source->value) : std::nullopt);
    TRY_VOID(row.step());
    return Counts{row.natural(0), row.natural(1), row.natural(2), row.natural(3)};
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> Reader::left_out_counts(SourceId source) {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    Statement rows = TRY(impl_->connection().prepare(
        "SELECT reason, count(*) FROM left_out WHERE source = ?1 GROUP BY reason ORDER BY count(*) DESC, reason"));
    rows.bind(source.value);
    while (TRY(rows.step())) found.emplace_back(rows.text(0), rows.natural(1));
    return found;
}

Result<std::vector<LeftOut>> Reader::left_out(SourceId source, std::size_t limit) {
    std::vector<LeftOut> found;
    Statement rows = TRY(impl_->connection().prepare(
        "SELECT path, reason, detail, stamp FROM left_out WHERE source = ?1 ORDER BY path LIMIT ?2"));
    rows.bind(source.value, limit);
    while (TRY(rows.step())) found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
    return found;
}

Result<std::vector<LeftOut>> Reader::left_out_below(SourceId source, std::string_view path, std::size_t limit) {
    std::vector<LeftOut> found;
    Statement rows = TRY(
        impl_->connection().prepare("SELECT path, reason, detail, stamp FROM left_out WHERE source = ?1 AND "
                                    "(path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0')) ORDER BY path LIMIT ?3"));
    rows.bind(source.value, path, limit);
    while (TRY(rows.step())) found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
    return found;
}

// ---- documents ----

Result<std::optional<Document>> Reader::document_at(SourceId source, DocumentKind kind, std::string_view path) {
    Statement row = TRY(impl_->connection().prepare(
        "SELECT " LAR_DOCUMENT_COLUMNS " FROM documents d WHERE d.source = ?1 AND d.kind = ?2 AND d.path = ?3"));
    row.bind(source.value, static_cast<std::int64_t>(kind), path);
    if (!TRY(row.step())) return std::nullopt;
    return store::document_at(row, 0);
}

Result<std::vector<Document>> Reader::documents(SourceId source, DocumentKind kind, std::string_view after,
                                                std::size_t limit) {
    std::vector<Document> found;
    // A path is never empty, so "" is before all of them.
    Statement rows =
        TRY(impl_->connection().prepare("SELECT " LAR_DOCUMENT_COLUMNS
                                        " FROM documents d WHERE d.source = ?1 AND d.kind = ?2 AND d.path > ?3 "
                                        "ORDER BY d.path LIMIT ?4"));
    rows.bind(source.value, static_cast<std::int64_t>(kind), after, limit);
    while (TRY(rows.step())) found.push_back(store::document_at(rows, 0));
    return found;
}

Result<std::vector<Document>> Reader::files_with_hash(SourceId source, std::string_view hash) {
    std::vector<Document> found;
    // The number of the kind stands in the text, because the index is on files alone; it is named, because reading all
    // files in the order of their paths looks as good to SQLite.
    static_assert(static_cast<int>(DocumentKind::file) == 0);
    Statement rows =
        TRY(impl_->connection().prepare("SELECT " LAR_DOCUMENT_COLUMNS " FROM documents d INDEXED BY files_by_hash "
                                        "WHERE d.source = ?1 AND d.kind = 0 AND d.hash = ?2 ORDER BY d.path LIMIT ?3"));
    rows.bind(source.value, Hex{hash}, limit_hits);
    while (TRY(rows.step())) found.push_back(store::document_at(rows, 0));
    return found;
}

namespace {

Result<Statement> latest_in(Connection& connection, const Scope& scope, const ScopeParts& parts,
                            const ScopeParts::Part& part, std::size_t limit) {
    const auto kind = static_cast<std::int64_t>(part.kind);
    if (!scope.branch.empty() && part.kind == DocumentKind::commit) {
        Statement commits =
            TRY(connection.prepare("SELECT " LAR_DOCUMENT_COLUMNS
                                   " FROM branches b CROSS JOIN branch_commits c ON c.branch = b.id "
                                   "CROSS JOIN documents d ON d.source = ?1 AND d.kind = ?2 AND "
                                   "d.path = CASE typeof(c.name) WHEN 'blob' THEN lower(hex(c.name)) ELSE c.name END "
                                   "WHERE b.source = ?1 AND b.name = ?6 AND d.time_us >= ?3 AND d.time_us < ?4 "
                                   "ORDER BY d.time_us DESC, d.id DESC LIMIT ?5"));
        commits.bind(part.source, kind, parts.since_us, parts.until_us, limit, scope.branch);
        return commits;
    }
    Statement all =
        TRY(connection.prepare("SELECT " LAR_DOCUMENT_COLUMNS " FROM documents d WHERE d.source = ?1 AND d.kind = ?2 "
                               "AND d.time_us >= ?3 AND d.time_us < ?4 AND (?6 = '' OR d.branch = ?6) "
                               "ORDER BY d.time_us DESC LIMIT ?5"));
    all.bind(part.source, kind, parts.since_us, parts.until_us, limit, scope.branch);
    return all;
}

}  // namespace

Result<std::vector<Document>> Reader::latest_documents(const Scope& scope, std::size_t limit) {
    Connection& connection = impl_->connection();
    Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
    const ScopeParts parts = TRY(parts_of(connection, scope));
    std::vector<Document> found;
    for (const ScopeParts::Part& part : parts.parts) {
        Statement rows = TRY(latest_in(connection, scope, parts, part, limit));
        while (TRY(rows.step())) found.push_back(store::document_at(rows, 0));
    }
    std::ranges::sort(found, [](const Document& a, const Document& b) {
        return std::pair(a.time.us, a.id.value) > std::pair(b.time.us, b.id.value);
    });
    if (found.size() > limit) found.resize(limit);
    return found;
}

Result<std::vector<std::string>> Reader::branches(SourceId source) {
    std::vector<std::string> found;
    Statement rows = TRY(impl_->connection().prepare("SELECT name FROM branches WHERE source = ?1 ORDER BY name"));
    rows.bind(source.value);
    while (TRY(rows.step())) found.push_back(rows.text(0));
    return found;
}

// ---- passages ----

namespace {

PlacedPassage placed_at(const Statement& row) {
    return {
        .passage = passage_at(row, 0),
        .document = document_at(row, passage_columns),
        .source_name = row.text(passage_columns + document_columns),
        .source_location = row.text(passage_columns + document_columns + 1),
    };
}

}  // namespace

Result<std::vector<PlacedPassage>> Reader::passages(std::span<const PassageId> ids) {
    Connection& connection = impl_->connection();
    Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
    std::vector<PlacedPassage> found;
    found.reserve(ids.size());
    Statement row =
        TRY(connection.prepare(
            "SELECT " LAR_PASSAGE_COLUMNS ", " LAR_DOCUMENT_COLUMNS ", s.name, s.location "
            "FROM passages p JOIN documents d ON d.id = p.document JOIN sources s ON s.id = d.source WHERE p.id = ?1"));
    for (const PassageId id : ids) {
        row.bind(id.value);
        if (TRY(row.step())) found.push_back(placed_at(row));
        row.reset();
    }
    return found;
}

Result<std::vector<PlacedPassage>> Reader::passages_of(DocumentId document, std::size_t limit) {
    std::vector<PlacedPassage> found;
    Statement rows =
        TRY(impl_->connection().prepare(
            "SELECT " LAR_PASSAGE_COLUMNS ", " LAR_DOCUMENT_COLUMNS ", s.name, s.location "
            "FROM documents d JOIN sources s ON s.id = d.source "
            "JOIN passages p ON p.id >= d.passage_first AND p.id < d.passage_first + d.passage_count "
            "WHERE d.id = ?1 ORDER BY p.id LIMIT ?2"));
    rows.bind(document.value, limit);
    while (TRY(rows.step())) found.push_back(placed_at(rows));
    return found;
}

Result<std::uint64_t> Reader::passages_in(const Scope& scope) {
    if (is_everything(scope)) return TRY(counts(std::nullopt)).passages;
    Connection& connection = impl_->connection();
    Transaction snapshot = TRY(Transaction::begin(connection, Transaction::Kind::read));
    std::int64_t total = 0;
    TRY_VOID(each_passage_range(connection, scope, [&](std::int64_t, std::int64_t count) { total += count; }));
    return static_cast<std::uint64_t>(total);
}

// ---- jobs and answers ----

Result<std::vector<Job>> Reader::jobs(std::size_t limit) {
    std::vector<Job> found;
    Statement rows =
        TRY(impl_->connection().prepare("SELECT " LAR_JOB_COLUMNS " FROM jobs j ORDER BY j.id DESC LIMIT ?1"));
    rows.bind(limit);
    while (TRY(rows.step())) found.push_back(job_at(rows));
    return found;
}

Result<std::vector<Job>> Reader::unfinished_jobs() {
    std::vector<Job> found;
    Statement rows =
        TRY(impl_->connection().prepare("SELECT " LAR_JOB_COLUMNS " FROM jobs j WHERE j.state < ?1 ORDER BY j.id"));
    rows.bind(static_cast<std::int64_t>(JobState::done));
    while (TRY(rows.step())) found.push_back(job_at(rows));
    return found;
}

namespace {

KeptAnswer answer_at(const Statement& row) {
    return {.uuid = row.text(0), .time = time_at(row, 1), .question = row.text(3), .json = row.text(4)};
}

}  // namespace

Result<std::vector<KeptAnswer>> Reader::answers(std::size_t limit) {
    std::vector<KeptAnswer> found;
    Statement rows = TRY(impl_->connection().prepare(
        "SELECT uuid, time_us, time_offset, question, json FROM answers ORDER BY id DESC LIMIT ?1"));
    rows.bind(limit);
    while (TRY(rows.step())) found.push_back(answer_at(rows));
    return found;
}

Result<std::optional<KeptAnswer>> Reader::answer(std::string_view uuid) {
    Statement row = TRY(
        impl_->connection().prepare("SELECT uuid, time_us, time_offset, question, json FROM answers WHERE uuid = ?1"));
    row.bind(uuid);
    if (!TRY(row.step())) return std::nullopt;
    return answer_at(row);
}

}  // namespace lar::store
