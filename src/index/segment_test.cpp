#include "index/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "index/testing.h"

namespace lar::index {
namespace {

using ::testing::HasSubstr;

TEST(Packing, NumbersOfEveryWidthComeBack) {
    std::mt19937 random(1);
    for (unsigned bits = 0; bits <= limit_pack_bits; ++bits) {
        std::array<std::uint32_t, pack_numbers> numbers{};
        const std::uint64_t end = std::uint64_t{1} << bits;
        for (auto& number : numbers) number = static_cast<std::uint32_t>(random() % end);
        numbers[random() % pack_numbers] = static_cast<std::uint32_t>(end - 1);
        ASSERT_EQ(bits_needed(numbers), bits);
        std::string bytes;
        append_pack(bytes, numbers, bits);
        ASSERT_EQ(bytes.size(), pack_bytes(bits));
        std::array<std::uint32_t, pack_numbers> back{};
        read_pack(as_bytes(bytes).data(), bits, back);
        EXPECT_EQ(back, numbers) << bits << " bits";
    }
}

TEST(Packing, VarintsEndWhereTheirBytesEnd) {
    std::string bytes;
    for (const std::uint64_t number : {0ULL, 127ULL, 128ULL, 1ULL << 40, ~0ULL}) append_varint(bytes, number);
    ByteReader reader(as_bytes(bytes));
    EXPECT_EQ(reader.varint(), 0U);
    EXPECT_EQ(reader.varint(), 127U);
    EXPECT_EQ(reader.varint(), 128U);
    EXPECT_EQ(reader.varint(), 1ULL << 40);
    EXPECT_EQ(reader.varint(), ~0ULL);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader.varint(), 0U);
    EXPECT_FALSE(reader.ok());
    const std::string unended = "\xff\xff";
    ByteReader cut(as_bytes(unended));
    EXPECT_EQ(cut.varint(), 0U);
    EXPECT_FALSE(cut.ok());
}

TEST(Packing, ChecksumSeesEveryChangedByte) {
    std::string bytes(77, 'a');
    const std::uint64_t before = checksum(as_bytes(bytes));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = 'b';
        EXPECT_NE(checksum(as_bytes(bytes)), before);
        bytes[i] = 'a';
    }
    EXPECT_NE(checksum(as_bytes(bytes + std::string(1, '\0'))), before);
}

// term → passage → how often in each field, counted anew.
std::map<std::string, std::map<std::int64_t, FieldCounts>> counted(std::span<const TestPassage> passages) {
    std::map<std::string, std::map<std::int64_t, FieldCounts>> counts;
    for (const TestPassage& passage : passages) {
        for (std::size_t field = 0; field < field_count; ++field) {
            std::istringstream words(passage.terms[field]);
            for (std::string word; words >> word;) ++counts[word][passage.id][field];
        }
    }
    return counts;
}

std::string listed(std::span<const TestPassage> passages) {
    std::string out;
    for (const auto& [term, postings] : counted(passages)) {
        out += term + ":";
        for (const auto& [id, counts] : postings) {
            out += " " + std::to_string(id);
            for (const std::uint32_t count : counts) out += "," + std::to_string(count);
        }
        out += "\n";
    }
    return out;
}

TEST(SegmentFile, HoldsEveryPostingOfWhatWasAdded) {
    std::mt19937 random(2);
    for (const std::size_t count : {0U, 1U, 2U, 127U, 128U, 129U, 3000U}) {
        const auto passages = random_passages(random, count, 500);
        const Segment::Shared segment = segment_of(passages);
        EXPECT_EQ(segment->documents(), count);
        EXPECT_EQ(listing(*segment), listed(passages)) << count;
        must(segment->check());
        for (const TestPassage& passage : passages) EXPECT_TRUE(must(segment->place_of(passage.id)));
        EXPECT_FALSE(must(segment->place_of(1'000'000)));
    }
}

