#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "store/testing.h"

namespace lar::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Store, WhatIsWrittenComesBackAsItWas) {
    const Folder folder;
    {
        Store store = open_store(folder / "lar.db");
        const SourceId source = add_source(store, "notes");
        Document wanted = document(source, "a.md", 5);
        wanted.author = "Ana";
        wanted.inode = 0xffff'ffff'ffff'fff0;
        wanted.time = {1'600'000'000'000'000, -90};
        NewPassage first = passage("connection pool exhausted");
        first.passage.line_first = 3;
        first.passage.line_last = 9;
        first.passage.context = "Troubles";
        must(store.write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.put_document(wanted, std::vector{first}));
            return {};
        }));
    }
    Store store = open_store(folder / "lar.db");
    Reader reader = must(store.reader());
    const Source source = must(reader.source_named("notes")).value();
    EXPECT_EQ(source.location, "/home/ana/notes");
    EXPECT_EQ(source.added.offset_min, 60);
    const Document document = must(reader.document_at(source.id, DocumentKind::file, "a.md")).value();
    EXPECT_EQ(document.author, "Ana");
    EXPECT_EQ(document.hash, hash_hex("a.md"));
    EXPECT_EQ(document.inode, 0xffff'ffff'ffff'fff0);
    EXPECT_EQ(document.time.us, 1'600'000'000'000'000);
    EXPECT_EQ(document.time.offset_min, -90);
    EXPECT_EQ(document.uuid.size(), 36U);
    const auto passages = must(reader.passages_of(document.id, 10));
    ASSERT_EQ(passages.size(), 1U);
    EXPECT_EQ(passages[0].passage.text, "connection pool exhausted");
    EXPECT_EQ(passages[0].passage.hash, hash_hex("connection pool exhausted"));
    EXPECT_EQ(passages[0].passage.line_last, 9U);
    EXPECT_EQ(passages[0].passage.context, "Troubles");
    EXPECT_EQ(passages[0].source_name, "notes");
    must(store.check_integrity());
}

TEST(Store, FilesAreTheOwnersAlone) {
    const Folder folder;
    Store store = open_store(folder / "lar.db");
    add_source(store, "notes");
    for (const char* name : {"lar.db", "lar.db-wal", "lar.db-shm"}) {
        struct stat facts{};
        ASSERT_EQ(::stat((folder / name).c_str(), &facts), 0) << name;
        EXPECT_EQ(facts.st_mode & 0777, 0600U) << name;
    }
}

TEST(Store, ChangeThatFailsLeavesNothingBehind) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    const auto result = store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_document(document(source, "a.md"), std::vector{passage("alpha")}));
        return fail(Code::invalid, "no");
    });
    EXPECT_EQ(result.error().code, Code::invalid);
    Reader reader = must(store.reader());
    EXPECT_EQ(must(reader.counts(std::nullopt)).documents, 0U);
    EXPECT_THAT(found(reader, {{"alpha"}}), IsEmpty());
    must(store.check_integrity());
}

TEST(Store, FailureInsideAChangeCannotBeCommitted) {
    Store store = open_store();
    const auto result = store.write([&](Writer& writer) -> Result<> {
        const auto ignored = writer.put_document(document(SourceId{99}, "a.md"), std::vector{passage("alpha")});
        EXPECT_EQ(ignored.error().code, Code::conflict);
        return {};
    });
    EXPECT_FALSE(result);
    must(store.check_integrity());
}

TEST(Store, SourceNamesAndPlacesAreUnique) {
    Store store = open_store();
    add_source(store, "notes");
    const auto add = [&](const Source& source) {
        return store.write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.add_source(source));
            return {};
        });
    };
    EXPECT_EQ(add({.name = "notes", .location = "/elsewhere"}).error().code, Code::conflict);
    EXPECT_EQ(add({.name = "others", .location = "/home/ana/notes"}).error().code, Code::conflict);
    must(add({.name = "others", .location = "/elsewhere"}));
}

TEST(Store, DocumentPutAgainKeepsItsIdentityAndLosesItsOldWords) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    const DocumentId first = put(store, document(source, "a.md"), {"alpha beta", "gamma"});
    Reader reader = must(store.reader());
    const std::string uuid = must(reader.document_at(source, DocumentKind::file, "a.md"))->uuid;
    const DocumentId second = put(store, document(source, "a.md"), {"delta"});
    EXPECT_EQ(first, second);
    EXPECT_EQ(must(reader.document_at(source, DocumentKind::file, "a.md"))->uuid, uuid);
    EXPECT_THAT(found(reader, {{"alpha"}, {"gamma"}}), IsEmpty());
    EXPECT_THAT(found(reader, {{"delta"}}), ElementsAre("delta"));
    const Counts counts = must(reader.counts(source));
    EXPECT_EQ(counts.documents, 1U);
    EXPECT_EQ(counts.passages, 1U);
    EXPECT_EQ(counts.bytes, 10U);
    must(store.check_integrity());
}

