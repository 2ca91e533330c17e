#include "index/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "index/testing.h"

namespace lar::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A collection in several segments, some of its passages deleted.
struct Collection {
    std::vector<TestPassage> passages;  // live
    std::vector<LiveSegment> segments;
    Bm25 bm25;
};

Collection random_collection(std::mt19937& random, std::size_t count, std::size_t vocabulary, std::size_t parts) {
    Collection made;
    const auto all = random_passages(random, count, vocabulary);
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t first = all.size() * part / parts, end = all.size() * (part + 1) / parts;
        const Segment::Shared segment = segment_of(std::span(all).subspan(first, end - first));
        PlaceSet live = PlaceSet::all(segment->documents());
        for (std::size_t i = first; i < end; ++i) {
            if (part % 2 == 1 && random() % 4 == 0)
                live.remove(static_cast<std::uint32_t>(i - first));
            else
                made.passages.push_back(all[i]);
        }
        made.segments.push_back({segment, part % 2 == 1 ? std::make_shared<PlaceSet>(live) : nullptr});
    }
    made.bm25.passages = static_cast<double>(made.passages.size());
    return made;
}

std::vector<WeightedTerm> random_terms(std::mt19937& random, std::size_t count, std::size_t vocabulary) {
    std::vector<WeightedTerm> terms;
    for (std::size_t i = 0; i < count; ++i)
        terms.push_back({"w" + std::to_string(random() % (random() % 2 == 0 ? 30 : vocabulary)),
                         0.1 + static_cast<double>(random() % 100) / 50});
    return terms;
}

std::vector<std::pair<std::int64_t, double>> pairs(const std::vector<Found>& found) {
    std::vector<std::pair<std::int64_t, double>> out;
    for (const Found& each : found) out.emplace_back(each.id, each.score);
    return out;
}

TEST(IndexSearch, PrunedIsExactlyWhatReadingEveryPostingGives) {
    std::mt19937 random(21);
    for (int round = 0; round < 30; ++round) {
        const std::size_t vocabulary = 50 + random() % 5000;
        Collection collection = random_collection(random, 200 + random() % 12'000, vocabulary, 1 + random() % 4);
        Bm25& bm25 = collection.bm25;
        bm25.k1 = 0.5 + static_cast<double>(random() % 20) / 10;
        bm25.b = static_cast<double>(random() % 11) / 10;
        for (double& weight : bm25.field_weights) weight = static_cast<double>(random() % 5) / 2;
        bm25.average_length = 20 + static_cast<double>(random() % 40);
        for (const std::size_t count : {1U, 2U, 6U, 40U}) {
            const auto terms = random_terms(random, count, vocabulary);
            const std::size_t limit = 1 + random() % 100;
            const auto pruned = must(search(collection.segments, terms, bm25, {.limit = limit}));
            const auto whole =
                must(search(collection.segments, terms, bm25, {.limit = limit, .pruning = Pruning::off}));
            ASSERT_EQ(pairs(pruned), pairs(whole)) << "round " << round << ", " << count << " terms, best " << limit;
        }
    }
}

TEST(IndexSearch, AThousandTermsAreNoOtherMatter) {
    std::mt19937 random(22);
    const Collection collection = random_collection(random, 20'000, 3000, 3);
    Bm25 bm25 = collection.bm25;
    bm25.average_length = 45;
    const auto terms = random_terms(random, 1000, 3000);
    const auto pruned = must(search(collection.segments, terms, bm25, {.limit = 50}));
    EXPECT_EQ(pairs(pruned),
              pairs(must(search(collection.segments, terms, bm25, {.limit = 50, .pruning = Pruning::off}))));
    EXPECT_EQ(pruned.size(), 50U);
}

// The same score by the formula as it is written, in doubles.
double score_by_hand(const Collection& collection, const TestPassage& passage, std::span<const WeightedTerm> terms) {
    const Bm25& bm25 = collection.bm25;
    const auto count = [](const std::string& text, const std::string& term) {
        std::istringstream words(text);
        double found = 0;
        for (std::string word; words >> word;) found += term.empty() || word == term ? 1 : 0;
        return found;
    };
    const auto weighted = [&](const TestPassage& of, const std::string& term) {
        double sum = 0;
        for (std::size_t field = 0; field < field_count; ++field)
            sum += bm25.field_weights[field] * count(of.terms[field], term);
        return sum;
    };
    double sum = 0;
    for (const WeightedTerm& term : terms) {
        double with_term = 0;
        for (const TestPassage& other : collection.passages) {
            bool there = false;
            for (const std::string& text : other.terms) there = there || count(text, term.term) > 0;
            with_term += there ? 1 : 0;
        }
        const double tf = weighted(passage, term.term);
        const double norm = bm25.k1 * (1 - bm25.b + bm25.b * weighted(passage, "") / bm25.average_length);
        if (tf > 0) sum += term.weight * idf(bm25.passages, with_term) * tf / (tf + norm);
    }
    return sum;
}

TEST(IndexSearch, ScoresAreBm25AndTheOrderIsTheirs) {
    std::mt19937 random(23);
    Collection collection = random_collection(random, 400, 100, 3);
    collection.bm25 = {.k1 = 1.6,
                       .b = 0.6,
                       .field_weights = {1, 2, 0.5, 1.5},
                       .passages = collection.bm25.passages,
                       .average_length = 50};
    const std::vector<WeightedTerm> terms{{"w3", 1}, {"w17", 2}, {"w40", 0.5}, {"nowhere", 3}};
    const auto found = must(search(collection.segments, terms, collection.bm25, {.limit = 1000}));
    std::map<std::int64_t, double> by_hand;
    for (const TestPassage& passage : collection.passages)
        if (const double score = score_by_hand(collection, passage, terms); score > 0) by_hand[passage.id] = score;
    ASSERT_EQ(found.size(), by_hand.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found[i].score, by_hand[found[i].id], 1e-5);
        if (i > 0) {
            EXPECT_GE(found[i - 1].score, found[i].score);
        }
    }
}

TEST(IndexSearch, EqualScoresStandInTheOrderOfIds) {
    std::vector<TestPassage> passages;
    for (int i = 1; i <= 500; ++i) passages.push_back({.id = i, .terms = {"same words"}});
    const std::vector<LiveSegment> segments{{segment_of(std::span(passages).subspan(250)), nullptr},
                                            {segment_of(std::span(passages).subspan(0, 250)), nullptr}};
    const auto found = must(search(segments, std::vector<WeightedTerm>{{"same"}, {"words"}},
                                   {.passages = 500, .average_length = 2}, {.limit = 3}));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].id, 1);
    EXPECT_EQ(found[2].id, 3);
}

