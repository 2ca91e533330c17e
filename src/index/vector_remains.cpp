// What files of vectors hold that they should not: read from the files themselves, whatever an index says of them.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/format.h"
#include "index/vector_files.h"
#include "index/vector_rotation.h"
#include "index/vectors.h"

namespace lar::index {
namespace {

constexpr std::size_t least_different_bytes = 16;  // in a piece

bool says_something(std::string_view piece) {
    std::array<bool, 256> seen{};
    std::size_t different = 0;
    for (const char c : piece) different += std::exchange(seen[static_cast<unsigned char>(c)], true) ? 0U : 1U;
    return different >= least_different_bytes;
}

void add_pieces(std::string_view bytes, std::vector<std::string>& pieces) {
    for (std::size_t at = 0; at + limit_piece_bytes <= bytes.size(); at += limit_piece_bytes)
        if (const std::string_view piece = bytes.substr(at, limit_piece_bytes); says_something(piece))
            pieces.emplace_back(piece);
}

bool is_in(std::span<const KeyRange> ranges, VectorKey key) {
    const auto after = std::ranges::upper_bound(ranges, key, {}, &KeyRange::first);
    return after != ranges.begin() && key < std::prev(after)->end;
}

void look_at(const VectorSegment& segment, std::size_t padded, std::span<const KeyRange> kept, std::size_t limit,
             VectorRows& found) {
    const std::span<const VectorKey> keys = segment.keys();
    for (std::size_t row = 0; row < keys.size(); ++row) {
        if (is_in(kept, keys[row])) continue;
        if (found.rows++ >= limit) continue;
        add_pieces({reinterpret_cast<const char*>(segment.coarse(row)), padded}, found.pieces);
        add_pieces({reinterpret_cast<const char*>(segment.fine(row)), padded}, found.pieces);
    }
    segment.release_pages();
}

}  // namespace

Result<VectorRows> Vectors::rows_besides(const std::filesystem::path& folder, std::size_t dimensions,
                                         std::span<const KeyRange> kept, std::size_t limit) {
    const Rotation rotation(dimensions, rotation_seed);
    const VectorLayout layout{.dimensions = dimensions, .padded = rotation.padded(), .seed = rotation_seed};
    VectorRows found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() != segment_ending) continue;
        auto segment = VectorSegment::open(entry.path(), layout);
        if (!segment && segment.error().code == Code::not_found) continue;  // taken away meanwhile
        if (!segment) return std::unexpected(segment.error());
        look_at(*segment, layout.padded, kept, limit, found);
        ++found.files;
        found.bytes += segment->size_bytes();
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail_errno(lar::format("cannot list {}", folder.string()), error.value());
    return found;
}

}  // namespace lar::index