TEST(Store, RenameKeepsIdentityAndIsFoundAtTheNewPlace) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    const DocumentId id = put(store, document(source, "old.md"), {"alpha", "beta"});
    Reader reader = must(store.reader());
    const Document before = must(reader.document_at(source, DocumentKind::file, "old.md")).value();
    std::vector<NewPassage> reindexed{passage("alpha"), passage("beta")};
    for (NewPassage& each : reindexed) each.indexed.path = "fresh";
    must(
        store.write([&](Writer& writer) { return writer.move_document(id, document(source, "fresh.md"), reindexed); }));
    EXPECT_FALSE(must(reader.document_at(source, DocumentKind::file, "old.md")));
    const Document after = must(reader.document_at(source, DocumentKind::file, "fresh.md")).value();
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.uuid, before.uuid);
    EXPECT_THAT(found(reader, {{"fresh"}}), ElementsAre("alpha", "beta"));
    EXPECT_THAT(found(reader, {{"beta"}}), ElementsAre("beta"));
    EXPECT_EQ(must(reader.document_frequencies(std::vector<std::string>{"fresh", "beta", "none"})),
              (std::vector<std::uint64_t>{2, 1, 0}));
    must(store.check_integrity());
}

TEST(Store, MoveOntoAnotherDocumentIsAConflict) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    const DocumentId id = put(store, document(source, "a.md"), {"alpha"});
    put(store, document(source, "b.md"), {"beta"});
    const auto moved = store.write([&](Writer& writer) {
        return writer.move_document(id, document(source, "b.md"), std::vector{passage("alpha")});
    });
    EXPECT_EQ(moved.error().code, Code::conflict);
}

TEST(Store, RemovedSourceTakesEverythingOfItsOwnAlong) {
    Store store = open_store();
    const SourceId gone = add_source(store, "gone");
    const SourceId kept = add_source(store, "kept");
    put(store, document(gone, "a.md"), {"alpha", "alpha beta"});
    put(store, document(kept, "a.md"), {"alpha gamma"});
    must(store.write([&](Writer& writer) -> Result<> {
        TRY_VOID(writer.put_left_out(gone, "", std::vector<LeftOut>{{"x", "binary", ""}}));
        TRY_VOID(writer.put_branch_commits(gone, "main", std::vector<std::string>{"abcd"}));
        TRY_VOID(writer.add_job({.kind = "sync", .source = gone}));
        TRY_VOID(writer.keep_answer(
            {.uuid = "1", .question = "of gone", .json = "{}", .sources = std::vector<std::string>{"gone"}}));
        return writer.keep_answer(
            {.uuid = "2", .question = "of kept", .json = "{}", .sources = std::vector<std::string>{"kept"}});
    }));
    Counts counts;
    must(store.write([&](Writer& writer) -> Result<> {
        counts = TRY(writer.remove_source(gone));
        return {};
    }));
    EXPECT_EQ(counts.documents, 1U);
    EXPECT_EQ(counts.passages, 2U);
    Reader reader = must(store.reader());
    EXPECT_THAT(found(reader, {{"alpha"}, {"beta"}}), ElementsAre("alpha gamma"));
    EXPECT_EQ(must(reader.document_frequencies(std::vector<std::string>{"alpha"}))[0], 1U);
    EXPECT_THAT(must(reader.unfinished_jobs()), IsEmpty());
    EXPECT_THAT(must(reader.left_out(gone, 10)), IsEmpty());
    EXPECT_THAT(must(reader.branches(gone)), IsEmpty());
    const auto answers = must(reader.answers(10));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].question, "of kept");
    must(store.check_integrity());
}

TEST(Store, LeftOutIsReplacedBelowOneFolderOnly) {
    Store store = open_store();
    const SourceId source = add_source(store, "notes");
    const auto put_left_out = [&](std::string_view below, const std::vector<LeftOut>& entries) {
        must(store.write([&](Writer& writer) { return writer.put_left_out(source, below, entries); }));
    };
    put_left_out("", {{"a", "binary", ""}, {"a/x", "secret", ""}, {"a-b", "binary", ""}, {"ab", "binary", ""}});
    put_left_out("a", {{"a/y", "too large", "9 MB"}});
    Reader reader = must(store.reader());
    std::vector<std::string> paths;
    for (const LeftOut& entry : must(reader.left_out(source, 10))) paths.push_back(entry.path);
    EXPECT_THAT(paths, ElementsAre("a-b", "a/y", "ab"));
    EXPECT_THAT(must(reader.left_out_counts(source)), ElementsAre(std::pair("binary", 2U), std::pair("too large", 1U)));
}

