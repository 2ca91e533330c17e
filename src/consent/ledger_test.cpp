#include "consent/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/fd.h"
#include "consent/computed.h"
#include "consent/testing.h"

namespace lar::consent {
namespace {

using ::testing::HasSubstr;

class LedgerOfLar : public ::testing::Test {
protected:
    void SetUp() override { open(); }
    void open() { ledger_ = must(Ledger::open(store_, head_, clock_, greenwich)); }
    void compute(std::string_view when, std::uint64_t tokens) {
        clock_.set(when);
        must(ledger_->append(wire::LedgerEntry(
            wire::LedgerComputed{.model = "tiny:latest", .prompt_tokens = tokens, .generated_tokens = 1})));
    }
    wire::ApiLedger report(std::string_view month = {}, std::size_t limit = 100) {
        store::Reader reader = must(store_.reader());
        return must(ledger_->report(reader, month, limit));
    }
    wire::ApiLedgerCheck verified() {
        store::Reader reader = must(store_.reader());
        return must(ledger_->verify(reader));
    }

    Folder folder_;
    SetClock clock_;
    std::filesystem::path head_ = folder_ / "ledger-head";
    store::Store store_ = must(store::Store::open(folder_ / "lar.db", clock_));
    std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerOfLar, MonthIsSummedUpByItsDays) {
    compute("2026-10-31T23:59:59Z", 1000);
    compute("2026-11-02T10:00:00Z", 10);
    compute("2026-11-04T10:00:00Z", 20);
    clock_.set("2026-11-04T11:00:00Z");
    must(ledger_->append(wire::LedgerEntry(wire::LedgerHandoff{.ticket = "t",
                                                               .host = "api.example",
                                                               .bytes_out = 300,
                                                               .bytes_in = 90,
                                                               .prompt_tokens = 70,
                                                               .generated_tokens = 7,
                                                               .cost = 0.25})));
    must(ledger_->append(wire::LedgerEntry(wire::LedgerDownload{.host = "models.example", .bytes = 5000})));
    must(ledger_->append(wire::LedgerEntry(wire::LedgerDenied{.process = "lar-engine", .attempt = "connect"})));
    compute("2026-12-01T00:00:00Z", 4000);

    const wire::ApiLedger november = report("2026-11");
    EXPECT_EQ(november.totals.answers, 2U);
    EXPECT_EQ(november.totals.prompt_tokens, 30U);
    EXPECT_EQ(november.totals.bytes_out, 300U);
    EXPECT_EQ(november.totals.cost, 0.25);
    EXPECT_EQ(november.totals.download_bytes, 5000U);
    EXPECT_EQ(november.totals.denied, 1U);
    ASSERT_EQ(november.spans.size(), 4U);
    EXPECT_EQ(november.spans[0].begins, "2026-11-01");
    EXPECT_EQ(november.spans[1].local_tokens, 11U);
    EXPECT_EQ(november.spans[2].local_tokens, 0U);
    EXPECT_EQ(november.spans[3].begins, "2026-11-04");
    EXPECT_EQ(november.spans[3].handed_tokens, 77U);
    ASSERT_EQ(november.entries.size(), 5U);
    EXPECT_EQ(november.entries[2].handoff->host, "api.example");

    const wire::ApiLedger all = report({}, 1);
    EXPECT_EQ(all.totals.answers, 4U);
    ASSERT_EQ(all.spans.size(), 3U);
    EXPECT_EQ(all.spans[2].begins, "2026-12");
    ASSERT_EQ(all.entries.size(), 1U);
    EXPECT_EQ(all.entries[0].number, 7);
}

TEST_F(LedgerOfLar, TimesThatGoBackwardsFindTheirDay) {
    compute("2026-11-20T10:00:00Z", 10);
    compute("2026-11-05T10:00:00Z", 20);
    const wire::ApiLedger november = report("2026-11");
    ASSERT_EQ(november.spans.size(), 20U);
    EXPECT_EQ(november.spans[4].local_tokens, 21U);
}

TEST_F(LedgerOfLar, HeadIsKeptForTheUserAloneAndFollowsTheEntries) {
    EXPECT_TRUE(verified().holds);
    compute("2026-11-20T10:00:00Z", 10);
    struct stat status{};
    ASSERT_EQ(::stat(head_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(*read_file(head_, 1000), "1 " + verified().head + "\n");
    open();
    compute("2026-11-20T10:00:01Z", 10);
    EXPECT_EQ(verified().entries, 2);
    EXPECT_TRUE(verified().holds);
}

TEST_F(LedgerOfLar, StoreThatWasPutBackIsToldUntilTheUserSaysSo) {
    for (int i = 0; i < 5; ++i) compute("2026-11-20T10:00:00Z", 10);
    const std::string kept = *read_file(head_, 1000);
    must(write_file_atomically(head_, "9 " + std::string(64, 'a') + "\n"));
    open();
    wire::ApiLedgerCheck check = verified();
    ASSERT_TRUE(check.fault);
    EXPECT_EQ(check.fault->number, 6);
    EXPECT_EQ(check.fault->time, "");
    // Entries written since do not hide it.
    for (int i = 0; i < 5; ++i) compute("2026-11-20T10:00:00Z", 10);
    EXPECT_FALSE(verified().holds);
    EXPECT_EQ(verified().fault->number, 9);
    std::filesystem::remove(head_);
    open();
    EXPECT_TRUE(verified().holds);
}

TEST_F(LedgerOfLar, HeadThatIsNoneIsNotOverwritten) {
    compute("2026-11-20T10:00:00Z", 10);
    must(write_file_atomically(head_, "nonsense"));
    open();
    compute("2026-11-20T10:00:00Z", 10);
    const wire::ApiLedgerCheck check = verified();
    ASSERT_TRUE(check.fault);
    EXPECT_THAT(check.fault->reason, HasSubstr("ledger-head"));
    EXPECT_EQ(*read_file(head_, 1000), "nonsense");
}

TEST_F(LedgerOfLar, WhatIsNoMonthIsRefused) {
    store::Reader reader = must(store_.reader());
    for (const char* month : {"2026", "2026-13", "2026-1", "2026-00", "november", "2026-11-01", "+026-11"})
        EXPECT_FALSE(ledger_->report(reader, month, 10)) << month;
}

TEST(ComputedEntry, EnergyIsMeasuredOrEstimatedAndSaysWhich) {
    Settings settings{
        .providers = {{.name = "big", .model = "m", .dollars_per_million_in = 2, .dollars_per_million_out = 10}},
        .listed = "big",
        .watts = 6};
    Computed computed{.model = "tiny", .prompt_tokens = 500'000, .generated_tokens = 100'000, .cpu_seconds = 10};
    wire::LedgerComputed entry = computed_entry(computed, settings);
    EXPECT_EQ(entry.joules, 60);
    EXPECT_THAT(entry.energy, HasSubstr("estimated at 6 W"));
    EXPECT_EQ(entry.listed_cost, 2);
    EXPECT_EQ(entry.listed, "big m");
    computed.joules = 77;
    entry = computed_entry(computed, settings);
    EXPECT_EQ(entry.joules, 77);
    EXPECT_THAT(entry.energy, HasSubstr("measured"));
    computed.output = Output::vectors;
    entry = computed_entry(computed, settings);
    EXPECT_EQ(entry.output, "vectors");
    EXPECT_EQ(entry.listed_cost, std::nullopt) << "the listed prices are those of text";
    computed.joules.reset();
    entry = computed_entry(computed, {});
    EXPECT_EQ(entry.joules, std::nullopt);
    EXPECT_EQ(entry.energy, "");
    EXPECT_EQ(entry.listed_cost, std::nullopt);
}

}  // namespace
}  // namespace lar::consent
