#include "recall/passage_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/fd.h"

namespace lar::recall {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t dimensions = 4;

class PassageVectorsTest : public ::testing::Test {
protected:
    PassageVectorsTest() {
        std::string name = (std::filesystem::temp_directory_path() / "lar-passages-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) folder_ = name;
        reopen();
    }
    ~PassageVectorsTest() override { std::filesystem::remove_all(folder_); }

    void reopen() {
        auto opened = PassageVectors::open(folder_ / "vectors");
        ASSERT_TRUE(opened) << opened.error().message;
        vectors_ = std::move(*opened);
    }
    // One for each key: it points to the key's own direction.
    void add(const std::vector<index::VectorKey>& keys) {
        std::vector<float> values;
        for (const index::VectorKey key : keys)
            for (std::size_t i = 0; i < dimensions; ++i)
                values.push_back(i == static_cast<std::size_t>(key) % dimensions ? 1.0F : 0.1F);
        const Result<> added = vectors_->add(keys, values);
        ASSERT_TRUE(added) << added.error().message;
    }
    std::vector<index::VectorKey> nearest(const VectorSpace& space, std::size_t direction) {
        std::vector<float> query(dimensions);
        query[direction] = 1;
        std::vector<index::VectorKey> keys;
        const auto found = vectors_->nearest(space, query, 2, std::nullopt);
        if (found)
            for (const index::Neighbour& neighbour : *found) keys.push_back(neighbour.key);
        return keys;
    }
    std::size_t folders() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / "vectors"))
            count += entry.is_directory();
        return count;
    }

    std::filesystem::path folder_;
    std::unique_ptr<PassageVectors> vectors_;
    const VectorSpace first_{.id = "a1", .model = "one", .dimensions = dimensions};
    const VectorSpace second_{.id = "b2", .model = "two", .dimensions = dimensions};
    const std::vector<store::PassageRange> live_{{1, 4}, {10, 12}};
};

TEST_F(PassageVectorsTest, SaysWhichPassagesMissAVectorAndWhichVectorsMissAPassage) {
    ASSERT_TRUE(vectors_->want(first_));
    EXPECT_THAT(vectors_->plan(live_).missing, ElementsAre(1, 2, 3, 10, 11));
    add({1, 2, 7, 10, 20});
    const VectorWork work = vectors_->plan(live_);
    EXPECT_THAT(work.missing, ElementsAre(3, 11));
    EXPECT_THAT(work.gone, ElementsAre(7, 20));
    EXPECT_EQ(work.passages, 5U);
    ASSERT_TRUE(vectors_->remove(work.gone));
    EXPECT_THAT(vectors_->plan(live_).gone, IsEmpty());
}

TEST_F(PassageVectorsTest, TheFirstGenerationServesBeforeItIsComplete) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2});
    EXPECT_EQ(vectors_->serving(), first_);
    EXPECT_THAT(nearest(first_, 2), ElementsAre(2, 1));
}

TEST_F(PassageVectorsTest, TheOldGenerationServesUntilTheNewOneIsComplete) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2});
    ASSERT_TRUE(vectors_->complete());
    ASSERT_TRUE(vectors_->want(second_));
    add({3});
    EXPECT_EQ(vectors_->serving(), first_);
    EXPECT_THAT(nearest(first_, 1), ElementsAre(1, 2));
    EXPECT_THAT(nearest(second_, 1), IsEmpty());
    EXPECT_EQ(folders(), 2U);

    ASSERT_TRUE(vectors_->complete());
    EXPECT_EQ(vectors_->serving(), second_);
    EXPECT_THAT(nearest(second_, 3), ElementsAre(3));
    EXPECT_THAT(nearest(first_, 1), IsEmpty());
    EXPECT_EQ(folders(), 1U);
}

