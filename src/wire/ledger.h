// The ledger: what its entries hold, as they are kept and hashed (store/ledger.h), and what /lar/v1/ledger says of
// them.
//
// No entry holds text of the user's: names of models, hosts and processes, counts, hashes. Money is in US dollars, as
// providers list it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lar::wire {

// A ticket: one entry before its bytes leave, one when something came back or nothing did.
inline constexpr std::string_view handoff_leaves = "leaving";
inline constexpr std::string_view handoff_unknown = "unknown";  // lard ended before anything came back
struct LedgerHandoff {
    std::string ticket;  // id
    std::string provider, host, model;
    std::string payload;  // SHA-256 of the approved bytes
    std::uint64_t bytes_out = 0, bytes_in = 0;
    std::string approved_by;                                // who, and by which way: "user, unix socket"
    std::string approved;                                   // RFC 3339
    std::uint64_t prompt_tokens = 0, generated_tokens = 0;  // as the provider counted them
    double cost = 0;
    std::string outcome;  // handoff_leaves; then "answered", a lar::Code, or handoff_unknown
};
struct LedgerDownload {
    std::string host;
    std::uint64_t bytes = 0;
    std::string sha256;
    std::string outcome;  // "complete", or why it is not
};
struct LedgerDenied {
    std::string process;  // "lar-engine"
    std::string attempt;  // "connect"
};
// What a model of this machine computed for one request.
struct LedgerComputed {
    std::string model;
    std::string output = "text";  // or "vectors", "scores" (of passages against a question)
    std::uint64_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
    double cpu_seconds = 0;
    std::optional<double> joules;  // none: neither measured nor estimated
    std::string energy;            // how that is known: "measured, whole processor", "estimated at 65 W"
    std::optional<double> listed_cost;
    std::string listed;  // whose prices: "openai gpt-5-mini"
};
using LedgerEntry = std::variant<LedgerHandoff, LedgerDownload, LedgerDenied, LedgerComputed>;

// ---- /lar/v1/ledger ----

struct ApiLedgerEntry {
    std::int64_t number = 0;
    std::string time;
    std::string kind;  // handoff, download, denied, computed; its content is under that name
    std::optional<LedgerHandoff> handoff;
    std::optional<LedgerDownload> download;
    std::optional<LedgerDenied> denied;
    std::optional<LedgerComputed> computed;
    std::string hash;
};
struct ApiLedgerTotals {
    std::uint64_t answers = 0;                              // texts that were computed here
    std::uint64_t prompt_tokens = 0, generated_tokens = 0;  // for those, for vectors and for scores
    double cpu_seconds = 0, joules_measured = 0, joules_estimated = 0;
    double listed_cost = 0;  // of these answers, at listed prices
    std::uint64_t handoffs = 0, handed_prompt_tokens = 0, handed_generated_tokens = 0, bytes_out = 0, bytes_in = 0;
    double cost = 0;
    std::uint64_t downloads = 0, download_bytes = 0, denied = 0;
};
// Tokens read and written, here and elsewhere.
struct ApiLedgerSpan {
    std::string begins;  // a day, 2026-11-21, or a month, 2026-11
    std::uint64_t local_tokens = 0, handed_tokens = 0;
};
struct ApiLedger {
    std::string month;  // 2026-11; empty: all of it
    ApiLedgerTotals totals;
    std::vector<ApiLedgerSpan> spans;     // days of a month, or months; oldest first
    std::vector<ApiLedgerEntry> entries;  // the newest, oldest first
};
struct ApiLedgerFault {
    std::int64_t number = 0;
    std::string kind, time;  // as the entry says; empty: it is not there
    std::string reason;
};
struct ApiLedgerCheck {
    bool holds = true;
    std::int64_t entries = 0;  // as far as it holds
    std::string head;          // the hash of the last of them: keep it elsewhere, and a later ledger cannot deny it
    std::optional<ApiLedgerFault> fault;
};

}  // namespace lar::wire
