// The files of an index of vectors: what they are called, which of them count, and which rows of them are dead.
//
//   index        text: "lar vectors 1", dimensions, generation, the numbers of the segments, a hash of all that
//   N.vectors    a segment (vector_segment.h)
//   N.dead       a bit for each of its rows that is not to be found any more, then a hash of them
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lar::index {

inline constexpr std::string_view segment_ending = ".vectors";
inline constexpr std::uint64_t rotation_seed = 0x4C6172;  // any number: the same for all, so that segments fit

struct VectorManifest {
    std::size_t dimensions = 0;
    std::uint64_t generation = 0;
    std::vector<std::uint64_t> segments;
};

class VectorFiles {
public:
    explicit VectorFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    std::filesystem::path segment(std::uint64_t number) const;
    // Of a folder without one: an empty one. corrupt: another one's, or damaged.
    Result<VectorManifest> load(std::size_t dimensions) const;
    Result<> save(const VectorManifest& manifest) const;
    // Files that a crash left behind.
    Result<> remove_strangers(const VectorManifest& manifest) const;

    static std::vector<std::uint64_t> no_dead(std::size_t rows) { return std::vector<std::uint64_t>((rows + 63) / 64); }
    Result<std::vector<std::uint64_t>> load_dead(std::uint64_t number, std::size_t rows) const;
    Result<> save_dead(std::uint64_t number, std::span<const std::uint64_t> dead) const;

    Result<> remove(std::uint64_t number) const;
    Result<> erase() const;

private:
    std::filesystem::path dead(std::uint64_t number) const;

    std::filesystem::path folder_;
};

}  // namespace lar::index
