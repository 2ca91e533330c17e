#include "index/term_space.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>

#include "base/fd.h"
#include "base/testing.h"
#include "index/testing.h"

namespace lar::index {
namespace {

constexpr auto never = [] { return false; };

// Passages about ships and about bread. "vessel" and "boat" never meet, but keep the same company.
std::vector<std::string> two_subjects() {
    const std::array<std::vector<std::string>, 2> company = {
        std::vector<std::string>{"harbour", "sail", "captain", "anchor", "tide", "deck", "mast", "crew"},
        std::vector<std::string>{"flour", "oven", "yeast", "dough", "crust", "bake", "salt", "loaf"}};
    const std::array<std::array<std::string, 2>, 2> names = {{{"vessel", "boat"}, {"bread", "roll"}}};
    std::mt19937 random(7);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t subject = i % 2;
        std::string text = names[subject][i / 2 % 2];
        for (int word = 0; word < 5; ++word) text += " " + company[subject][random() % company[subject].size()];
        texts.push_back(text);
    }
    return texts;
}

std::string bytes_of(const std::vector<std::string>& texts, const SpaceOrigin& origin = {.passages = 200}) {
    TermSpaceBuilder builder;
    for (const std::string& text : texts) EXPECT_TRUE(builder.add(analyse(text)));
    return must(std::move(builder).finish(origin, never));
}

struct Kept {
    Folder folder;
    std::filesystem::path path = folder.path() / "space";
};

TermSpace opened(const Kept& kept, const std::string& bytes) {
    must(write_file_atomically(kept.path, bytes));
    return must(TermSpace::open(kept.path));
}

double cosine(const TermSpace& space, std::string_view a, std::string_view b) {
    std::vector<float> first(space.dimensions()), second(space.dimensions());
    EXPECT_TRUE(space.place(analyse(a), first));
    EXPECT_TRUE(space.place(analyse(b), second));
    return std::inner_product(first.begin(), first.end(), second.begin(), 0.0);
}

TEST(TermSpace, WordsInTheSameCompanyLieNearEachOther) {
    const Kept kept;
    const TermSpace space = opened(kept, bytes_of(two_subjects()));
    EXPECT_GT(cosine(space, "vessel", "boat"), cosine(space, "vessel", "bread") + 0.1);
    EXPECT_GT(cosine(space, "vessel", "anchor tide"), cosine(space, "vessel", "yeast dough") + 0.2);
    EXPECT_NEAR(cosine(space, "a loaf of bread", "bread, a loaf"), 1, 1e-5);
}

TEST(TermSpace, TextOfUnknownWordsLiesNowhere) {
    const Kept kept;
    const TermSpace space = opened(kept, bytes_of(two_subjects()));
    std::vector<float> place(space.dimensions());
    EXPECT_FALSE(space.place(analyse("zeppelin"), place));
    EXPECT_FALSE(space.place({}, place));
}

TEST(TermSpace, SamePassagesGiveTheSameBytes) { EXPECT_EQ(bytes_of(two_subjects()), bytes_of(two_subjects())); }

TEST(TermSpace, KnowsWhatItWasMadeFromAndHoldsNoWord) {
    const Kept kept;
    const std::string bytes = bytes_of(two_subjects(), {.passages = 321, .sources = 4});
    EXPECT_EQ(opened(kept, bytes).origin(), (SpaceOrigin{.passages = 321, .sources = 4}));
    for (const char* word : {"captain", "harbour", "dough"}) EXPECT_FALSE(bytes.contains(word)) << word;
}

TEST(TermSpace, EveryChangedByteIsSeen) {
    const Kept kept;
    const std::string bytes = bytes_of(two_subjects());
    for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{20}, std::size_t{60}, std::size_t{180},
                                 bytes.size() / 2, bytes.size() - 1}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        must(write_file_atomically(kept.path, damaged));
        const auto space = TermSpace::open(kept.path);
        ASSERT_FALSE(space.has_value()) << at;
        EXPECT_EQ(space.error().code, Code::corrupt);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}, bytes.size() - 1}) {
        must(write_file_atomically(kept.path, bytes.substr(0, size)));
        EXPECT_FALSE(TermSpace::open(kept.path).has_value()) << size;
    }
}

