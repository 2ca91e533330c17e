// lar ledger.
#include <gmock/gmock.h>

#include "testing.h"
#include "wire/ledger.h"

namespace lar::cli {
namespace {

TEST_F(Commands, LedgerTellsTotalsAPlotAndTheLatestEntries) {
    wire::ApiLedger ledger{.month = "2026-11",
                           .totals = {.answers = 2,
                                      .prompt_tokens = 1200,
                                      .generated_tokens = 30,
                                      .cpu_seconds = 4,
                                      .joules_estimated = 7200,
                                      .handoffs = 1,
                                      .bytes_out = 300,
                                      .cost = 0.0004},
                           .spans = {{"2026-11-20", 1230, 0}}};
    ledger.entries = {{.number = 7,
                       .time = "2026-11-20T10:00:00Z",
                       .kind = "handoff",
                       .handoff = wire::LedgerHandoff{.host = "api.example", .bytes_out = 300}}};
    lard.script.push_back({"GET /lar/v1/ledger?limit=10&month=2026-11", ok(ledger), {}});
    const Ran ran = run({"ledger", "--month", "2026-11"});
    for (const char* part : {"2 answers; 1,200 tokens read, 30 written", "2 Wh estimated", "$0.000400", "api.example",
                             "1 ticket", "by day"})
        EXPECT_TRUE(ran.out.contains(part)) << part << "\n" << ran.out;
}

TEST_F(Commands, LedgerThatDoesNotHoldIsAnErrorAndTheEntryIsNamed) {
    lard.script.push_back({"GET /lar/v1/ledger/verify", ok(wire::ApiLedgerCheck{.entries = 9, .head = "ab"}), {}});
    Ran ran = run({"ledger", "verify"});
    EXPECT_EQ(ran.exit, Exit::ok);
    EXPECT_TRUE(ran.out.contains("9 entries"));
    lard.script.push_back(
        {"GET /lar/v1/ledger/verify",
         ok(wire::ApiLedgerCheck{
             .holds = false, .entries = 4, .fault = {{5, "computed", "2026-11-20T10:00:00Z", "its bytes are others"}}}),
         {}});
    ran = run({"ledger", "verify"});
    EXPECT_EQ(ran.exit, Exit::error);
    EXPECT_TRUE(ran.out.contains("entry 5 (computed of 2026-11-20T10:00:00Z): its bytes are others")) << ran.out;
    EXPECT_EQ(run({"ledger", "change"}).exit.error().exit, Exit::usage);
}

}  // namespace
}  // namespace lar::cli
