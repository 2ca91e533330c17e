// The one wrapper of SQLite: connections and statements whose failures are Results.
//
// SQL reaches SQLite only as a string literal (Sql can be made from nothing else), and values only by
// binding, so no text of the user's is ever part of a statement. Connection::prepare hands out a
// statement from a small cache; it goes back, reset, when it leaves its scope. A failure carries what to
// do: a full disk is `unavailable`, a damaged file `corrupt`, a locked one `conflict`.
//
// One connection belongs to one thread at a time; release_memory() alone may come from another.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lar::store {

// SQL text that was written in this program, not made by it.
class Sql {
public:
    template <std::size_t N>
    consteval Sql(const char (&text)[N]) : text_(text) {}
    const char* text() const { return text_; }

private:
    const char* text_;
};

struct Blob {
    std::string_view bytes;
};
// Hexadecimal text kept as the bytes it stands for, which halves every hash; other text is kept as it is.
struct Hex {
    std::string_view text;
};

class Connection;

class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    // Binds all parameters, first to last. What cannot be bound (too long) makes the next step fail.
    template <class... Args>
    Statement& bind(const Args&... args) {
        [[maybe_unused]] int index = 0;
        (bind_at(++index, args), ...);
        return *this;
    }
    Result<bool> step(std::source_location where = std::source_location::current());  // true: there is a row
    // Runs to the end, ignoring rows, and makes ready for the next bind.
    Result<> run(std::source_location where = std::source_location::current());
    void reset();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::uint64_t natural(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    double real(int column) const;
    std::string text(int column) const;
    std::string_view bytes(int column) const;  // until the next step
    std::string hex(int column) const;         // what was bound as Hex

private:
    friend class Connection;
    Statement(Connection& connection, sqlite3_stmt* statement, bool* in_use)
        : connection_(&connection), statement_(statement), in_use_(in_use) {}

    void bind_at(int index, std::int64_t value);
    void bind_at(int index, double value);
    void bind_at(int index, std::string_view value);
    void bind_at(int index, Blob value);
    void bind_at(int index, Hex value);
    void bind_at(int index, std::nullopt_t);
    template <std::integral T>
    void bind_at(int index, T value) {
        bind_at(index, static_cast<std::int64_t>(value));
    }
    void bind_at(int index, const std::string& value) { bind_at(index, std::string_view(value)); }
    void bind_at(int index, const char* value) { bind_at(index, std::string_view(value)); }
    template <class T>
    void bind_at(int index, const std::optional<T>& value) {
        if (value)
            bind_at(index, *value);
        else
            bind_at(index, std::nullopt);
    }
    void note(int status);

    Connection* connection_;
    sqlite3_stmt* statement_;
    bool* in_use_;  // null: not from the cache
    int bind_status_ = 0;
};

// What a connection is for decides its flags and how much memory its page cache may take.
enum class Role : std::uint8_t { writer, reader };

class Connection {
public:
    // `name` is a file, or what memory_name() gave. A writer makes a missing file, mode 0600.
    static Result<std::unique_ptr<Connection>> open(const std::string& name, Role role);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<Statement> prepare(Sql sql, std::source_location where = std::source_location::current());
    template <class... Args>
    Result<> run(Sql sql, const Args&... args) {
        Statement statement = TRY(prepare(sql));
        return statement.bind(args...).run();
    }
    // The first column of the first row; nothing where there is no row.
    template <class... Args>
    Result<std::optional<std::int64_t>> integer(Sql sql, const Args&... args) {
        Statement statement = TRY(prepare(sql));
        statement.bind(args...);
        if (!TRY(statement.step())) return std::nullopt;
        return statement.integer(0);
    }
    // Several statements at once, without values: schemas and settings.
    Result<> script(Sql sql, std::source_location where = std::source_location::current());

    bool in_transaction() const;
    std::int64_t last_row() const;
    int changed_rows() const;
    void release_memory();  // any thread
    sqlite3* handle() const { return database_; }

    // What the last failure of this connection means; `doing` is for people.
    std::unexpected<Error> failure(int status, std::source_location where) const;
    // True once a statement has failed since the last clear_failed(): what it was part of must be undone.
    bool failed() const { return failed_; }
    void clear_failed() { failed_ = false; }

private:
    struct Cached {
        const char* sql = nullptr;
        sqlite3_stmt* statement = nullptr;
        bool in_use = false;
    };
    friend class Statement;
    explicit Connection(sqlite3* database) : database_(database) {}
    Result<sqlite3_stmt*> compile(const char* sql, std::source_location where);

    sqlite3* database_;
    // unique_ptr: a statement keeps the address of its in_use.
    std::vector<std::unique_ptr<Cached>> cache_;
    mutable bool failed_ = false;
};

// Undoes everything unless commit() succeeded.
class Transaction {
public:
    enum class Kind : std::uint8_t { read, write };
    static Result<Transaction> begin(Connection& connection, Kind kind);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<> commit();

private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

// The name of a database in memory that all connections of this process share; a new one each time.
std::string memory_name();
bool is_memory_name(std::string_view name);

}  // namespace lar::store
