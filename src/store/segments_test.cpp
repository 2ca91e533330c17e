#include "store/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>

#include "store/migrations.h"
#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::atomic<bool> never = false;

void tend(Store& store) {
    while (must(store.tend(never))) {
    }
}

class Segments : public ::testing::Test {
protected:
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / "lar.index"))
            found.push_back(entry.path());
        return found;
    }
    std::vector<std::string> find(Store& store, const std::string& word, std::size_t limit = 10) {
        Reader reader = must(store.reader());
        return found(reader, {{word}}, {}, limit);
    }
    // A document of so many words that its segment is a file; each of its passages holds `mark`.
    static constexpr std::size_t large_passages = 5000;
    void put_large(Store& store, SourceId source, const std::string& path, const std::string& mark) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < large_passages; ++i) {
            std::string text = mark;
            for (std::size_t word = 0; word < 60; ++word)
                text += " filler" + std::to_string((i * 61 + word * 37) % 9000);
            texts.push_back(std::move(text));
        }
        put(store, document(source, path), texts);
    }
    std::uint64_t count(Store& store, const std::string& word) {
        Reader reader = must(store.reader());
        return must(reader.document_frequencies(std::vector{word}))[0];
    }
    Folder folder_;
    std::filesystem::path path_ = folder_ / "lar.db";
};

TEST_F(Segments, AThousandSavedFilesMakeFewOfThemAndAreAllFound) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    for (int i = 0; i < 1000; ++i) {
        put(store, document(source, std::to_string(i)), {"common word" + std::to_string(i)});
        if (i % 100 != 99) continue;
        EXPECT_THAT(find(store, "word" + std::to_string(i - 50)), SizeIs(1));
    }
    EXPECT_THAT(find(store, "common", 1000), SizeIs(1000));
    must(store.check_integrity());
}

TEST_F(Segments, ASmallOneLiesInTheDatabaseAndALargeOneIsAFileThatNobodyElseReads) {
    Store store = open_store(path_);
    const SourceId source = add_source(store, "notes");
    for (int i = 0; i < 40; ++i) put(store, document(source, std::to_string(i)), {"common word" + std::to_string(i)});
    EXPECT_THAT(files(), IsEmpty());
    put_large(store, source, "large", "common");
    ASSERT_THAT(files(), SizeIs(1));
    EXPECT_EQ(std::filesystem::status(files()[0]).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    must(store.check_integrity());
    store.release_memory();
    EXPECT_THAT(find(store, "word7"), ElementsAre("common word7"));
    EXPECT_EQ(count(store, "common"), large_passages + 40);
}

TEST_F(Segments, WhatIsRemovedOrReplacedIsNotFoundAndGoesWithItsSegment) {
    Store store = open_store(path_);
    const SourceId source = add_source(store, "notes");
    put_large(store, source, "changed", "before");
    EXPECT_THAT(files(), SizeIs(1));
    const DocumentId gone = put(store, document(source, "gone"), {"word one", "word two"});
    put(store, document(source, "changed"), {"word after"});
    EXPECT_THAT(find(store, "before"), IsEmpty());
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_THAT(find(store, "word"), UnorderedElementsAre("word one", "word two", "word after"));
    must(store.write([&](Writer& writer) { return writer.remove_document(gone); }));
    EXPECT_THAT(find(store, "word"), ElementsAre("word after"));
    must(store.check_integrity());
}

TEST_F(Segments, ADocumentPutTwiceInOneTransactionIsThereOnce) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document(document(source, "a"), std::vector{passage("first word")}));
        TRY_VOID(writer.put_document(document(source, "a"), std::vector{passage("second word")}));
        return {};
    }));
    EXPECT_THAT(find(store, "word"), ElementsAre("second word"));
    must(store.check_integrity());
}

TEST_F(Segments, AChangeThatFailsLeavesNoFileAndNoWord) {
    Store store = open_store(path_);
    const SourceId source = add_source(store, "notes");
    put_large(store, source, "a", "kept");
    const auto before = files();
    const std::vector<NewPassage> lost(6000, passage("lost" + std::string(3000, ' ') + "words"));
    const auto written = store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document(document(source, "a"), lost));
        return fail(Code::invalid, "not this one");
    });
    EXPECT_FALSE(written);
    EXPECT_EQ(files(), before);
    EXPECT_EQ(count(store, "kept"), large_passages);
    EXPECT_THAT(find(store, "lost"), IsEmpty());
}

TEST_F(Segments, FilesThatNothingNamesAreRemovedWhenTheStoreOpens) {
    {
        Store store = open_store(path_);
        put_large(store, add_source(store, "notes"), "a", "kept");
    }
    must(write_file_atomically(folder_ / "lar.index" / "0123.lex", "left from a crash"));
    must(write_file_atomically(folder_ / "lar.index" / "0124.lex.part", "left from a crash"));
    Store store = open_store(path_);
    EXPECT_THAT(files(), SizeIs(1));
    EXPECT_EQ(count(store, "kept"), large_passages);
}