TEST_F(PassageVectorsTest, WhatIsHalfDoneGoesOnAfterARestart) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2, 3, 10, 11});
    ASSERT_TRUE(vectors_->complete());
    ASSERT_TRUE(vectors_->want(second_));
    add({1, 2});
    reopen();
    EXPECT_EQ(vectors_->serving(), first_);
    ASSERT_TRUE(vectors_->want(second_));
    EXPECT_EQ(vectors_->serving(), first_);
    EXPECT_THAT(vectors_->plan(live_).missing, ElementsAre(3, 10, 11));
}

TEST_F(PassageVectorsTest, TrustIsMeasuredForASpaceAndOutlivesARestart) {
    ASSERT_TRUE(vectors_->want(first_));
    EXPECT_EQ(vectors_->trust(), 0);
    EXPECT_FALSE(vectors_->measured());
    ASSERT_TRUE(vectors_->note({.trust = 0.75, .passages = 5}));
    EXPECT_NEAR(vectors_->trust(), 0.75, 1e-9);
    ASSERT_TRUE(vectors_->want(second_));
    EXPECT_FALSE(vectors_->measured());
    EXPECT_NEAR(vectors_->trust(), 0.75, 1e-9);
    reopen();
    EXPECT_NEAR(vectors_->trust(), 0.75, 1e-9);
    ASSERT_TRUE(vectors_->want(first_));
    EXPECT_EQ(vectors_->measured()->passages, 5U);
}

TEST_F(PassageVectorsTest, AModelThatIsGoneTakesItsVectorsAlong) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2});
    ASSERT_TRUE(vectors_->want_none());
    EXPECT_EQ(vectors_->serving(), std::nullopt);
    EXPECT_EQ(folders(), 0U);
    reopen();
    EXPECT_EQ(vectors_->serving(), std::nullopt);
}

TEST_F(PassageVectorsTest, OnlyWhatIsRetainedStaysOnTheDiskWhateverGenerationHasIt) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2, 7, 10});
    ASSERT_TRUE(vectors_->complete());
    ASSERT_TRUE(vectors_->want(second_));
    add({1, 2, 3, 7, 8});
    ASSERT_TRUE(vectors_->remove(std::vector<index::VectorKey>{8}));  // dead, but not off the disk
    const auto erased = vectors_->retain(live_);
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->before, 3U);
    EXPECT_EQ(erased->after, 0U);
    EXPECT_EQ(erased->files, 2U);
    EXPECT_THAT(vectors_->plan(live_).gone, IsEmpty());
    EXPECT_THAT(vectors_->plan(live_).missing, ElementsAre(10, 11));
    EXPECT_TRUE(vectors_->verify());
    EXPECT_EQ(vectors_->retain({})->before, 6U);
    EXPECT_EQ(vectors_->counts().bytes, 0U);
}

// A generation that nobody opened yet: it is told of, not passed over.
TEST_F(PassageVectorsTest, WhatAnUnopenedGenerationHoldsIsSaidToBeLeft) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1});
    ASSERT_TRUE(vectors_->complete());
    ASSERT_TRUE(vectors_->want(second_));
    add({1, 7});
    reopen();
    EXPECT_EQ(vectors_->retain(live_)->after, 1U);
}

TEST_F(PassageVectorsTest, DamagedVectorsAreMadeAnew) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2});
    ASSERT_TRUE(write_file_atomically(folder_ / "vectors/a1/index/index", "nonsense"));
    reopen();
    EXPECT_EQ(vectors_->serving(), std::nullopt);
    ASSERT_TRUE(vectors_->want(first_));
    EXPECT_THAT(vectors_->plan(live_).missing, ElementsAre(1, 2, 3, 10, 11));
}

TEST_F(PassageVectorsTest, ASpaceWithOtherDimensionsBeginsAnew) {
    ASSERT_TRUE(vectors_->want(first_));
    add({1, 2});
    VectorSpace other = first_;
    other.dimensions = 8;
    reopen();
    EXPECT_EQ(vectors_->want({.id = "../x", .model = "m", .dimensions = 4}).error().code, Code::invalid);
    ASSERT_TRUE(vectors_->want(other));
    EXPECT_EQ(vectors_->plan(live_).missing.size(), 5U);
}

}  // namespace
}  // namespace lar::recall