TEST(IndexSearch, RangesLimitExactly) {
    std::mt19937 random(24);
    Collection collection = random_collection(random, 9000, 400, 3);
    collection.bm25.average_length = 45;
    const std::int64_t end = collection.passages.back().id + 1;
    for (int round = 0; round < 20; ++round) {
        std::vector<IdRange> ranges;
        for (std::int64_t id = static_cast<std::int64_t>(random() % 50); id < end;) {
            const auto count = static_cast<std::int64_t>(random() % 300);
            ranges.push_back({id, count});
            id += count + static_cast<std::int64_t>(round % 2 == 0 ? 0 : random() % 900);
        }
        const auto terms = random_terms(random, 5, 400);
        std::set<std::int64_t> allowed;
        for (const IdRange& range : ranges)
            for (std::int64_t id = range.first; id < range.first + range.count; ++id) allowed.insert(id);
        const auto everything =
            must(search(collection.segments, terms, collection.bm25, {.limit = 100'000, .pruning = Pruning::off}));
        std::vector<std::pair<std::int64_t, double>> wanted;
        for (const auto& each : pairs(everything))
            if (allowed.contains(each.first) && wanted.size() < 20) wanted.push_back(each);
        EXPECT_EQ(pairs(must(search(collection.segments, terms, collection.bm25, {.limit = 20, .only = &ranges}))),
                  wanted);
    }
    const std::vector<IdRange> none;
    EXPECT_THAT(must(search(collection.segments, random_terms(random, 5, 400), collection.bm25, {.only = &none})),
                IsEmpty());
}

TEST(IndexSearch, TermsThatBeginSoAreCountedOverAllSegments) {
    std::mt19937 random(23);
    const Collection collection = random_collection(random, 5000, 3000, 3);
    std::map<std::string, std::uint64_t> expected;
    for (const LiveSegment& segment : collection.segments) {
        TermWalk walk(*segment.segment);
        while (must(walk.next()))
            if (walk.term().starts_with("w1")) expected[std::string(walk.term())] += walk.list().size;
    }
    ASSERT_FALSE(expected.empty());
    const TermFilter any = [](std::string_view) { return true; };
    std::map<std::string, std::uint64_t> found;
    for (const HeldTerm& one : must(terms_beginning(collection.segments, {{"w1", "w12"}}, any)))
        found[one.term] = one.passages;
    EXPECT_EQ(found, expected);
    const auto count = [&](std::initializer_list<std::string_view> with) {
        return must(terms_beginning(collection.segments, with, any)).size();
    };
    EXPECT_GT(count({"w22"}), 0U);
    EXPECT_EQ(count({"w31", "w22"}), count({"w22"}) + count({"w31"}));
    EXPECT_EQ(must(terms_beginning(collection.segments, {{""}}, any)).size(), [&] {
        std::set<std::string> all;
        for (const LiveSegment& segment : collection.segments) {
            TermWalk walk(*segment.segment);
            while (must(walk.next())) all.insert(std::string(walk.term()));
        }
        return all.size();
    }());
    EXPECT_TRUE(must(terms_beginning(collection.segments, {{"zzzz"}}, any)).empty());
    EXPECT_TRUE(must(terms_beginning({}, {{"w"}}, any)).empty());
    const auto few =
        must(terms_beginning(collection.segments, {{"w1"}}, [](std::string_view term) { return term == "w12"; }));
    ASSERT_EQ(few.size(), 1U);
    EXPECT_EQ(few[0].passages, expected.at("w12"));
}

TEST(IndexSearch, FrequenciesCountLivePassages) {
    const std::vector<TestPassage> passages{
        {.id = 1, .terms = {"a b"}}, {.id = 2, .terms = {"a", "b"}}, {.id = 5, .terms = {"c", "", "a"}}};
    PlaceSet live = PlaceSet::all(3);
    live.remove(1);
    const std::vector<LiveSegment> segments{{segment_of(passages), std::make_shared<PlaceSet>(live)}};
    EXPECT_THAT(must(document_frequencies(segments, std::vector<std::string>{"a", "b", "c", "d", ""})),
                ElementsAre(2, 1, 1, 0, 0));
    EXPECT_THAT(must(search(segments, std::vector<WeightedTerm>{}, {.passages = 2}, {})), IsEmpty());
    EXPECT_THAT(must(search(segments, std::vector<WeightedTerm>{{"a", 0}, {"d", 1}}, {.passages = 2}, {})), IsEmpty());
}

}  // namespace
}  // namespace lar::index
