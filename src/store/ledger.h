// The ledger as rows: append-only, each row holding the hash of itself and of all before it.
//
// An auditor needs no program of ours. Rows are numbered 1, 2, 3 … without a gap, and the hash of a row is SHA-256 over
// these bytes, where HASH BEFORE is the hash of the row before as 64 lower-case hex digits (64 zeros before the first),
// numbers are decimal without leading zeros, times are microseconds since 1970 in UTC and each "\n" is one byte 0x0a:
//
//     HASH BEFORE "\n" NUMBER "\n" TIME_US "\n" KIND "\n" CONTENT "\n"
//
//     sqlite3 lar.db "SELECT number, time_us, kind, content, lower(hex(hash)) FROM ledger ORDER BY number"
//
// KIND is a word and CONTENT one line of JSON (wire/ledger.h), hashed and kept as the same bytes. Nothing is changed or
// deleted: no function here does, and triggers of the database refuse it to everybody who does not remove them first.
//
// check_ledger() finds every row whose bytes changed, a row taken out or put in, and rows taken off the end: those by
// sqlite's own count of numbers given, and by a head that the caller kept elsewhere (consent/ledger.h). Whoever
// rewrites all rows from some point on, the count and that head as well leaves no trace here: only a head that was
// handed to somebody else shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lar::store {

inline constexpr std::size_t limit_ledger_kind_bytes = 32;
inline constexpr std::size_t limit_ledger_content_bytes = 16 * 1024;
inline constexpr std::size_t limit_ledger_page = 1000;  // rows read at once

struct LedgerRow {
    std::int64_t number = 0;
    std::int64_t time_us = 0;
    std::string kind;
    std::string content;
    std::string hash;
};
// How far a ledger goes.
struct LedgerHead {
    std::int64_t number = 0;  // of its last row; 0: none
    std::string hash = std::string(64, '0');
    bool operator==(const LedgerHead&) const = default;
};
// The first place where a ledger does not hold.
struct LedgerFault {
    std::int64_t number = 0;
    std::int64_t time_us = 0;  // as the row says; 0: there is no such row
    std::string kind;          // the same
    std::string reason;        // a sentence
};
struct LedgerCheck {
    LedgerHead head;  // as far as it holds
    std::optional<LedgerFault> fault;
};

std::string ledger_hash(std::string_view hash_before, const LedgerRow& row);  // row.hash is not looked at

}  // namespace lar::store