TEST_F(Segments, LostOnesAreMadeAgainFromThePassages) {
    {
        Store store = open_store(path_);
        const SourceId source = add_source(store, "notes");
        put(store, document(source, "small"), {"common word"});
        put_large(store, source, "large", "common");
    }
    std::filesystem::remove(files()[0]);
    Store store = open_store(path_);
    tend(store);
    EXPECT_EQ(count(store, "common"), large_passages + 1);
    must(store.check_integrity());
}

TEST_F(Segments, DamagedOnesAreSaidToBeDamagedAndMadeAgain) {
    Store store = open_store(path_);
    const SourceId source = add_source(store, "notes");
    put_large(store, source, "large", "common");
    for (const auto& file : files()) {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(200);
        bytes.put('\x7f');
    }
    // What has been looked at may go on being right; what is looked at anew must not be believed.
    Store again = open_store(path_);
    int told = 0;
    again.on_index_change([&] { ++told; });
    Reader reader = must(again.reader());
    EXPECT_EQ(reader.search(std::vector<QueryTerm>{{"common"}}, {}, {}, 10).error().code, Code::corrupt);
    EXPECT_EQ(told, 1);
    tend(again);
    EXPECT_EQ(must(reader.passages_to_reindex()), 0U);
    EXPECT_EQ(count(again, "common"), large_passages);
    must(again.check_integrity());
}

TEST_F(Segments, AStoreOfBeforeHasAllItsPassagesIndexedAgain) {
    {
        const auto connection = must(Connection::open(path_.string(), Role::writer));
        must(migrate(*connection, path_, schema_steps().first(2)));
        must(connection->script("PRAGMA journal_mode = WAL;"));
        must(connection->script(
            "INSERT INTO sources VALUES (1, 'u', 'notes', 0, '/n', 0, '', 0, 0, NULL, NULL, '');"
            "INSERT INTO tallies (source, documents, passages, body_length) VALUES (1, 1, 3000, 9000);"
            "INSERT INTO documents VALUES (1, 1, 0, 'folder/old.txt', 1, 3000, 5, 0, 0, 0, 1, '', 'v', 'heading', '', "
            "'');"
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
            "INSERT INTO passages SELECT i, 1, i - 1, 1, 1, '', '', 'context', 'Words number' || i FROM n;"
            "INSERT INTO passage_terms (rowid, body) VALUES (1, 'word number1');"
            "UPDATE next_passage SET id = 3001;"));
    }
    Store store = open_store(path_);
    Reader reader = must(store.reader());
    EXPECT_EQ(must(reader.passages_to_reindex()), 3000U);
    EXPECT_TRUE(must(store.tend(never)));
    EXPECT_LT(must(reader.passages_to_reindex()), 3000U);
    // What comes meanwhile is found, and so is what it replaces no more.
    put(store, document(SourceId{1}, "new"), {"number2999 is new"});
    tend(store);
    EXPECT_EQ(must(reader.passages_to_reindex()), 0U);
    EXPECT_THAT(find(store, "number2999"), UnorderedElementsAre("Words number2999", "number2999 is new"));
    for (const char* word : {"word", "head", "old.txt", "context"})
        EXPECT_THAT(find(store, word, 1000), SizeIs(1000)) << word;
    must(store.check_integrity());
    EXPECT_TRUE(std::filesystem::exists(folder_ / "lar.db.v2.backup"));
}

TEST_F(Segments, AfterAnUpgradeOtherLanguagesGetTheirTermsAndNothingIsLostMeanwhile) {
    constexpr int passages = 5000;
    {
        Store store = open_store(path_);
        std::vector<NewPassage> made;
        for (int i = 0; i < passages; ++i) {
            made.push_back(passage(i == 7 ? "Wir haben die Häuser am Fluss nicht verkauft." : "We sold the houses."));
            made.back().indexed.body = i == 7 ? "wir haben die hauser am fluss nicht verkauft" : "as it was";
        }
        must(store.write([&](Writer& writer) -> Result<> {
            TRY(writer.put_document(document(TRY(writer.add_source({.name = "notes", .location = "/n"})), "a"), made));
            return {};
        }));
    }
    {
        const auto connection = must(Connection::open(path_.string(), Role::writer));
        must(connection->script("PRAGMA user_version = 7;"));
    }
    Store store = open_store(path_);
    Reader reader = must(store.reader());
    EXPECT_EQ(must(reader.passages_to_reindex()), static_cast<std::uint64_t>(passages));
    EXPECT_THAT(find(store, "hauser"), SizeIs(1));
    EXPECT_EQ(count(store, "was"), static_cast<std::uint64_t>(passages - 1));
    tend(store);
    EXPECT_EQ(must(reader.passages_to_reindex()), 0U);
    EXPECT_THAT(find(store, "haus~de"), SizeIs(1));
    EXPECT_THAT(find(store, "hauser"), IsEmpty());
    EXPECT_THAT(must(reader.languages()), ElementsAre(index::Language::german));
    EXPECT_EQ(count(store, "was"), static_cast<std::uint64_t>(passages - 1));
    must(store.check_integrity());
}

