#include "store/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/format.h"
#include "base/sha256.h"
#include "store/database.h"
#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::HasSubstr;

class LedgerRows : public ::testing::Test {
protected:
    LedgerHead append(Store& store, std::int64_t time_us, const std::string& content,
                      const std::string& kind = "computed") {
        LedgerHead head;
        must(store.write([&](Writer& writer) -> Result<> {
            head = TRY(writer.append_ledger(time_us, kind, content));
            return {};
        }));
        return head;
    }
    void fill(Store& store, int rows) {
        must(store.write([&](Writer& writer) -> Result<> {
            for (int i = 1; i <= rows; ++i)
                TRY(writer.append_ledger(1'000'000 * i, i % 3 == 0 ? "denied" : "computed",
                                         lar::format(R"({{"model":"tiny","tokens":{}}})", i)));
            return {};
        }));
    }
    LedgerCheck checked(Store& store, const std::optional<LedgerHead>& known = {}) {
        Reader reader = must(store.reader());
        return must(reader.check_ledger(known));
    }
    // As somebody would who has the file and no respect.
    std::unique_ptr<Connection> raw() {
        auto connection = must(Connection::open(path_.string(), Role::writer));
        must(
            connection->script("DROP TRIGGER ledger_only_grows; DROP TRIGGER ledger_is_not_changed;"
                               "DROP TRIGGER ledger_is_not_deleted;"));
        return connection;
    }

    Folder folder_;
    std::filesystem::path path_ = folder_ / "lar.db";
};

TEST_F(LedgerRows, HashIsWhatTheHeaderSaysItIs) {
    Store store = open_store();
    append(store, 17, R"({"a":1})");
    const LedgerHead head = append(store, 18, R"({"b":"é"})", "handoff");
    const std::string first = sha256_hex(std::string(64, '0') + "\n1\n17\ncomputed\n{\"a\":1}\n");
    EXPECT_EQ(head, (LedgerHead{2, sha256_hex(first + "\n2\n18\nhandoff\n{\"b\":\"é\"}\n")}));
    const LedgerCheck check = checked(store, head);
    EXPECT_FALSE(check.fault);
    EXPECT_EQ(check.head, head);
}

TEST_F(LedgerRows, RowsComeBackInOrderInPagesAndWindows) {
    Store store = open_store();
    fill(store, 1200);
    Reader reader = must(store.reader());
    const auto page = must(reader.ledger(0, {}));
    ASSERT_EQ(page.size(), limit_ledger_page);
    const auto rest = must(reader.ledger(page.back().number, {}));
    ASSERT_EQ(rest.size(), 200U);
    EXPECT_EQ(rest.back().number, 1200);
    const auto some = must(reader.ledger(0, {.since_us = 5'000'000, .until_us = 7'000'000}));
    ASSERT_EQ(some.size(), 2U);
    EXPECT_EQ(some[0].content, R"({"model":"tiny","tokens":5})");
    EXPECT_EQ(must(reader.ledger_hash_at(5)), some[0].hash);
    EXPECT_EQ(must(reader.ledger_hash_at(5000)), std::nullopt);
}

TEST_F(LedgerRows, WhatIsNoEntryIsRefused) {
    Store store = open_store();
    const auto attempt = [&](std::string_view kind, const std::string& content) {
        return store.write([&](Writer& writer) -> Result<> {
            TRY(writer.append_ledger(1, kind, content));
            return {};
        });
    };
    EXPECT_FALSE(attempt("", "{}"));
    EXPECT_FALSE(attempt("two\nlines", "{}"));
    EXPECT_FALSE(attempt("computed", "{\n}"));
    EXPECT_FALSE(attempt("computed", std::string(limit_ledger_content_bytes + 1, 'x')));
    EXPECT_TRUE(attempt("computed", "{}"));
}

TEST_F(LedgerRows, TheDatabaseItselfRefusesToChangeOrDeleteRows) {
    Store store = open_store(path_);
    fill(store, 3);
    const auto connection = must(Connection::open(path_.string(), Role::writer));
    const auto refused = [](const Result<>& outcome) {
        ASSERT_FALSE(outcome);
        EXPECT_THAT(outcome.error().message, HasSubstr("append-only"));
    };
    refused(connection->run("UPDATE ledger SET content = '{}' WHERE number = 2"));
    refused(connection->run("DELETE FROM ledger WHERE number = 3"));
    refused(connection->run("INSERT OR REPLACE INTO ledger VALUES (2, 1, 'computed', '{}', x'00')"));
    EXPECT_FALSE(checked(store).fault);
}

