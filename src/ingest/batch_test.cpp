#include "ingest/batch.h"

#include <gtest/gtest.h>

#include "base/identity.h"
#include "ingest/fixture.h"

namespace lar::ingest {
namespace {

class BatchTest : public testing::Test {
protected:
    BatchTest() : store_(open()) {
        const Result<> added = store_.write([&](store::Writer& writer) -> Result<> {
            source_ = TRY(writer.add_source({.name = "notes", .location = "/home/ana/notes"}));
            return {};
        });
        EXPECT_TRUE(added);
    }
    store::Store open() const {
        auto store = store::Store::open(folder_.path() / "lar.db", clock_);
        if (!store) std::abort();
        return std::move(*store);
    }
    static Result<> put(Batch& batch, store::SourceId source, int number) {
        const std::string text = lar::format("text of {}", number);
        store::NewPassage passage{.passage = {.text = text, .hash = hash_hex(text)}, .indexed = {.body = text}};
        return batch.put({.source = source, .path = std::to_string(number), .hash = passage.passage.hash}, {passage});
    }
    std::uint64_t stored() {
        auto reader = store_.reader();
        return reader ? (*reader).counts(source_)->documents : 0;
    }

    Folder folder_;
    SystemClock clock_;
    store::Store store_;
    store::SourceId source_;
};

constexpr int several_batches = 5 * static_cast<int>(limit_batch_changes) + 7;

TEST_F(BatchTest, EverythingIsStoredWhenFlushSaysSo) {
    Batch batch(store_, clock_);
    for (int number = 0; number < several_batches; ++number) ASSERT_TRUE(put(batch, source_, number));
    ASSERT_TRUE(batch.flush());
    EXPECT_EQ(stored(), static_cast<std::uint64_t>(several_batches));
    EXPECT_FALSE(batch.failed());
}

TEST_F(BatchTest, ALaterChangeOfADocumentIsWrittenLater) {
    Batch batch(store_, clock_);
    for (int round = 0; round < 3; ++round)
        for (int number = 0; number < several_batches; ++number) ASSERT_TRUE(put(batch, source_, number));
    auto reader = store_.reader();
    ASSERT_TRUE(batch.flush());
    const auto document = reader->document_at(source_, store::DocumentKind::file, "0");
    ASSERT_TRUE(document && *document);
    ASSERT_TRUE(batch.remove((*document)->id));
    ASSERT_TRUE(batch.flush());
    EXPECT_EQ(stored(), static_cast<std::uint64_t>(several_batches) - 1);
}

TEST_F(BatchTest, AFailureOfTheThreadThatWritesIsToldOnceAndBatchGoesOn) {
    Batch batch(store_, clock_);
    Result<> outcome;
    for (int number = 0; outcome && number < several_batches; ++number)
        outcome = put(batch, store::SourceId{999}, number);
    if (outcome) outcome = batch.flush();
    EXPECT_FALSE(outcome);
    EXPECT_TRUE(batch.failed());
    ASSERT_TRUE(put(batch, source_, 1));
    EXPECT_TRUE(batch.flush());
    EXPECT_EQ(stored(), 1U);
}

TEST_F(BatchTest, WhatWasHandedOverIsWrittenThoughNobodyFlushes) {
    {
        Batch batch(store_, clock_);
        const int handed_over = static_cast<int>(limit_batch_changes);
        for (int number = 0; number < handed_over; ++number) ASSERT_TRUE(put(batch, source_, number));
    }
    EXPECT_GT(stored(), 0U);
}

}  // namespace
}  // namespace lar::ingest
