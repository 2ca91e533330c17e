#include "index/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/testing.h"

namespace lar::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const PlaceSet> without(const Segment& segment, std::span<const std::int64_t> ids) {
    PlaceSet live = PlaceSet::all(segment.documents());
    for (const std::int64_t id : ids) live.remove(*must(segment.place_of(id)));
    return std::make_shared<PlaceSet>(std::move(live));
}

TEST(Merge, IsTheSegmentOfAllThatIsLive) {
    std::mt19937 random(11);
    for (int round = 0; round < 10; ++round) {
        const auto passages = random_passages(random, 1 + random() % 2000, 300);
        const std::size_t parts = 1 + random() % 6;
        // Some rounds with ids that go on from part to part, some with ids that mingle.
        std::vector<std::vector<TestPassage>> of_part(parts);
        for (std::size_t i = 0; i < passages.size(); ++i)
            of_part[round % 2 == 0 ? i * parts / passages.size() : random() % parts].push_back(passages[i]);
        std::vector<LiveSegment> segments;
        std::vector<TestPassage> left;
        for (const auto& part : of_part) {
            std::vector<std::int64_t> dead;
            for (const TestPassage& passage : part) {
                if (random() % 5 == 0)
                    dead.push_back(passage.id);
                else
                    left.push_back(passage);
            }
            const Segment::Shared segment = segment_of(part);
            segments.push_back({segment, dead.empty() ? nullptr : without(*segment, dead)});
        }
        std::ranges::sort(left, {}, &TestPassage::id);
        const Segment::Shared all = merged(segments);
        EXPECT_EQ(all->documents(), left.size());
        EXPECT_EQ(listing(*all), listing(*segment_of(left)));
        must(all->check());
    }
}

TEST(Merge, OfNothingLiveIsEmpty) {
    std::mt19937 random(12);
    const Segment::Shared segment = segment_of(random_passages(random, 10, 20));
    const std::vector<LiveSegment> segments{{segment, std::make_shared<PlaceSet>(PlaceSet::none(10))}};
    const Segment::Shared empty = merged(segments);
    EXPECT_EQ(empty->documents(), 0U);
    EXPECT_EQ(empty->terms(), 0U);
    must(empty->check());
}

TEST(Merge, APassageInTwoSegmentsIsDamage) {
    std::mt19937 random(13);
    const Segment::Shared segment = segment_of(random_passages(random, 10, 20));
    SegmentWriter writer = SegmentWriter::in_memory();
    EXPECT_EQ(merge(std::vector<LiveSegment>{{segment, nullptr}, {segment, nullptr}}, writer).error().code,
              Code::corrupt);
}

TEST(Merge, EndsWhenItIsToStop) {
    std::mt19937 random(14);
    const Segment::Shared segment = segment_of(random_passages(random, 1000, 30'000));
    const std::atomic<bool> stopping = true;
    SegmentWriter writer = SegmentWriter::in_memory();
    EXPECT_EQ(merge(std::vector<LiveSegment>{{segment, nullptr}}, writer, &stopping).error().code, Code::unavailable);
}

TEST(ChooseMerge, TakesEightOfATierAndTheSmallestTierFirst) {
    constexpr std::uint64_t no_limit = ~std::uint64_t{0};
    std::vector<SegmentSize> sizes(7, {.bytes = 1000, .documents = 10});
    EXPECT_THAT(choose_merge(sizes, no_limit), IsEmpty());
    for (int i = 0; i < 9; ++i) sizes.push_back({.bytes = 3'000'000, .documents = 10});
    EXPECT_THAT(choose_merge(sizes, no_limit), ElementsAre(7, 8, 9, 10, 11, 12, 13, 14));
    EXPECT_THAT(choose_merge(sizes, 10'000'000), IsEmpty());
    sizes.push_back({.bytes = 10'000, .documents = 10});
    EXPECT_THAT(choose_merge(sizes, 10'000'000), ElementsAre(0, 1, 2, 3, 4, 5, 6, 16));
}

TEST(ChooseMerge, LeavesWhatHasGrownAlone) {
    std::vector<SegmentSize> sizes(8, {.bytes = 20'000, .documents = 10});
    sizes[3].bytes = 100'000;
    sizes.push_back({.bytes = 30'000, .documents = 10});
    EXPECT_THAT(choose_merge(sizes, ~std::uint64_t{0}), ElementsAre(0, 1, 2, 4, 5, 6, 7, 8));
}

TEST(ChooseMerge, WritesWhatComesInSmallPiecesAFewTimes) {
    std::vector<SegmentSize> sizes;
    std::uint64_t written = 0;
    constexpr std::uint64_t piece = 30'000, pieces = 4096;
    for (std::uint64_t i = 0; i < pieces; ++i) {
        sizes.push_back({.bytes = piece, .documents = 10});
        for (auto chosen = choose_merge(sizes, ~std::uint64_t{0}); !chosen.empty();
             chosen = choose_merge(sizes, ~std::uint64_t{0})) {
            SegmentSize sum;
            for (const std::size_t each : chosen) sum.bytes += sizes[each].bytes;
            for (auto each = chosen.rbegin(); each != chosen.rend(); ++each)
                sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(*each));
            sizes.push_back(sum);
            written += sum.bytes;
        }
    }
    EXPECT_LE(written, 4 * piece * pieces);
}

TEST(ChooseMerge, WritesASegmentAnewOfWhichHalfIsDeleted) {
    std::vector<SegmentSize> sizes{{.bytes = 1000, .documents = 10, .deleted = 5},
                                   {.bytes = 5000, .documents = 10, .deleted = 6}};
    EXPECT_THAT(choose_merge(sizes, 10'000), ElementsAre(1));
    EXPECT_THAT(choose_merge(sizes, 2000), IsEmpty());
}

TEST(ChooseMerge, NeverLeavesManySegmentsHoweverManyAreAdded) {
    std::vector<SegmentSize> sizes;
    std::size_t most = 0;
    for (int i = 0; i < 5000; ++i) {
        sizes.push_back({.bytes = 100'000, .documents = 10});
        for (auto chosen = choose_merge(sizes, ~std::uint64_t{0}); !chosen.empty();
             chosen = choose_merge(sizes, ~std::uint64_t{0})) {
            SegmentSize sum;
            for (const std::size_t each : chosen) sum.bytes += sizes[each].bytes;
            for (auto each = chosen.rbegin(); each != chosen.rend(); ++each)
                sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(*each));
            sizes.push_back(sum);
        }
        most = std::max(most, sizes.size());
    }
    EXPECT_LE(most, 40U);
}

}  // namespace
}  // namespace lar::index