TEST(SegmentFile, TermsAreFoundAndOthersAreNot) {
    std::mt19937 random(3);
    const auto passages = random_passages(random, 400, 3000);
    const Segment::Shared segment = segment_of(passages);
    for (const auto& [term, postings] : counted(passages)) {
        const auto list = must(segment->find(term));
        ASSERT_TRUE(list) << term;
        EXPECT_EQ(list->size, postings.size());
    }
    for (const char* absent : {"", "a", "w", "w0 ", "w999999", "zzz", "\xff\xff"})
        EXPECT_FALSE(must(segment->find(absent))) << absent;
}

TEST(SegmentFile, PassagesTakenBackLeaveNothing) {
    std::mt19937 random(4);
    auto passages = random_passages(random, 300, 200);
    Builder builder;
    for (const TestPassage& passage : passages) add(builder, passage);
    for (std::size_t i = 0; i < passages.size(); i += 3) EXPECT_TRUE(builder.remove(passages[i].id));
    EXPECT_FALSE(builder.remove(passages[0].id));
    EXPECT_FALSE(builder.remove(0));
    // One comes again with other words, after those that have higher ids.
    passages[0].terms[0] = "returned word";
    add(builder, passages[0]);
    SegmentWriter writer = SegmentWriter::in_memory();
    must(builder.write(writer));
    must(writer.finish());
    std::vector<TestPassage> left{passages[0]};
    for (std::size_t i = 0; i < passages.size(); ++i)
        if (i % 3 != 0) left.push_back(passages[i]);
    EXPECT_EQ(listing(*must(Segment::of(writer.take()))), listed(left));
}

TEST(SegmentFile, LongCountsAndLengthsAreKeptAsTheHighest) {
    std::string often;
    for (int i = 0; i < 70'000; ++i) often += "x ";
    Builder builder;
    const FieldCounts lengths = builder.add(7, {often, often, "", ""});
    EXPECT_EQ(lengths, (FieldCounts{65'535, 255, 0, 0}));
    SegmentWriter writer = SegmentWriter::in_memory();
    must(builder.write(writer));
    must(writer.finish());
    EXPECT_EQ(listing(*must(Segment::of(writer.take()))), "x: 7,65535,255,0,0\n");
}

class SegmentOnDisk : public ::testing::Test {
protected:
    SegmentOnDisk() {
        std::mt19937 random(5);
        // Enough for a dictionary and postings of several checksums.
        passages_ = random_passages(random, 1500, 20'000);
        Builder builder;
        for (const TestPassage& passage : passages_) add(builder, passage);
        SegmentWriter writer = must(SegmentWriter::to_file(path_));
        EXPECT_FALSE(std::filesystem::exists(path_));
        must(builder.write(writer));
        must(writer.finish());
        std::ifstream file(path_, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }
    // Opens other bytes and does everything that can be done with them.
    static Result<> use(std::string bytes) {
        const Segment::Shared segment = TRY(Segment::of(std::move(bytes)));
        const std::vector<LiveSegment> segments{{segment, nullptr}};
        TRY(search(segments, std::vector<WeightedTerm>{{"w0", 1}, {"w7", 1}, {"w900", 1}},
                   {.passages = 1500, .average_length = 40}, {}));
        return segment->check();
    }
    Folder folder_;
    std::filesystem::path path_ = folder_ / "segment";
    std::vector<TestPassage> passages_;
    std::string bytes_;
};

TEST_F(SegmentOnDisk, IsTheSameAsInMemoryAndLeavesNoOtherFile) {
    const Segment::Shared segment = must(Segment::open(path_));
    EXPECT_EQ(listing(*segment), listed(passages_));
    segment->release_memory();
    EXPECT_TRUE(must(segment->find("w0")));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path_.parent_path()), {}), 1);
    must(use(bytes_));
}

TEST_F(SegmentOnDisk, UnfinishedLeavesNoFile) {
    {
        SegmentWriter writer = must(SegmentWriter::to_file(folder_ / "other"));
        must(writer.begin({}));
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path_.parent_path()), {}), 1);
}

TEST_F(SegmentOnDisk, EveryChangedByteIsFound) {
    std::mt19937 random(6);
    for (int i = 0; i < 200; ++i) {
        std::string changed = bytes_;
        const std::size_t at = i < 110 ? static_cast<std::size_t>(i) : random() % changed.size();
        changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + random() % 255));
        const Result<> used = use(std::move(changed));
        ASSERT_FALSE(used) << "byte " << at;
        EXPECT_EQ(used.error().code, Code::corrupt);
        EXPECT_THAT(used.error().message, HasSubstr("damaged"));
    }
}

