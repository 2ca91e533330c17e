// Looking for texts in the bytes of files: the proof that forgetting has forgotten.
//
// A long text is cut into pieces, because a database breaks it at page ends; a piece that is found anywhere is a
// remain. One pass over each file whatever the number of pieces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace lar::store {

inline constexpr std::size_t limit_piece_bytes = 48;
inline constexpr std::size_t limit_pieces = 200'000;

class RemainsSearch {
public:
    // too_large when the texts give more than limit_pieces.
    static Result<RemainsSearch> of(std::span<const std::string> texts);

    struct Found {
        std::string_view piece;
        std::uint64_t offset = 0;
    };
    // Each piece at most once. A file that is not there holds nothing.
    Result<std::vector<Found>> scan(const std::filesystem::path& file) const;

private:
    static constexpr std::size_t key_bytes = 8;
    void scan_block(std::string_view block, std::uint64_t block_offset, std::vector<Found>& found,
                    std::vector<bool>& seen) const;

    std::vector<std::string> pieces_;
    std::vector<std::size_t> short_;  // shorter than a key
    std::unordered_multimap<std::uint64_t, std::size_t> by_key_;
    std::vector<bool> filter_;  // by a hash of the key: most positions end here
};

}  // namespace lar::store
