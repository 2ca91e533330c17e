// Writes a segment from front to back, with memory that does not grow with what is written (nine bytes for each
// passage aside): first every passage, then every term with its postings.
//
//   SegmentWriter writer = TRY(SegmentWriter::to_file(path));   // or in_memory()
//   TRY_VOID(writer.begin(ids, lengths));
//   for each term in the order of their bytes:
//       writer.begin_term(term);
//       for each posting, places rising: writer.add(place, counts);
//       TRY_VOID(writer.end_term());                            // a term without postings leaves no trace
//   TRY_VOID(writer.finish());                                  // on the disk; take() gives what was made in memory
//
// Until finish() the file bears another name, and goes when the writer does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "index/segment.h"

namespace lar::index {

// The place of a passage that has none in the segment to be written.
inline constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

class SegmentWriter {
public:
    static Result<SegmentWriter> to_file(const std::filesystem::path& path);
    static SegmentWriter in_memory();
    SegmentWriter(SegmentWriter&& other) noexcept = default;
    ~SegmentWriter();

    // What is known of the passages, in the order of their ids, which rise.
    struct Documents {
        std::vector<std::int64_t> ids;
        std::string lengths;  // pack_lengths() of each
    };
    Result<> begin(Documents documents);

    void begin_term(std::string_view term);
    Result<> add(std::uint32_t place, const FieldCounts& counts);
    Result<> end_term();

    Result<> finish();
    std::string take() { return std::move(memory_); }

private:
    SegmentWriter() = default;
    Result<> append(std::string_view bytes);
    Result<> flush_chunk();
    Result<> append_dictionary();
    Result<> close_block();
    void write_packed(std::string& out);
    void write_varints(std::string& out);
    BlockFacts facts_of_block() const;
    void add_to_dictionary();

    std::filesystem::path path_, unfinished_;  // empty: in memory
    Fd file_;
    std::string memory_;
    SegmentHeader header_;
    std::string lengths_;

    std::string chunk_;          // what is not written yet
    std::uint64_t written_ = 0;  // of the parts, with what is in chunk_
    std::vector<std::uint64_t> sums_;

    // The dictionary is written last, so what exceeds a megabyte of it waits in a file without a name.
    std::string dictionary_;
    Fd spilled_;
    std::uint64_t spilled_bytes_ = 0;
    std::vector<std::uint64_t> groups_;
    std::string last_term_;
    std::uint64_t lists_end_ = 0;  // of the list before in this group, from the beginning of the postings

    // The term that is being written.
    std::string term_;
    std::uint32_t size_ = 0;
    std::uint64_t next_place_ = 0;  // after the last posting
    std::uint64_t block_from_ = 0;  // after the last posting of the block before
    std::uint64_t list_at_ = 0;
    std::unique_ptr<PostingBlock> block_ = std::make_unique<PostingBlock>();
    std::vector<BlockFacts> facts_;
    std::string encoded_;
};

}  // namespace lar::index