TEST(Store, JobsAreTakenUpOldestFirstAfterARestart) {
    const Folder folder;
    {
        Store store = open_store(folder / "lar.db");
        must(store.write([&](Writer& writer) -> Result<> {
            TRY_VOID(writer.add_job({.uuid = "a", .kind = "sync"}));
            TRY_VOID(writer.add_job({.uuid = "b", .kind = "sync"}));
            const JobId third = TRY(writer.add_job({.uuid = "c", .kind = "sync"}));
            return writer.update_job({.id = third, .state = JobState::done, .finished = Timestamp{7, 0}});
        }));
    }
    Store store = open_store(folder / "lar.db");
    Reader reader = must(store.reader());
    std::vector<std::string> unfinished;
    for (const Job& job : must(reader.unfinished_jobs())) unfinished.push_back(job.uuid);
    EXPECT_THAT(unfinished, ElementsAre("a", "b"));
    const auto all = must(reader.jobs(1));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].uuid, "c");
    EXPECT_EQ(all[0].state, JobState::done);
    EXPECT_EQ(all[0].finished->us, 7);
    EXPECT_FALSE(all[0].started);
}

TEST(Store, OnlyTheNewestAnswersAreKept) {
    Store store = open_store();
    must(store.write([&](Writer& writer) -> Result<> {
        for (int i = 0; i < 1005; ++i) {
            TRY_VOID(writer.keep_answer({.uuid = std::to_string(i), .question = "q", .json = "{}"}));
        }
        return {};
    }));
    Reader reader = must(store.reader());
    EXPECT_EQ(must(reader.answers(2000)).size(), 1000U);
    EXPECT_FALSE(must(reader.answer("4")));
    EXPECT_TRUE(must(reader.answer("5")));
}

TEST(Store, ReadersSeeWholeTransactionsWhileTheWriterWrites) {
    const Folder folder;
    Store store = open_store(folder / "lar.db");
    const SourceId source = add_source(store, "notes");
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (int thread = 0; thread < 3; ++thread) {
        readers.emplace_back([&] {
            Reader reader = must(store.reader());
            while (!done) {
                // Each transaction writes two documents of one passage each.
                EXPECT_EQ(must(reader.counts(source)).documents % 2, 0U);
                const auto hits = must(reader.search(std::vector<QueryTerm>{{"shared"}}, {}, {}, 1000));
                EXPECT_EQ(hits.size() % 2, 0U);
            }
        });
    }
    for (int i = 0; i < 50; ++i) {
        must(store.write([&](Writer& writer) -> Result<> {
            for (const char* half : {"a", "b"}) {
                TRY_VOID(writer.put_document(document(source, half + std::to_string(i)),
                                             std::vector{passage("shared words")}));
            }
            return {};
        }));
        if (i % 10 == 0) store.release_memory();
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    must(store.check_integrity());
}

TEST(Store, StoresInMemoryAreSeparateAndSharedWithTheirReaders) {
    Store one = open_store();
    Store other = open_store();
    add_source(one, "notes");
    EXPECT_TRUE(must(must(one.reader()).source_named("notes")));
    EXPECT_FALSE(must(must(other.reader()).source_named("notes")));
    EXPECT_GT(must(one.size_bytes()), 0U);
}

TEST(Store, DamagedFileIsSaidToBeDamaged) {
    const Folder folder;
    const auto path = folder / "lar.db";
    must(write_file_atomically(path, std::string(8192, 'x')));
    const auto store = Store::open(path, fixed_clock);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::corrupt);
    EXPECT_THAT(store.error().message, HasSubstr(path.native() + " is damaged"));
}

TEST(Store, RangesOfPassagesAreThoseOfTheDocumentsInScope) {
    Store store = open_store();
    const SourceId notes = add_source(store, "notes"), mail = add_source(store, "mail");
    put(store, document(notes, "a.md"), {"one", "two"});
    const DocumentId gone = put(store, document(notes, "b.md"), {"three"});
    put(store, document(mail, "c"), {"four"});
    put(store, document(notes, "empty.md"), {});
    Reader reader = must(store.reader());
    EXPECT_THAT(must(reader.passage_ranges({})), ElementsAre(PassageRange{1, 5}));
    EXPECT_THAT(must(reader.passage_ranges({.sources = {notes}})), ElementsAre(PassageRange{1, 4}));
    const PassagesMark before = must(reader.passages_mark());
    must(store.write([&](Writer& writer) { return writer.remove_document(gone); }));
    EXPECT_THAT(must(reader.passage_ranges({})), ElementsAre(PassageRange{1, 3}, PassageRange{4, 5}));
    EXPECT_FALSE(must(reader.passages_mark()) == before);
    put(store, document(notes, "a.md"), {"one", "two and a half"});
    EXPECT_THAT(must(reader.passage_ranges({})), ElementsAre(PassageRange{4, 7}));
}

}  // namespace
}  // namespace lar::store
