// Some vectors in one immutable, mapped file: small codes to look through, bytes to sort out, exact numbers to decide.
//
// Each vector o is kept as r = R(o - c): c is the mean of the segment's vectors, R the index's rotation. Four forms:
//
//   code    the signs of r, one bit a dimension, with a scale and an offset: from these alone the product <q, o> is
//           estimated without bias (RaBitQ: Gao and Long, SIGMOD 2024). With P dimensions, s the signs as ±1:
//               scale = <r, r> / sum |r_i|        offset = <Rc, r>
//               <q, o> ≈ <q, c> + offset + scale * <s, R(q - c)>
//           The error is close to normal; its deviation is at most
//               scale * |q - c| * sqrt(1 - 2/pi)
//           because the signs' cosine with r is near sqrt(2/pi) after a random rotation.
//   coarse  r in steps of max |r_i| / 32767, the upper 8 of 16 bits
//   fine    the lower 8: coarse and fine together are exact to a millionth of the vector's length
//
// A file is: header (a page), centre (Rc as float), keys (64 bits each, ascending), blocks of codes
// (vector_kernels.h), coarse rows (the step as float, then a byte a dimension), fine rows. Each part begins at a
// multiple of 4096 and numbers are little-endian. The header has a checksum of its own that open() checks, and one of
// everything after it that only verify() does, because it reads everything. What does not fit is corrupt; a file that
// was damaged behind the header's back gives wrong neighbours but is never read beyond its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace lar::index {

using VectorKey = std::int64_t;

inline constexpr std::size_t limit_dimensions = 8192;
inline constexpr std::size_t limit_segment_rows = 1U << 30;

// What all segments of an index agree on.
struct VectorLayout {
    std::size_t dimensions = 0, padded = 0;
    std::uint64_t seed = 0;  // of the rotation
    bool operator==(const VectorLayout&) const = default;
};

// Where the parts of a file with so many rows begin.
struct SegmentPlan {
    SegmentPlan(const VectorLayout& layout, std::size_t rows);
    std::size_t blocks, block_stride, coarse_stride;
    std::uint64_t centre, keys, codes, coarse, fine, end;
};

class VectorSegment {
public:
    static Result<VectorSegment> open(const std::filesystem::path& path, const VectorLayout& layout);
    VectorSegment(VectorSegment&& other) noexcept;
    VectorSegment& operator=(VectorSegment&&) = delete;
    ~VectorSegment();

    std::size_t rows() const { return rows_; }
    std::size_t blocks() const { return plan_.blocks; }
    std::uint64_t size_bytes() const { return plan_.end; }
    std::span<const float> centre() const;
    std::span<const VectorKey> keys() const;
    std::optional<std::size_t> find(VectorKey key) const;

    const std::uint8_t* codes(std::size_t block) const { return bytes_ + plan_.codes + block * plan_.block_stride; }
    float scale(std::size_t row) const;
    float step(std::size_t row) const;  // of its 16 bits
    const std::int8_t* coarse(std::size_t row) const;
    const std::uint8_t* fine(std::size_t row) const { return bytes_ + plan_.fine + row * layout_.padded; }
    // R o of a row, padded() numbers.
    void decode(std::size_t row, std::span<float> rotated) const;

    // Gives the pages back; reading brings them in again.
    void release_pages() const;
    Result<> verify() const;

private:
    VectorSegment(const std::uint8_t* bytes, const VectorLayout& layout, std::size_t rows);

    const std::uint8_t* bytes_;
    VectorLayout layout_;
    std::size_t rows_;
    SegmentPlan plan_;
};

// Writes a segment, row after row with ascending keys, in memory that does not depend on their number. Nothing has the
// file's name before finish().
class VectorSegmentWriter {
public:
    // `centre` is Rc.
    static Result<VectorSegmentWriter> create(const std::filesystem::path& path, const VectorLayout& layout,
                                              std::size_t rows, std::span<const float> centre);
    VectorSegmentWriter(VectorSegmentWriter&&) noexcept = default;
    ~VectorSegmentWriter();

    Result<> add(VectorKey key, std::span<const float> rotated);  // R o
    // Exactly the promised rows were added. On the disk when it returns.
    Result<> finish();

private:
    // A part of the file that grows from its beginning.
    struct Part {
        std::uint64_t at = 0;
        std::string pending;
    };

    VectorSegmentWriter(std::filesystem::path path, const VectorLayout& layout, std::size_t rows);
    Result<> append(Part& part, std::string_view bytes);
    Result<> flush(Part& part);
    void encode_signs(std::size_t row_in_block, std::span<const float> residual);
    Result<> finish_block();
    Result<std::string> hash_of_body();

    std::filesystem::path path_, temporary_;
    VectorLayout layout_;
    std::size_t rows_, added_ = 0;
    SegmentPlan plan_;
    Fd file_;
    std::vector<float> centre_, residual_;
    Part keys_, codes_, coarse_, fine_;
    std::string block_, coarse_row_, fine_row_;
};

}  // namespace lar::index
