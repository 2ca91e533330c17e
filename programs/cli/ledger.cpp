// lar ledger: what left, what was fetched, what was refused, what answers took to compute; and whether its past holds.
#include "wire/ledger.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "ledger_plot.h"

namespace lar::cli {
namespace {

constexpr std::uint32_t limit_entries_asked = 10'000;
constexpr double joules_per_watt_hour = 3600;

std::string energy_text(double joules) {
    return joules < joules_per_watt_hour ? lar::format("{:.3g} J", joules)
                                         : lar::format("{:.3g} Wh", joules / joules_per_watt_hour);
}

std::string tokens_text(std::uint64_t prompt, std::uint64_t generated) {
    return lar::format("{} tokens read, {} written", count_text(prompt), count_text(generated));
}

std::string what_of(const wire::ApiLedgerEntry& entry) {
    if (const auto& one = entry.computed)
        return lar::format("{}: {}, {:.3g} s of processor{}", one->model,
                           one->output == "text"
                               ? tokens_text(one->prompt_tokens, one->generated_tokens)
                               : lar::format("{} tokens read for {}", count_text(one->prompt_tokens), one->output),
                           one->cpu_seconds, one->joules ? ", " + energy_text(*one->joules) : "");
    if (const auto& one = entry.handoff)
        return lar::format("{}: {}; {} out, {} in, {}; approved by {}", one->host, one->outcome,
                           size_text(one->bytes_out), size_text(one->bytes_in), dollars_text(one->cost),
                           one->approved_by);
    if (const auto& one = entry.download)
        return lar::format("{}: {} ({})", one->host, size_text(one->bytes), one->outcome);
    if (const auto& one = entry.denied) return lar::format("{}: {}", one->process, one->attempt);
    return "cannot be read; `lar ledger verify` says more";
}

void print_totals(Output& out, const wire::ApiLedgerTotals& totals) {
    out.line(lar::format("{}  {}; {}, {} of processor", out.styled(Style::strong, "here      "),
                         counted(totals.answers, "answer", "answers"),
                         tokens_text(totals.prompt_tokens, totals.generated_tokens),
                         duration_text(totals.cpu_seconds)));
    if (totals.joules_measured > 0)
        out.line(lar::format("            {} measured, of the whole processor", energy_text(totals.joules_measured)));
    if (totals.joules_estimated > 0)
        out.line(lar::format("            {} estimated from configured watts", energy_text(totals.joules_estimated)));
    if (totals.listed_cost > 0)
        out.line(lar::format("            {} at listed prices elsewhere", dollars_text(totals.listed_cost)));
    out.line(lar::format("{}  {}; {} out, {} in, {}", out.styled(Style::strong, "handed off"),
                         counted(totals.handoffs, "ticket", "tickets"), size_text(totals.bytes_out),
                         size_text(totals.bytes_in), dollars_text(totals.cost)));
    out.line(lar::format("{}  {}, {}", out.styled(Style::strong, "downloads "),
                         counted(totals.downloads, "file", "files"), size_text(totals.download_bytes)));
    out.line(
        lar::format("{}  {}", out.styled(Style::strong, "refused   "), counted(totals.denied, "attempt", "attempts")));
}

Outcome<Exit> verify(Session& session) {
    Connection& lard = *TRY(session.lard());
    const auto check = TRY(call<wire::ApiLedgerCheck>(lard, "GET", "/lar/v1/ledger/verify"));
    const Exit exit = check.holds ? Exit::ok : Exit::error;
    if (session.json()) {
        session.out.line(wire::to_json(check));
        return exit;
    }
    if (check.holds) {
        session.out.line(lar::format(
            "{}  {} as they were written; the last has the hash {}", session.out.styled(Style::good, "holds"),
            counted(static_cast<std::uint64_t>(check.entries), "entry", "entries"), check.head));
        return exit;
    }
    const wire::ApiLedgerFault fault = check.fault.value_or(wire::ApiLedgerFault{});
    const std::string which =
        fault.kind.empty() ? std::string() : lar::format(" ({} of {})", printable(fault.kind), printable(fault.time));
    session.out.line(lar::format("{}  entry {}{}: {}", session.out.styled(Style::bad, "does not hold"), fault.number,
                                 which, printable(fault.reason)));
    session.out.line(lar::format("               {} before it are as they were written",
                                 counted(static_cast<std::uint64_t>(check.entries), "entry", "entries")));
    return exit;
}

}  // namespace

Outcome<Exit> run_ledger(Session& session) {
    const auto& words = session.arguments.positionals;
    if (!words.empty() && words[0] != "verify")
        return wrong_usage(lar::format("lar ledger does not know '{}'", printable(words[0])),
                           "`lar ledger verify` checks it");
    if (!words.empty()) return verify(session);
    const std::uint32_t limit = TRY(session.arguments.number("--limit", 10, limit_entries_asked));
    std::string target = lar::format("/lar/v1/ledger?limit={}", limit);
    if (const auto month = session.arguments.value("--month")) target += "&month=" + url_encoded(*month);
    Connection& lard = *TRY(session.lard());
    const auto ledger = TRY(call<wire::ApiLedger>(lard, "GET", target));
    if (session.json()) {
        session.out.line(wire::to_json(ledger));
        return Exit::ok;
    }
    print_totals(session.out, ledger.totals);
    if (const std::string plot = ledger_plot(ledger.spans, session.out.text_columns()); !plot.empty())
        session.out.print("\n" + plot);
    Table table({{"NUMBER", Table::Align::right}, {"TIME"}, {"KIND"}, {"WHAT"}});
    for (const wire::ApiLedgerEntry& entry : ledger.entries)
        table.row({count_text(static_cast<std::uint64_t>(entry.number)), entry.time, printable(entry.kind),
                   printable(what_of(entry))});
    if (!table.empty()) session.out.print("\n" + table.text(session.out));
    return Exit::ok;
}

}  // namespace lar::cli
