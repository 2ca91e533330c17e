#include "index/vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

#include "base/fd.h"
#include "base/testing.h"
#include "index/vector_kernels.h"
#include "index/vector_rotation.h"

namespace lar::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Vector = std::vector<float>;

// Vectors of length one in clusters, as texts of some topics have: few directions, all leaning to one side.
class Texts {
public:
    Texts(std::size_t dimensions, std::size_t topics, std::uint32_t seed) : random_(seed) {
        common_ = noise(dimensions);
        for (std::size_t i = 0; i < topics; ++i) topics_.push_back(noise(dimensions));
    }
    Vector next() {
        const Vector& topic = topics_[random_() % topics_.size()];
        Vector own = noise(topic.size());
        for (std::size_t i = 0; i < own.size(); ++i) own[i] = common_[i] + topic[i] + 0.6F * own[i];
        const float length = std::sqrt(std::inner_product(own.begin(), own.end(), own.begin(), 0.0F));
        for (float& value : own) value /= length;
        return own;
    }

private:
    Vector noise(std::size_t dimensions) {
        std::normal_distribution<float> normal;
        Vector values(dimensions);
        for (float& value : values) value = normal(random_);
        return values;
    }
    std::mt19937 random_;
    Vector common_;
    std::vector<Vector> topics_;
};

struct Filled {
    Folder folder;
    std::vector<VectorKey> keys;
    std::vector<Vector> vectors;
    Vectors index;

    Filled(std::size_t dimensions, std::size_t count, std::size_t batch = 4096, VectorKey stride = 1)
        : index(Vectors::open(folder.path(), dimensions).value()) {
        Texts texts(dimensions, 40, 7);
        for (std::size_t first = 0; first < count; first += batch) {
            std::vector<float> values;
            for (std::size_t i = first; i < std::min(count, first + batch); ++i) {
                keys.push_back(static_cast<VectorKey>(i + 1) * stride);
                vectors.push_back(texts.next());
                values.insert(values.end(), vectors.back().begin(), vectors.back().end());
            }
            EXPECT_TRUE(index.add(std::span(keys).subspan(first), values));
        }
    }

    template <class Allowed>
    std::vector<VectorKey> by_looking_at_all(const Vector& query, std::size_t count, Allowed allowed) const {
        std::vector<std::pair<double, VectorKey>> scores;
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (allowed(keys[i]))
                scores.emplace_back(-std::inner_product(query.begin(), query.end(), vectors[i].begin(), 0.0), keys[i]);
        std::ranges::sort(scores);
        std::vector<VectorKey> best;
        for (std::size_t i = 0; i < std::min(count, scores.size()); ++i) best.push_back(scores[i].second);
        return best;
    }
    std::vector<VectorKey> by_looking_at_all(const Vector& query, std::size_t count) const {
        return by_looking_at_all(query, count, [](VectorKey) { return true; });
    }
};

std::vector<VectorKey> keys_of(const Result<std::vector<Neighbour>>& neighbours) {
    std::vector<VectorKey> keys;
    EXPECT_TRUE(neighbours) << neighbours.error().message;
    if (neighbours)
        for (const Neighbour& neighbour : *neighbours) keys.push_back(neighbour.key);
    return keys;
}

TEST(vectors, a_rotation_keeps_products_whatever_the_dimensions) {
    for (const std::size_t dimensions : {1U, 3U, 16U, 100U, 384U, 768U, 1000U}) {
        Texts texts(dimensions, 2, 3);
        const Rotation rotation(dimensions, 5);
        const Vector a = texts.next(), b = texts.next();
        Vector rotated_a(rotation.padded()), rotated_b(rotation.padded());
        rotation.apply(a, rotated_a);
        rotation.apply(b, rotated_b);
        EXPECT_NEAR(std::inner_product(a.begin(), a.end(), b.begin(), 0.0F),
                    std::inner_product(rotated_a.begin(), rotated_a.end(), rotated_b.begin(), 0.0F), 1e-5)
            << dimensions;
        EXPECT_NEAR(std::inner_product(rotated_a.begin(), rotated_a.end(), rotated_a.begin(), 0.0F), 1, 1e-5);
    }
}

