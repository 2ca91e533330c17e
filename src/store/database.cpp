#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "store/terms.h"

namespace lar::store {
namespace {

constexpr int busy_timeout_ms = 5000;
constexpr std::size_t limit_cached_statements = 48;
constexpr std::string_view memory_prefix = "file:/lar-memory-";

bool is_lower_hex(std::string_view text) {
    return !text.empty() && text.size() % 2 == 0 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

char nibble(char digit) { return static_cast<char>(digit <= '9' ? digit - '0' : digit - 'a' + 10); }

std::string bytes_of_hex(std::string_view text) {
    std::string bytes(text.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>((nibble(text[2 * i]) << 4) | nibble(text[2 * i + 1]));
    }
    return bytes;
}

std::string hex_of_bytes(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

// SQLite makes files as the umask allows; a store is its owner's alone, and its WAL takes the mode of the file.
Result<> make_private_file(const std::string& name) {
    const Fd file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail_errno("opening the store " + name, errno);
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return fail_errno("looking at the store", errno);
    if (!S_ISREG(facts.st_mode)) return fail(Code::invalid, "the store " + name + " is not a regular file");
    if ((facts.st_mode & 077) != 0 && ::fchmod(file.number(), 0600) != 0) {
        return fail_errno("making the store private", errno);
    }
    return {};
}

}  // namespace

std::string memory_name() {
    static std::atomic<unsigned> next = 0;
    return lar::format("{}{}?vfs=memdb", memory_prefix, ++next);
}

bool is_memory_name(std::string_view name) { return name.starts_with(memory_prefix); }

// ---- Statement ----

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      bind_status_(other.bind_status_) {}

Statement::~Statement() {
    if (statement_ == nullptr) return;
    if (in_use_ == nullptr) {
        sqlite3_finalize(statement_);
        return;
    }
    reset();
    sqlite3_clear_bindings(statement_);
    *in_use_ = false;
}

void Statement::reset() {
    // Repeats the failure of the last step, which the step has told already.
    sqlite3_reset(statement_);
    bind_status_ = SQLITE_OK;
}

void Statement::note(int status) {
    if (status != SQLITE_OK && bind_status_ == SQLITE_OK) bind_status_ = status;
}

Result<bool> Statement::step(std::source_location where) {
    if (bind_status_ != SQLITE_OK) return connection_->failure(bind_status_, where);
    const int status = sqlite3_step(statement_);
    if (status == SQLITE_ROW) return true;
    if (status == SQLITE_DONE) return false;
    auto failed = connection_->failure(status, where);
    reset();
    return failed;
}

Result<> Statement::run(std::source_location where) {
    while (TRY(step(where))) {
    }
    reset();
    return {};
}

void Statement::bind_at(int index, std::int64_t value) { note(sqlite3_bind_int64(statement_, index, value)); }
void Statement::bind_at(int index, double value) { note(sqlite3_bind_double(statement_, index, value)); }
void Statement::bind_at(int index, std::string_view value) {
    // A null pointer would bind NULL; an empty view may have one.
    note(sqlite3_bind_text64(statement_, index, value.empty() ? "" : value.data(), value.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
}
void Statement::bind_at(int index, Blob value) {
    note(sqlite3_bind_blob64(statement_, index, value.bytes.empty() ? "" : value.bytes.data(), value.bytes.size(),
                             SQLITE_TRANSIENT));
}
void Statement::bind_at(int index, Hex value) {
    if (is_lower_hex(value.text))
        bind_at(index, Blob{bytes_of_hex(value.text)});
    else
        bind_at(index, value.text);
}
void Statement::bind_at(int index, std::nullopt_t) { note(sqlite3_bind_null(statement_, index)); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string Statement::text(int column) const { return std::string(bytes(column)); }
std::string_view Statement::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? std::string_view()
                           : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}
std::string Statement::hex(int column) const {
    const bool packed = sqlite3_column_type(statement_, column) == SQLITE_BLOB;
    return packed ? hex_of_bytes(bytes(column)) : text(column);
}

// ---- Connection ----

Result<std::unique_ptr<Connection>> Connection::open(const std::string& name, Role role) {
    const bool memory = is_memory_name(name);
    if (role == Role::writer && !memory) TRY_VOID(make_private_file(name));
    int flags = role == Role::reader && !memory ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (memory) flags |= SQLITE_OPEN_URI;
    sqlite3* database = nullptr;
    const int status = sqlite3_open_v2(name.c_str(), &database, flags | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<Connection> connection(new Connection(database));  // closes also what failed to open
    if (database == nullptr) return fail(Code::unavailable, "no memory for opening the store");
    if (status != SQLITE_OK) return connection->failure(status, std::source_location::current());

    sqlite3_busy_timeout(database, busy_timeout_ms);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    TRY_VOID(
        connection->script("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;"
                           "PRAGMA secure_delete = ON;"));
    // A reader is there all the time and several at once; the writer fills its cache only while it writes a lot, and
    // gives it back with release_memory().
    if (role == Role::reader) {
        TRY_VOID(connection->script("PRAGMA query_only = ON; PRAGMA cache_size = -512;"));
    } else {
        TRY_VOID(connection->script("PRAGMA cache_size = -4096;"));
    }
    // What is in memory cannot spill: it would lock out a reader of the same thread.
    if (memory) TRY_VOID(connection->script("PRAGMA cache_spill = OFF;"));
    TRY_VOID(register_terms(*connection));
    return connection;
}

Connection::~Connection() {
    for (const auto& cached : cache_) sqlite3_finalize(cached->statement);
    sqlite3_close_v2(database_);
}

Result<sqlite3_stmt*> Connection::compile(const char* sql, std::source_location where) {
    sqlite3_stmt* statement = nullptr;
    const int status = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (status != SQLITE_OK) return failure(status, where);
    ASSERT(statement != nullptr);
    return statement;
}

Result<Statement> Connection::prepare(Sql sql, std::source_location where) {
    // Literals are compared by address: two equal ones cost a second entry, nothing else.
    for (const auto& cached : cache_) {
        if (cached->sql != sql.text() || cached->in_use) continue;
        cached->in_use = true;
        return Statement(*this, cached->statement, &cached->in_use);
    }
    sqlite3_stmt* statement = TRY(compile(sql.text(), where));
    if (cache_.size() >= limit_cached_statements) return Statement(*this, statement, nullptr);
    cache_.push_back(std::make_unique<Cached>(Cached{sql.text(), statement, true}));
    return Statement(*this, statement, &cache_.back()->in_use);
}

Result<> Connection::script(Sql sql, std::source_location where) {
    const int status = sqlite3_exec(database_, sql.text(), nullptr, nullptr, nullptr);
    if (status != SQLITE_OK) return failure(status, where);
    return {};
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }
std::int64_t Connection::last_row() const { return sqlite3_last_insert_rowid(database_); }
int Connection::changed_rows() const { return sqlite3_changes(database_); }
void Connection::release_memory() { sqlite3_db_release_memory(database_); }

std::unexpected<Error> Connection::failure(int status, std::source_location where) const {
    failed_ = true;
    const int system_error = sqlite3_system_errno(database_);
    const char* const file = sqlite3_db_filename(database_, "main");
    const auto detail = [&] { return lar::format("{} ({})", sqlite3_errmsg(database_), status); };
    switch (status & 0xff) {
        case SQLITE_FULL:
            return fail(Code::unavailable,
                        "the disk is full: free some space and try again; what was stored before is safe", where);
        case SQLITE_IOERR:
            if (system_error == ENOSPC || system_error == EDQUOT) {
                return fail(Code::unavailable,
                            "the disk is full: free some space and try again; what was stored before is safe", where);
            }
            return fail(Code::unavailable, "the disk that holds the store failed: " + detail(), where);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(Code::corrupt,
                        lar::format("the store {} is damaged ({}): stop Lar, move it and what lies beside it as its "
                                    "-wal and -shm away, and add your sources again or put a backup in its place",
                                    file != nullptr && *file != '\0' ? file : "in memory", detail()),
                        where);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Code::conflict, "another program is using the store: try again when it has finished", where);
        case SQLITE_CONSTRAINT: return fail(Code::conflict, "it clashes with what is stored: " + detail(), where);
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN: return fail(Code::denied, "the store cannot be opened or written: " + detail(), where);
        case SQLITE_TOOBIG: return fail(Code::too_large, "it is larger than the store can hold", where);
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT: return fail(Code::unavailable, "the store stopped: " + detail(), where);
        default: return fail(Code::internal, "the store: " + detail(), where);
    }
}

// ---- Transaction ----

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
    if (kind == Kind::write)
        TRY_VOID(connection.run("BEGIN IMMEDIATE"));
    else
        TRY_VOID(connection.run("BEGIN"));
    return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
    // A failure such as a full disk may have rolled back already. Rolling back needs no disk, so it cannot fail
    // in a way that leaves anything to do.
    if (connection_ == nullptr || !connection_->in_transaction()) return;
    sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<> Transaction::commit() {
    TRY_VOID(connection_->run("COMMIT"));
    connection_ = nullptr;
    return {};
}

}  // namespace lar::store
