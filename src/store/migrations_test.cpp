#include "store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::HasSubstr;

constexpr std::array first_step{Sql("CREATE TABLE notes (text TEXT); PRAGMA user_version = 1;")};
constexpr std::array two_steps{first_step[0], Sql("ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 3;"
                                                  "PRAGMA user_version = 2;")};
constexpr std::array broken_steps{first_step[0], Sql("ALTER TABLE notes ADD COLUMN stars INTEGER; nonsense;")};

class Migrations : public ::testing::Test {
protected:
    // A store as the version with one step left it.
    void make_older_store() {
        const auto connection = must(Connection::open(path_.string(), Role::writer));
        must(migrate(*connection, path_, first_step));
        must(connection->script("PRAGMA journal_mode = WAL;"));
        must(connection->run("INSERT INTO notes VALUES (?1)", "kept"));
    }
    Folder folder_;
    std::filesystem::path path_ = folder_ / "lar.db";
};

TEST_F(Migrations, OlderStoreIsBroughtForwardWithItsRowsAndABackup) {
    make_older_store();
    const auto connection = must(Connection::open(path_.string(), Role::writer));
    must(migrate(*connection, path_, two_steps));
    EXPECT_EQ(must(connection->integer("SELECT stars FROM notes WHERE text = 'kept'")), 3);
    EXPECT_EQ(must(connection->integer("PRAGMA user_version")), 2);

    const auto backup = folder_ / "lar.db.v1.backup";
    const auto old = must(Connection::open(backup.string(), Role::reader));
    EXPECT_EQ(must(old->integer("PRAGMA user_version")), 1);
    EXPECT_EQ(must(old->integer("SELECT count(*) FROM notes")), 1);
    EXPECT_EQ(std::filesystem::status(backup).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Migrations, StepThatFailsLeavesTheStoreAsItWas) {
    make_older_store();
    const auto connection = must(Connection::open(path_.string(), Role::writer));
    EXPECT_FALSE(migrate(*connection, path_, broken_steps));
    EXPECT_EQ(must(connection->integer("PRAGMA user_version")), 1);
    EXPECT_EQ(must(connection->integer("SELECT count(*) FROM pragma_table_info('notes')")), 1);
    must(migrate(*connection, path_, two_steps));
}

TEST_F(Migrations, NewerStoreIsRefusedInOneSentenceAndNotTouched) {
    {
        const auto connection = must(Connection::open(path_.string(), Role::writer));
        must(migrate(*connection, path_, schema_steps()));
        must(connection->script("PRAGMA user_version = 9999;"));
    }
    const auto store = Store::open(path_, fixed_clock);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::invalid);
    EXPECT_THAT(store.error().message, HasSubstr("newer Lar"));
    const auto connection = must(Connection::open(path_.string(), Role::reader));
    EXPECT_EQ(must(connection->integer("PRAGMA user_version")), 9999);
}

TEST_F(Migrations, DatabaseOfAnotherProgramIsRefused) {
    {
        const auto connection = must(Connection::open(path_.string(), Role::writer));
        must(connection->script("CREATE TABLE bookmarks (url TEXT);"));
    }
    const auto store = Store::open(path_, fixed_clock);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message, HasSubstr("another program"));
}

TEST_F(Migrations, OpeningAgainChangesNothingAndMakesNoBackup) {
    {
        const Store store = open_store(path_);
    }
    {
        const Store store = open_store(path_);
    }
    EXPECT_TRUE(backups_of(path_).empty());
}

}  // namespace
}  // namespace lar::store