TEST(vectors, a_rotation_spreads_what_one_dimension_holds) {
    const Rotation rotation(384, 5);
    Vector one(384), rotated(384);
    one[17] = 1;
    rotation.apply(one, rotated);
    EXPECT_LT(std::abs(*std::ranges::max_element(rotated, {}, [](float value) { return std::abs(value); })), 0.3F);
}

TEST(vectors, the_scan_adds_what_the_table_says_for_each_row) {
    constexpr std::size_t padded = 48, groups = padded / 4, blocks = 3;
    std::mt19937 random(11);
    alignas(64) std::array<std::uint8_t, groups * 16> table;
    for (auto& value : table) value = static_cast<std::uint8_t>(random());
    std::vector<std::uint8_t> codes(blocks * block_bytes(padded));
    for (auto& value : codes) value = static_cast<std::uint8_t>(random());
    const auto floats_of = [&](std::size_t block) {
        return reinterpret_cast<float*>(codes.data() + block * block_bytes(padded) + groups * 16);
    };
    for (std::size_t block = 0; block < blocks; ++block)
        for (std::size_t i = 0; i < 64; ++i) floats_of(block)[i] = static_cast<float>(random() % 1000) / 100;

    const ScanQuery query{.table = table, .step = 0.5F, .base = -3};
    std::array<float, blocks * rows_in_block> estimates;
    std::array<std::uint32_t, blocks> above;
    constexpr float threshold = 4000;
    scan_codes(codes.data(), blocks, query, threshold, estimates.data(), above.data());
    for (std::size_t block = 0; block < blocks; ++block) {
        for (std::size_t row = 0; row < rows_in_block; ++row) {
            unsigned sum = 0;
            for (std::size_t group = 0; group < groups; ++group) {
                const unsigned byte = codes[block * block_bytes(padded) + group * 16 + row % 16];
                sum += table[group * 16 + (row < 16 ? byte & 15 : byte >> 4)];
            }
            const float expected =
                floats_of(block)[32 + row] + floats_of(block)[row] * (-3 + 0.5F * static_cast<float>(sum));
            const float found = estimates[block * rows_in_block + row];
            EXPECT_NEAR(found, expected, 1e-2) << block << " " << row;
            EXPECT_EQ((above[block] >> row) & 1, found > threshold ? 1U : 0U);
        }
    }
}

TEST(vectors, products_of_bytes_are_whole_for_any_length) {
    std::mt19937 random(2);
    for (const std::size_t length : {16U, 48U, 384U, 4096U}) {
        std::vector<std::int8_t> row(length, -128);
        std::vector<std::int16_t> query(length);
        std::int64_t expected = 0;
        for (std::size_t i = 0; i < length; ++i) {
            query[i] = static_cast<std::int16_t>(static_cast<int>(random() % 8000) - 4000);
            if (i % 3 != 0) row[i] = static_cast<std::int8_t>(random());
            expected += row[i] * query[i];
        }
        EXPECT_EQ(dot_bytes(row.data(), query), expected) << length;
    }
}

TEST(vectors, the_nearest_are_those_that_looking_at_all_finds) {
    for (const std::size_t dimensions : {20U, 384U}) {
        const Filled filled(dimensions, 6000);
        Texts questions(dimensions, 40, 7);
        for (int i = 0; i < 20; ++i) {
            const Vector query = questions.next();
            EXPECT_EQ(keys_of(filled.index.nearest(query, 10)), filled.by_looking_at_all(query, 10));
        }
    }
}

TEST(vectors, more_rows_than_candidates_lose_none_of_the_nearest) {
    // The sample, the threshold and the pruning all take part.
    const Filled filled(64, 5 * limit_candidates);
    Texts questions(64, 40, 7);
    std::size_t found = 0;
    for (int i = 0; i < 20; ++i) {
        const Vector query = questions.next();
        const auto expected = filled.by_looking_at_all(query, 10);
        for (const VectorKey key : keys_of(filled.index.nearest(query, 10)))
            found += static_cast<std::size_t>(std::ranges::count(expected, key));
    }
    EXPECT_GE(found, 198U);
}