TEST(TermSpace, FewPassagesOrNoneMakeASpaceWithoutDirections) {
    const Kept kept;
    const TermSpace none = opened(kept, bytes_of({}));
    EXPECT_EQ(none.dimensions(), 0U);
    EXPECT_FALSE(none.place(analyse("captain"), {}));
    EXPECT_EQ(opened(kept, bytes_of({"one captain", "two captains"})).dimensions(), 0U);
}

TEST(TermSpace, PassagesBeyondTheLimitAreNotTaken) {
    TermSpaceBuilder builder;
    const auto tokens = analyse("tide");
    for (std::size_t i = 0; i < limit_space_passages; ++i) ASSERT_TRUE(builder.add(tokens));
    EXPECT_FALSE(builder.add(tokens));
}

TEST(TermSpace, StopsWhenAsked) {
    TermSpaceBuilder builder;
    for (const std::string& text : two_subjects()) EXPECT_TRUE(builder.add(analyse(text)));
    const auto bytes = std::move(builder).finish({}, [] { return true; });
    ASSERT_FALSE(bytes.has_value());
    EXPECT_EQ(bytes.error().code, Code::unavailable);
}

// Rows that lie in two directions, (1, 1, 0, 0) and (0, 0, 1, -1), the first three times as long.
TEST(Factors, AreTheDirectionsOfTheRowsTheLongestFirst) {
    SparseRows rows{.ends = {}, .columns = {}, .values = {}, .width = 4};
    for (int i = 1; i <= 40; ++i) {
        const float along = static_cast<float>(i) * (i % 3 == 0 ? -1.0F : 1.0F);
        const std::array values = i % 2 == 0 ? std::array{3 * along, 3 * along} : std::array{along, -along};
        const std::uint32_t first = i % 2 == 0 ? 0 : 2;
        rows.columns.insert(rows.columns.end(), {first, first + 1});
        rows.values.insert(rows.values.end(), values.begin(), values.end());
        rows.ends.push_back(rows.columns.size());
    }
    const std::vector<float> places = must(right_factors(rows, 3, never));
    ASSERT_EQ(places.size(), 12U);
    const float half = std::sqrt(0.5F);
    const auto at = [&](std::size_t column, std::size_t direction) { return places[column * 3 + direction]; };
    EXPECT_NEAR(std::abs(at(0, 0)), half, 1e-4);
    EXPECT_NEAR(at(1, 0), at(0, 0), 1e-4);
    EXPECT_NEAR(at(2, 0), 0, 1e-4);
    EXPECT_NEAR(std::abs(at(2, 1)), half, 1e-4);
    EXPECT_NEAR(at(3, 1), -at(2, 1), 1e-4);
    EXPECT_NEAR(at(0, 1), 0, 1e-4);
}

TEST(Factors, AreOrthogonalAndHoldMostOfTheRows) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    constexpr std::size_t width = 60, true_directions = 8, passages = 300;
    std::vector<float> basis(true_directions * width);
    for (float& value : basis) value = normal(random);
    SparseRows rows{.ends = {}, .columns = {}, .values = {}, .width = width};
    double all = 0;
    for (std::size_t i = 0; i < passages; ++i) {
        std::vector<float> row(width);
        for (std::size_t j = 0; j < true_directions; ++j) {
            const float along = normal(random);
            for (std::size_t column = 0; column < width; ++column) row[column] += along * basis[j * width + column];
        }
        for (std::uint32_t column = 0; column < width; ++column) {
            rows.columns.push_back(column);
            rows.values.push_back(row[column]);
            all += static_cast<double>(row[column]) * row[column];
        }
        rows.ends.push_back(rows.columns.size());
    }
    const std::vector<float> places = must(right_factors(rows, true_directions, never));
    for (std::size_t a = 0; a < true_directions; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            double product = 0;
            for (std::size_t column = 0; column < width; ++column)
                product += static_cast<double>(places[column * true_directions + a]) *
                           static_cast<double>(places[column * true_directions + b]);
            EXPECT_NEAR(product, a == b ? 1 : 0, 1e-4) << a << ", " << b;
        }
    double held = 0;
    for (std::size_t i = 0; i < passages; ++i)
        for (std::size_t j = 0; j < true_directions; ++j) {
            double along = 0;
            for (std::size_t column = 0; column < width; ++column)
                along += static_cast<double>(rows.values[i * width + column]) *
                         static_cast<double>(places[column * true_directions + j]);
            held += along * along;
        }
    EXPECT_NEAR(held / all, 1, 1e-4);
}

}  // namespace
}  // namespace lar::index
