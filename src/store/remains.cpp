#include "store/remains.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/format.h"

namespace lar::store {
namespace {

constexpr std::size_t filter_bits = 1 << 16;
constexpr std::size_t read_bytes = 1 << 20;

std::uint64_t key_at(const char* bytes) {
    std::uint64_t key = 0;
    std::memcpy(&key, bytes, sizeof key);
    return key;
}
std::size_t filter_place(std::uint64_t key) { return (key * 0x9e3779b97f4a7c15ULL) >> 48; }

}  // namespace

Result<RemainsSearch> RemainsSearch::of(std::span<const std::string> texts) {
    RemainsSearch search;
    search.filter_.resize(filter_bits);
    for (const std::string& text : texts) {
        // The end of a long text is the end of its last piece, so that no piece is a mere scrap.
        for (std::size_t at = 0; at < text.size(); at += limit_piece_bytes) {
            const std::size_t from = text.size() - at >= limit_piece_bytes || text.size() < limit_piece_bytes
                                         ? at
                                         : text.size() - limit_piece_bytes;
            search.pieces_.push_back(text.substr(from, limit_piece_bytes));
        }
        if (search.pieces_.size() > limit_pieces) return fail(Code::too_large, "too many texts to look for at once");
    }
    std::ranges::sort(search.pieces_);
    const auto same = std::ranges::unique(search.pieces_);
    search.pieces_.erase(same.begin(), same.end());
    for (std::size_t i = 0; i < search.pieces_.size(); ++i) {
        const std::string& piece = search.pieces_[i];
        if (piece.size() < key_bytes) {
            search.short_.push_back(i);
        } else {
            search.by_key_.emplace(key_at(piece.data()), i);
            search.filter_[filter_place(key_at(piece.data()))] = true;
        }
    }
    return search;
}

void RemainsSearch::scan_block(std::string_view block, std::uint64_t block_offset, std::vector<Found>& found,
                               std::vector<bool>& seen) const {
    const auto note = [&](std::size_t piece, std::size_t at) {
        if (seen[piece]) return;
        seen[piece] = true;
        found.push_back({pieces_[piece], block_offset + at});
    };
    for (const std::size_t piece : short_) {
        const std::size_t at = block.find(pieces_[piece]);
        if (at != std::string_view::npos) note(piece, at);
    }
    for (std::size_t at = 0; at + key_bytes <= block.size(); ++at) {
        const std::uint64_t key = key_at(block.data() + at);
        if (!filter_[filter_place(key)]) continue;
        const auto [first, last] = by_key_.equal_range(key);
        for (auto candidate = first; candidate != last; ++candidate) {
            if (block.substr(at).starts_with(pieces_[candidate->second])) note(candidate->second, at);
        }
    }
}

Result<std::vector<RemainsSearch::Found>> RemainsSearch::scan(const std::filesystem::path& file) const {
    std::vector<Found> found;
    auto opened = open_read_only(file);
    if (!opened && opened.error().code == Code::not_found) return found;
    const Fd fd = TRY(std::move(opened));
    std::vector<bool> seen(pieces_.size());
    std::string block(limit_piece_bytes + read_bytes, '\0');
    std::size_t kept = 0;  // the end of the block before, in which a piece may have begun
    for (std::uint64_t offset = 0;;) {
        const ssize_t got = ::pread(fd.number(), block.data() + kept, read_bytes, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(lar::format("reading {}", file.filename().string()), errno);
        if (got == 0) return found;
        const std::size_t size = kept + static_cast<std::size_t>(got);
        scan_block(std::string_view(block).substr(0, size), offset - kept, found, seen);
        offset += static_cast<std::uint64_t>(got);
        kept = std::min(size, limit_piece_bytes - 1);
        std::memmove(block.data(), block.data() + size - kept, kept);
    }
}

}  // namespace lar::store