TEST(vectors, scores_are_inner_products) {
    const Filled filled(384, 300);
    const auto neighbours = filled.index.nearest(filled.vectors[17], 300).value();
    ASSERT_THAT(neighbours, SizeIs(300));
    EXPECT_EQ(neighbours[0].key, 18);
    for (const Neighbour& neighbour : neighbours) {
        const Vector& vector = filled.vectors[static_cast<std::size_t>(neighbour.key - 1)];
        EXPECT_NEAR(neighbour.score, std::inner_product(vector.begin(), vector.end(), filled.vectors[17].begin(), 0.0F),
                    1e-5);
    }
}

TEST(vectors, only_keys_within_the_ranges_are_found) {
    const Filled filled(64, 5000, 900, 3);
    const std::vector<KeyRange> within{
        {.first = 100, .end = 130}, {.first = 2001, .end = 2050}, {.first = 9000, .end = 9001}};
    const auto allowed = [&](VectorKey key) {
        return std::ranges::any_of(within, [&](const KeyRange& r) { return key >= r.first && key < r.end; });
    };
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(keys_of(filled.index.nearest(filled.vectors[i * 400], 10, within)),
                  filled.by_looking_at_all(filled.vectors[i * 400], 10, allowed));
    EXPECT_THAT(keys_of(filled.index.nearest(filled.vectors[0], 10, std::span<const KeyRange>{})), IsEmpty());
}

TEST(vectors, what_is_removed_is_not_found_any_more_and_stays_so) {
    Filled filled(64, 3000, 1000);
    const Vector query = filled.vectors[1234];
    const auto before = keys_of(filled.index.nearest(query, 5));
    ASSERT_EQ(before[0], 1235);
    const std::vector<VectorKey> gone{before[0], before[2], 999'999};
    ASSERT_TRUE(filled.index.remove(gone));
    const auto rest =
        filled.by_looking_at_all(query, 5, [&](VectorKey key) { return !std::ranges::contains(gone, key); });
    EXPECT_EQ(keys_of(filled.index.nearest(query, 5)), rest);
    EXPECT_FALSE(filled.index.contains(before[0]));
    EXPECT_TRUE(filled.index.contains(before[1]));
    EXPECT_EQ(filled.index.counts().live, 2998U);

    filled.index = Vectors::open(filled.folder.path(), 64).value();
    EXPECT_EQ(keys_of(filled.index.nearest(query, 5)), rest);
    EXPECT_THAT(filled.index.keys(), SizeIs(2998));
}

TEST(vectors, a_key_that_comes_again_has_its_new_vector_alone) {
    Filled filled(64, 100);
    const std::vector<VectorKey> key{50};
    ASSERT_TRUE(filled.index.add(key, filled.vectors[9]));
    const auto found = keys_of(filled.index.nearest(filled.vectors[9], 2));
    EXPECT_THAT(found, ElementsAre(10, 50));
    EXPECT_EQ(filled.index.counts().live, 100U);
}

TEST(vectors, merging_changes_how_many_segments_there_are_and_nothing_else) {
    Filled filled(64, 4000, 500);
    ASSERT_TRUE(filled.index.remove(std::vector<VectorKey>{3, 777, 3999}));
    ASSERT_EQ(filled.index.counts().segments, 8U);
    const auto allowed = [](VectorKey key) { return key != 3 && key != 777 && key != 3999; };
    EXPECT_TRUE(filled.index.merge().value());
    EXPECT_FALSE(filled.index.merge().value());
    const VectorCounts counts = filled.index.counts();
    EXPECT_EQ(counts.segments, 1U);
    EXPECT_EQ(counts.live, 3997U);
    EXPECT_EQ(counts.dead, 0U);
    EXPECT_TRUE(filled.index.verify());
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(keys_of(filled.index.nearest(filled.vectors[i * 300], 10)),
                  filled.by_looking_at_all(filled.vectors[i * 300], 10, allowed));
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(filled.folder.path())) ++files;
    EXPECT_EQ(files, 2U);  // the segment and the index
}

