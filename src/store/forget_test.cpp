#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "store/remains.h"
#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Words that nothing else in a database looks like; the length varies so that rows fill pages in every way.
std::string secret_text(std::mt19937& random, const std::string& mark) {
    std::string text = mark;
    for (auto words = 5 + random() % 600; words > 0; --words) text += " " + mark + std::to_string(random());
    return text;
}

std::string bytes_of(const std::filesystem::path& path) { return must(read_file(path, 1U << 30)); }

class Forgetting : public ::testing::Test {
protected:
    Forgetting() {
        std::mt19937 random(5);
        gone_ = add_source(store_, "gone");
        const SourceId kept = add_source(store_, "kept");
        // Documents change and go, so that pages are split, joined and used again.
        for (int i = 0; i < 120; ++i) {
            const std::string name = "zzqgone" + std::to_string(random() % 50);
            secrets_.push_back(secret_text(random, "zzqgone"));
            put(store_, document(gone_, name), {secrets_.back(), "zzqgone small"});
            put(store_, document(kept, std::to_string(random() % 50)), {secret_text(random, "kept")});
        }
        put(store_, document(kept, "shared"), {"zzqshared is in both"});
        put(store_, document(gone_, "shared"), {"zzqshared is in both"});
    }
    void forget() {
        must(store_.write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.remove_source(gone_));
            return {};
        }));
        must(store_.scrub());
    }
    Folder folder_;
    std::filesystem::path path_ = folder_ / "lar.db";
    Store store_ = open_store(path_);
    SourceId gone_;
    std::vector<std::string> secrets_;
};

TEST_F(Forgetting, LeavesNothingOfTheTextInAnyFile) {
    EXPECT_THAT(bytes_of(path_), HasSubstr("zzqgone"));
    const std::uint64_t before = must(store_.size_bytes());
    forget();
    EXPECT_THAT(must(store_.find_remains(secrets_)), IsEmpty());
    for (const char* name : {"lar.db", "lar.db-wal", "lar.db-shm"}) {
        EXPECT_EQ(bytes_of(folder_ / name).find("zqgone"), std::string::npos) << name;
    }
    EXPECT_LT(must(store_.size_bytes()), before * 3 / 4);
    must(store_.check_integrity());
    Reader reader = must(store_.reader());
    EXPECT_THAT(found(reader, {{"kept"}}), Not(IsEmpty()));
}

TEST_F(Forgetting, RemainsAreFoundWhereDeletingAloneLeftThem) {
    must(store_.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.remove_source(gone_));
        return {};
    }));
    EXPECT_THAT(must(store_.find_remains(secrets_)), Not(IsEmpty()));
}

TEST_F(Forgetting, TextThatAnotherSourceHoldsIsNoRemain) {
    forget();
    EXPECT_THAT(bytes_of(path_), HasSubstr("zzqshared"));
    EXPECT_THAT(must(store_.find_remains(std::vector<std::string>{"zzqshared is in both"})), IsEmpty());
}

TEST_F(Forgetting, BackupsGoToo) {
    const auto backup = folder_ / "lar.db.v1.backup";
    std::filesystem::copy_file(path_, backup);
    EXPECT_THAT(must(store_.find_remains(std::vector<std::string>{"zzqgone small"})),
                IsEmpty());  // still held by right
    forget();
    EXPECT_FALSE(std::filesystem::exists(backup));
}

TEST(Remains, AreFoundAcrossTheEndsOfBlocksAndOnceEach) {
    const Folder folder;
    std::string bytes((2U << 20) + 100, '.');
    bytes.replace((1U << 20) - 5, 12, "across-block");
    bytes.replace(100, 3, "abc");
    bytes.replace(1000, 3, "abc");
    bytes.replace(bytes.size() - 12, 12, "at-the-very-");
    must(write_file_atomically(folder / "file", bytes));
    const auto search =
        must(RemainsSearch::of(std::vector<std::string>{"across-block", "abc", "at-the-very-", "absent!"}));
    const auto found = must(search.scan(folder / "file"));
    ASSERT_THAT(found, SizeIs(3));
    EXPECT_EQ(found[0].piece, "abc");
    EXPECT_EQ(found[0].offset, 100U);
    EXPECT_EQ(found[1].offset, (1U << 20) - 5);
    EXPECT_EQ(found[2].offset, bytes.size() - 12);
    EXPECT_THAT(must(search.scan(folder / "no such file")), IsEmpty());
}

TEST(Remains, LongTextIsFoundByAnyWholePieceOfIt) {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 60; ++i) text += std::to_string(i * 7919);
    must(write_file_atomically(folder / "file", "...." + text.substr(text.size() - limit_piece_bytes)));
    const auto search = must(RemainsSearch::of(std::vector{text}));
    EXPECT_THAT(must(search.scan(folder / "file")), SizeIs(1));
}

}  // namespace
}  // namespace lar::store