TEST_F(SegmentOnDisk, ShorterAndLongerOnesAreRefused) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{50}, sizeof(SegmentHeader), bytes_.size() / 2, bytes_.size() - 1})
        EXPECT_EQ(Segment::of(bytes_.substr(0, size)).error().code, Code::corrupt);
    EXPECT_EQ(Segment::of(bytes_ + "x").error().code, Code::corrupt);
    EXPECT_EQ(Segment::open(folder_ / "none").error().code, Code::not_found);
}

// Writes the checksums of a file anew, as somebody would who wants to be believed.
std::string sealed(std::string bytes) {
    SegmentHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const auto all = as_bytes(bytes);
    std::vector<std::uint64_t> sums;
    for (std::uint64_t at = header.ids_at; at < header.sums_at; at += sum_chunk_bytes)
        sums.push_back(checksum(all.subspan(at, std::min<std::uint64_t>(sum_chunk_bytes, header.sums_at - at))));
    std::memcpy(bytes.data() + header.sums_at, sums.data(), sums.size() * sizeof(std::uint64_t));
    header.sum_of_sums = checksum(as_bytes(bytes).subspan(header.sums_at));
    header.sum_of_header =
        checksum({reinterpret_cast<const unsigned char*>(&header), offsetof(SegmentHeader, sum_of_header)});
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

TEST_F(SegmentOnDisk, ForgedOnesNeverReadBeyondTheirBounds) {
    must(use(sealed(bytes_)));
    std::mt19937 random(7);
    int refused = 0;
    SegmentHeader header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    for (int i = 0; i < 200; ++i) {
        std::string changed = bytes_;
        // Most of them where numbers stand that others are found by.
        const std::uint64_t from = i % 3 == 0 ? header.ids_at : i % 3 == 1 ? header.postings_at : header.dictionary_at;
        for (int k = 0; k < 20; ++k) {
            const std::size_t at = from + random() % (header.sums_at - from);
            changed[at] = static_cast<char>(random());
        }
        if (!use(sealed(std::move(changed)))) ++refused;
    }
    EXPECT_GT(refused, 130);  // the others say something else, but something
}

// Found by fuzz/index_segments.cpp: merging it ended the process.
TEST_F(SegmentOnDisk, OneWhoseTermsDoNotRiseIsNotMerged) {
    std::vector<TestPassage> few(2);
    few[0] = {.id = 1, .terms = {"aa bb cc dd"}};
    few[1] = {.id = 2, .terms = {"bb"}};
    Builder builder;
    for (const TestPassage& passage : few) add(builder, passage);
    SegmentWriter whole = SegmentWriter::in_memory();
    must(builder.write(whole));
    must(whole.finish());
    std::string bytes = whole.take();
    const std::size_t at = bytes.find("cc");
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, 2, "ab");
    const Segment::Shared forged = must(Segment::of(sealed(std::move(bytes))));
    SegmentWriter writer = SegmentWriter::in_memory();
    EXPECT_EQ(merge(std::vector<LiveSegment>{{forged, nullptr}}, writer).error().code, Code::corrupt);
}

}  // namespace
}  // namespace lar::index