TEST_F(Segments, ReindexingIsTakenUpWhereItWasInterrupted) {
    std::vector<std::string> texts;
    for (int i = 0; i < 5000; ++i) texts.push_back("common word" + std::to_string(i));
    {
        Store store = open_store(path_);
        put(store, document(add_source(store, "notes"), "a"), texts);
        must(store.reindex());
        EXPECT_THAT(find(store, "common"), IsEmpty());
        EXPECT_TRUE(must(store.tend(never)));
    }
    Store store = open_store(path_);
    tend(store);
    EXPECT_THAT(find(store, "common", 1000), SizeIs(1000));
    must(store.check_integrity());
}

TEST_F(Segments, ForgettingLeavesNoTermOfWhatWasForgotten) {
    Store store = open_store(path_);
    const SourceId kept = add_source(store, "kept"), gone = add_source(store, "gone");
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document(document(kept, "a"), std::vector{passage("kept words")}));
        TRY_VOID(writer.put_document(document(gone, "b"), std::vector{passage("zzqsecret zzqsecrets")}));
        return {};
    }));
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.remove_source(gone));
        return {};
    }));
    const auto bytes = [&] {
        return must(read_file(path_, 1U << 30)) + must(read_file(folder_ / "lar.db-wal", 1U << 30));
    };
    EXPECT_THAT(bytes(), HasSubstr("zzqsecret"));
    must(store.scrub());
    EXPECT_THAT(bytes(), Not(HasSubstr("zzqsecret")));
    EXPECT_THAT(find(store, "kept"), SizeIs(1));
}

TEST_F(Segments, ForgettingWritesFilesAnew) {
    Store store = open_store(path_);
    const SourceId kept = add_source(store, "kept"), gone = add_source(store, "gone");
    must(store.write([&](Writer& writer) -> Result<> {
        std::vector<NewPassage> many;
        for (int i = 0; i < 9000; ++i)
            many.push_back(
                passage("kept a" + std::to_string(i) + " b" + std::to_string(i * 7) + " c" + std::to_string(i * 13)));
        for (int i = 0; i < 9000; ++i)
            many.push_back(
                passage("kept d" + std::to_string(i) + " e" + std::to_string(i * 7) + " f" + std::to_string(i * 13)));
        TRY_VOID(writer.put_document(document(kept, "a"), many));
        TRY_VOID(writer.put_document(document(gone, "b"), std::vector{passage("zzqsecret zzqsecrets")}));
        return {};
    }));
    const auto bytes = [&] {
        EXPECT_THAT(files(), SizeIs(1));
        return must(read_file(files()[0], 1U << 30));
    };
    EXPECT_THAT(bytes(), HasSubstr("zzqsecret"));
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.remove_source(gone));
        return {};
    }));
    must(store.scrub());
    EXPECT_THAT(bytes(), Not(HasSubstr("zzqsecret")));
    EXPECT_EQ(count(store, "kept"), 18000U);
}

// Saved files, removals, merges and searches at the same time; at any moment a search sees a whole state.
TEST_F(Segments, SearchesSeeWholeStatesWhileEverythingChanges) {
    Store store = open_store(path_);
    const SourceId source = add_source(store, "notes");
    std::atomic<bool> stopping = false;
    std::atomic<int> searches = 0;
    std::string padding;
    for (int i = 0; i < 3000; ++i) padding += " filler" + std::to_string(i * 37 % 9000);
    for (int i = 0; i < 10; ++i) put(store, document(source, std::to_string(i)), {"common" + padding});
    std::thread tending([&] {
        while (!stopping) {
            const auto more = store.tend(stopping);
            EXPECT_TRUE(more || more.error().code == Code::unavailable);
            if (!more || !*more) std::this_thread::yield();
        }
    });
    std::thread searching([&] {
        Reader reader = must(store.reader());
        while (!stopping) {
            // Each change replaces one document whole, so there are always ten.
            EXPECT_EQ(must(reader.search(std::vector<QueryTerm>{{"common"}}, {}, {}, 100)).size(), 10U);
            ++searches;
        }
    });
    std::mt19937 random(3);
    for (int i = 0; i < 300; ++i)
        put(store, document(source, std::to_string(random() % 10)), {"common state" + std::to_string(i) + padding});
    stopping = true;
    tending.join();
    searching.join();
    EXPECT_GT(searches, 0);
    tend(store);
    must(store.check_integrity());
    EXPECT_THAT(find(store, "state299"), SizeIs(1));
}

}  // namespace
}  // namespace lar::store
