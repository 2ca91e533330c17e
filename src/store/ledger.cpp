#include "store/ledger.h"

#include <algorithm>

#include "base/format.h"
#include "base/sha256.h"
#include "store/reader.h"
#include "store/store.h"
#include "store/writer.h"

namespace lar::store {
namespace {

constexpr Sql last_row("SELECT number, hash FROM ledger ORDER BY number DESC LIMIT 1");

Result<LedgerHead> head_of(Connection& connection) {
    LedgerHead head;
    Statement row = TRY(connection.prepare(last_row));
    if (TRY(row.step())) head = {row.integer(0), row.hex(1)};
    return head;
}

// Numbers that were ever given: sqlite keeps count, also of rows that are gone.
Result<std::int64_t> numbers_given(Connection& connection) {
    return TRY(connection.integer("SELECT seq FROM sqlite_sequence WHERE name = 'ledger'")).value_or(0);
}

bool is_word(std::string_view kind) {
    return !kind.empty() && kind.size() <= limit_ledger_kind_bytes &&
           std::ranges::all_of(kind, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

LedgerFault missing(std::int64_t number, std::string reason) { return {.number = number, .reason = std::move(reason)}; }

}  // namespace

std::string ledger_hash(std::string_view hash_before, const LedgerRow& row) {
    Sha256 hash;
    hash.add(hash_before);
    hash.add(lar::format("\n{}\n{}\n", row.number, row.time_us));
    hash.add(row.kind);
    hash.add("\n");
    hash.add(row.content);
    hash.add("\n");
    return hash.finish();
}

Result<LedgerHead> Writer::append_ledger(std::int64_t time_us, std::string_view kind, std::string_view content) {
    if (!is_word(kind)) return fail(Code::invalid, "the kind of an entry of the ledger is a word");
    if (content.size() > limit_ledger_content_bytes || content.contains('\n'))
        return fail(Code::invalid, "the content of an entry of the ledger is one line, and not a long one");
    Connection& connection = impl_.connection;
    const LedgerHead before = TRY(head_of(connection));
    // Behind rows that somebody took off the end there stays a gap.
    LedgerRow row{.number = std::max(before.number, TRY(numbers_given(connection))) + 1,
                  .time_us = time_us,
                  .kind = std::string(kind),
                  .content = std::string(content)};
    row.hash = ledger_hash(before.hash, row);
    TRY_VOID(connection.run("INSERT INTO ledger (number, time_us, kind, content, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
                            row.number, row.time_us, row.kind, row.content, Hex{row.hash}));
    return LedgerHead{row.number, row.hash};
}

Result<LedgerHead> Reader::ledger_head() { return head_of(impl_->connection()); }

Result<std::optional<std::string>> Reader::ledger_hash_at(std::int64_t number) {
    Statement row = TRY(impl_->connection().prepare("SELECT hash FROM ledger WHERE number = ?1"));
    row.bind(number);
    if (!TRY(row.step())) return std::nullopt;
    return row.hex(0);
}

Result<std::vector<LedgerRow>> Reader::ledger(std::int64_t after, const TimeWindow& window) {
    std::vector<LedgerRow> found;
    Statement rows =
        TRY(impl_->connection().prepare("SELECT number, time_us, kind, content, hash FROM ledger "
                                        "WHERE number > ?1 AND (?2 IS NULL OR time_us >= ?2) "
                                        "AND (?3 IS NULL OR time_us < ?3) ORDER BY number LIMIT ?4"));
    rows.bind(after, window.since_us, window.until_us, limit_ledger_page);
    while (TRY(rows.step()))
        found.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), rows.hex(4)});
    return found;
}

Result<LedgerCheck> Reader::check_ledger(const std::optional<LedgerHead>& known) {
    LedgerCheck check;
    Connection& connection = impl_->connection();
    // One statement sees one state, whatever is appended meanwhile; the count, read before, is then at most that of
    // the rows.
    const std::int64_t given = TRY(numbers_given(connection));
    Statement rows =
        TRY(connection.prepare("SELECT number, time_us, kind, content, hash, "
                               "typeof(time_us) = 'integer' AND typeof(kind) = 'text' AND typeof(content) = 'text' "
                               "AND typeof(hash) = 'blob' FROM ledger ORDER BY number"));
    while (TRY(rows.step())) {
        const LedgerRow row{rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), rows.hex(4)};
        const auto fault = [&](std::string reason) {
            check.fault = {row.number, row.time_us, row.kind, std::move(reason)};
            return check;
        };
        const std::int64_t expected = check.head.number + 1;
        if (row.number < expected) return fault("its number is not one that an entry can have");
        if (row.number > expected) {
            check.fault = missing(expected, lar::format("it is not there; the next one is {}", row.number));
            return check;
        }
        if (rows.integer(5) != 1) return fault("its bytes are not what was written");
        if (row.hash != ledger_hash(check.head.hash, row))
            return fault("its bytes, or those of the hash before it, are not what was written");
        if (known && known->number == row.number && known->hash != row.hash)
            return fault("its hash is not the one that was kept beside the store");
        check.head = {row.number, row.hash};
    }
    const std::int64_t known_number = known ? known->number : 0;
    if (const std::int64_t last = std::max(given, known_number); last > check.head.number)
        check.fault = missing(check.head.number + 1, lar::format("it is not there, though {} were written", last));
    return check;
}

}  // namespace lar::store