TEST(vectors, a_segment_that_is_mostly_dead_is_written_anew) {
    Filled filled(16, 1000);
    std::vector<VectorKey> gone(250);
    std::iota(gone.begin(), gone.end(), 1);
    ASSERT_TRUE(filled.index.remove(gone));
    EXPECT_TRUE(filled.index.merge().value());
    EXPECT_EQ(filled.index.counts().dead, 0U);
    EXPECT_EQ(filled.index.counts().live, 750U);

    std::vector<VectorKey> all = filled.index.keys();
    ASSERT_TRUE(filled.index.remove(all));
    EXPECT_TRUE(filled.index.merge().value());
    EXPECT_EQ(filled.index.counts().segments, 0U);
    EXPECT_THAT(keys_of(filled.index.nearest(filled.vectors[0], 10)), IsEmpty());
}

TEST(vectors, scrubbing_leaves_no_trace_of_what_was_removed) {
    Filled filled(16, 64);
    ASSERT_TRUE(filled.index.remove(std::vector<VectorKey>{20}));
    EXPECT_FALSE(filled.index.merge().value());
    ASSERT_TRUE(filled.index.scrub());
    EXPECT_EQ(filled.index.counts().dead, 0U);
    EXPECT_THAT(filled.index.keys(), SizeIs(63));
}

TEST(vectors, the_files_tell_of_rows_that_should_be_gone_until_they_are) {
    Filled filled(64, 300);
    const std::vector<KeyRange> kept{{0, 20}, {21, 301}};
    const auto besides = [&] { return Vectors::rows_besides(filled.folder.path(), 64, kept, 10).value(); };
    const auto stands_anywhere = [&](const std::string& piece) {
        for (const auto& entry : std::filesystem::directory_iterator(filled.folder.path()))
            if (read_file(entry.path(), 1U << 24).value().contains(piece)) return true;
        return false;
    };
    ASSERT_TRUE(filled.index.remove(std::vector<VectorKey>{20}));
    const VectorRows before = besides();
    EXPECT_EQ(before.rows, 1U);  // dead, and still in the file
    ASSERT_THAT(before.pieces, Not(IsEmpty()));
    for (const std::string& piece : before.pieces) EXPECT_TRUE(stands_anywhere(piece));
    ASSERT_TRUE(filled.index.scrub());
    EXPECT_EQ(besides().rows, 0U);
    EXPECT_GT(besides().files, 0U);
    for (const std::string& piece : before.pieces) EXPECT_FALSE(stands_anywhere(piece));
}

TEST(vectors, a_file_that_no_index_names_is_looked_at_as_well) {
    const Filled filled(64, 100);
    std::filesystem::copy_file(filled.folder.path() / "1.vectors", filled.folder.path() / "99.vectors");
    const auto found = Vectors::rows_besides(filled.folder.path(), 64, {}, 0).value();
    EXPECT_EQ(found.rows, 200U);
    EXPECT_THAT(found.pieces, IsEmpty());
}

TEST(vectors, what_a_crash_left_behind_is_removed) {
    Filled filled(16, 64);
    const auto stranger = filled.folder.path() / "99.vectors", half = filled.folder.path() / "7.vectors.new";
    ASSERT_TRUE(write_file_atomically(stranger, "half a segment"));
    ASSERT_TRUE(write_file_atomically(half, "less"));
    const Vectors again = Vectors::open(filled.folder.path(), 16).value();
    EXPECT_FALSE(std::filesystem::exists(stranger));
    EXPECT_FALSE(std::filesystem::exists(half));
    EXPECT_EQ(again.counts().live, 64U);
}