TEST_F(LedgerRows, OneByteChangedInAnyColumnIsFoundAndItsRowNamed) {
    constexpr int rows = 200, rounds = 300;
    Store store = open_store(path_);
    fill(store, rows);
    const auto connection = raw();
    std::mt19937 random(7);
    const auto pick = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
    must(connection->script("CREATE TABLE whole AS SELECT * FROM ledger;"));
    for (int round = 0; round < rounds; ++round) {
        const int number = pick(1, rows), column = pick(0, 3), bit = 1 << pick(0, 7);
        if (column == 0) {
            must(connection->run("UPDATE ledger SET time_us = (time_us | ?2) - (time_us & ?2) WHERE number = ?1",
                                 number, std::int64_t{1} << pick(0, 40)));
        } else {
            constexpr Sql reading[] = {"SELECT kind FROM ledger WHERE number = ?1",
                                       "SELECT content FROM ledger WHERE number = ?1",
                                       "SELECT hash FROM ledger WHERE number = ?1"};
            constexpr Sql changing[] = {"UPDATE ledger SET kind = CAST(?2 AS TEXT) WHERE number = ?1",
                                        "UPDATE ledger SET content = CAST(?2 AS TEXT) WHERE number = ?1",
                                        "UPDATE ledger SET hash = ?2 WHERE number = ?1"};
            std::string bytes;
            {
                Statement row = must(connection->prepare(reading[column - 1]));
                row.bind(number);
                ASSERT_TRUE(must(row.step()));
                bytes = row.text(0);
            }
            char& changed = bytes[static_cast<std::size_t>(pick(0, static_cast<int>(bytes.size()) - 1))];
            changed = static_cast<char>(changed ^ bit);
            must(connection->run(changing[column - 1], number, Blob{bytes}));
        }
        const LedgerCheck check = checked(store);
        ASSERT_TRUE(check.fault) << "row " << number << ", column " << column;
        EXPECT_EQ(check.fault->number, number);
        EXPECT_EQ(check.head.number, number - 1);
        must(connection->run("DELETE FROM ledger WHERE number = ?1", number));
        must(connection->run("INSERT INTO ledger SELECT * FROM whole WHERE number = ?1", number));
    }
    EXPECT_FALSE(checked(store).fault);
}

TEST_F(LedgerRows, RowOfAnotherNumberIsAGap) {
    Store store = open_store(path_);
    fill(store, 5);
    must(raw()->run("UPDATE ledger SET number = 900 WHERE number = 3"));
    const LedgerCheck check = checked(store);
    ASSERT_TRUE(check.fault);
    EXPECT_EQ(check.fault->number, 3);
    EXPECT_THAT(check.fault->reason, HasSubstr("not there"));
}

TEST_F(LedgerRows, RowsTakenOffTheEndAreMissed) {
    Store store = open_store(path_);
    fill(store, 9);
    must(raw()->run("DELETE FROM ledger WHERE number > 6"));
    LedgerCheck check = checked(store);
    ASSERT_TRUE(check.fault);
    EXPECT_EQ(check.fault->number, 7);
    EXPECT_THAT(check.fault->reason, HasSubstr("9 were written"));
    // What comes later does not close the gap.
    EXPECT_EQ(append(store, 1, "{}").number, 10);
    EXPECT_TRUE(checked(store).fault);
}

TEST_F(LedgerRows, HeadKeptElsewhereShowsWhatTheStoreAloneCannot) {
    Store store = open_store(path_);
    fill(store, 9);
    const LedgerHead kept = must(must(store.reader()).ledger_head());
    EXPECT_FALSE(checked(store, kept).fault);
    const auto connection = raw();
    must(connection->run("DELETE FROM ledger WHERE number > 6"));
    must(connection->run("UPDATE sqlite_sequence SET seq = 6 WHERE name = 'ledger'"));
    EXPECT_FALSE(checked(store).fault);  // the store alone cannot tell
    ASSERT_TRUE(checked(store, kept).fault);
    EXPECT_EQ(checked(store, kept).fault->number, 7);
    // Nor can it when the end was written anew.
    for (int i = 0; i < 3; ++i) append(store, 1, "{}");
    EXPECT_FALSE(checked(store).fault);
    ASSERT_TRUE(checked(store, kept).fault);
    EXPECT_EQ(checked(store, kept).fault->number, 9);
}

}  // namespace
}  // namespace lar::store
