// Collections made from a seed, and segments of them, for the tests of the index.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/testing.h"
#include "index/builder.h"
#include "index/merge.h"
#include "index/search.h"

namespace lar::index {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().message;
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct TestPassage {
    std::int64_t id = 0;
    std::array<std::string, field_count> terms;
};

// Words as frequent as those of a language: the n-th n times rarer than the first.
class Words {
public:
    explicit Words(std::size_t count) {
        double sum = 0;
        for (std::size_t rank = 1; rank <= count; ++rank) sums_.push_back(sum += 1.0 / static_cast<double>(rank));
    }
    std::string draw(std::mt19937& random) const {
        const double at = std::uniform_real_distribution(0.0, sums_.back())(random);
        return "w" + std::to_string(std::ranges::lower_bound(sums_, at) - sums_.begin());
    }
    std::string text(std::mt19937& random, std::size_t length) const {
        std::string text;
        for (std::size_t i = 0; i < length; ++i) text += (i == 0 ? "" : " ") + draw(random);
        return text;
    }

private:
    std::vector<double> sums_;
};

inline std::vector<TestPassage> random_passages(std::mt19937& random, std::size_t count, std::size_t vocabulary) {
    const Words words(vocabulary);
    std::vector<TestPassage> passages;
    std::int64_t id = 1;
    for (std::size_t i = 0; i < count; ++i) {
        TestPassage passage{.id = id};
        id += 1 + static_cast<std::int64_t>(random() % 8 == 0 ? random() % 100 : 0);
        passage.terms[0] = words.text(random, random() % 80);
        if (random() % 3 == 0) passage.terms[1] = words.text(random, 1 + random() % 4);
        if (random() % 2 == 0) passage.terms[2] = words.text(random, 1 + random() % 3);
        if (random() % 5 == 0) passage.terms[3] = words.text(random, 1 + random() % 9);
        passages.push_back(std::move(passage));
    }
    return passages;
}

inline void add(Builder& builder, const TestPassage& passage) {
    builder.add(passage.id, {passage.terms[0], passage.terms[1], passage.terms[2], passage.terms[3]});
}

inline Segment::Shared segment_of(std::span<const TestPassage> passages) {
    Builder builder;
    for (const TestPassage& passage : passages) add(builder, passage);
    SegmentWriter writer = SegmentWriter::in_memory();
    must(builder.write(writer));
    must(writer.finish());
    return must(Segment::of(writer.take()));
}

inline Segment::Shared merged(std::span<const LiveSegment> segments) {
    SegmentWriter writer = SegmentWriter::in_memory();
    must(merge(segments, writer));
    must(writer.finish());
    return must(Segment::of(writer.take()));
}

// Every posting of every term as a line: what two segments of the same passages have in common.
inline std::string listing(const Segment& segment) {
    std::string out;
    TermWalk walk(segment);
    PostingBlock block;
    while (must(walk.next())) {
        out += std::string(walk.term()) + ":";
        const auto facts = must(segment.facts_of(walk.list()));
        for (std::uint32_t number = 0; number < Segment::blocks_of(walk.list()); ++number) {
            must(segment.read_block(walk.list(), facts, number, block));
            for (std::uint32_t i = 0; i < block.size; ++i) {
                out += " " + std::to_string(must(segment.id_at(block.places[i])));
                for (std::size_t field = 0; field < field_count; ++field) {
                    const bool there = field == 0 || (block.other_fields >> field & 1) != 0;
                    out += "," + std::to_string(there ? block.counts[field][i] : 0);
                }
            }
        }
        out += "\n";
    }
    return out;
}

}  // namespace lar::index