TEST(vectors, a_damaged_file_is_refused_or_found_out) {
    const auto flip = [](const std::filesystem::path& path, std::streamoff at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const char byte = static_cast<char>(file.get() ^ 1);
        file.seekp(at);
        file.put(byte);
    };
    const Filled filled(16, 64);
    const auto segment = filled.folder.path() / "1.vectors", index = filled.folder.path() / "index";
    const auto code_of_opening = [&](std::size_t dimensions) {
        const auto opened = Vectors::open(filled.folder.path(), dimensions);
        return opened ? std::optional<Code>() : opened.error().code;
    };
    EXPECT_EQ(code_of_opening(17), Code::corrupt);

    flip(segment, 8192 + 5);  // a key
    EXPECT_EQ(filled.index.verify().error().code, Code::corrupt);
    flip(segment, 8192 + 5);
    EXPECT_TRUE(filled.index.verify());

    flip(segment, 16);  // how many rows
    EXPECT_EQ(code_of_opening(16), Code::corrupt);
    flip(segment, 16);
    flip(index, 30);
    EXPECT_EQ(code_of_opening(16), Code::corrupt);
    flip(index, 30);
    EXPECT_EQ(code_of_opening(16), std::nullopt);
    std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 1);
    EXPECT_EQ(code_of_opening(16), Code::corrupt);
}

TEST(vectors, an_erased_index_begins_anew_with_other_dimensions) {
    const Filled filled(16, 64);
    ASSERT_TRUE(Vectors::erase(filled.folder.path()));
    const Vectors again = Vectors::open(filled.folder.path(), 24).value();
    EXPECT_EQ(again.counts().live, 0U);
}

TEST(vectors, what_makes_no_sense_is_refused) {
    Filled filled(4, 8);
    const auto code_of = [&](std::vector<VectorKey> keys, std::vector<float> values) {
        return filled.index.add(keys, values).error().code;
    };
    const float nan = std::nanf("");
    EXPECT_EQ(code_of({100}, {1, 2, 3}), Code::invalid);
    EXPECT_EQ(code_of({100, 100}, {1, 2, 3, 4, 1, 2, 3, 4}), Code::invalid);
    EXPECT_EQ(code_of({100}, {1, 2, nan, 4}), Code::invalid);
    EXPECT_EQ(filled.index.nearest(std::vector<float>{1, 2, 3}, 1).error().code, Code::invalid);
    EXPECT_EQ(filled.index.nearest(std::vector<float>{1, 2, 3, nan}, 1).error().code, Code::invalid);
    EXPECT_FALSE(Vectors::open(filled.folder.path() / "none", 0));
    EXPECT_EQ(filled.index.counts().live, 8U);
}

TEST(vectors, vectors_of_zeros_and_equal_ones_are_found_like_others) {
    Folder folder;
    Vectors index = Vectors::open(folder.path(), 16).value();
    std::vector<VectorKey> keys(100);
    std::iota(keys.begin(), keys.end(), 1);
    ASSERT_TRUE(index.add(keys, std::vector<float>(100 * 16)));
    EXPECT_THAT(keys_of(index.nearest(std::vector<float>(16, 0.25F), 3)), ElementsAre(1, 2, 3));
}

TEST(vectors, searches_go_on_while_others_add_remove_and_merge) {
    Filled filled(16, 2000, 100);
    std::atomic<bool> over = false;
    std::atomic<std::size_t> searches = 0, wrong = 0;
    std::thread reader([&] {
        // The last vector is never touched, so it is always the nearest to itself.
        while (!over || searches == 0) {
            const auto found = filled.index.nearest(filled.vectors.back(), 3);
            wrong += !found || found->empty() || found->front().key != 2000 ? 1U : 0U;
            ++searches;
        }
    });
    for (VectorKey key = 1; key < 600; ++key) {
        ASSERT_TRUE(filled.index.remove(std::vector<VectorKey>{key}));
        if (key % 50 == 0) {
            ASSERT_TRUE(filled.index.merge());
        }
        if (key % 100 == 0) {
            ASSERT_TRUE(filled.index.add(std::vector<VectorKey>{3000 + key}, filled.vectors[5]));
        }
    }
    over = true;
    reader.join();
    EXPECT_GT(searches, 0U);
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(filled.index.counts().live, 2000U - 599 + 5);
}

}  // namespace
}  // namespace lar::index
