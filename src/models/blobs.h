// Writing into Lar's own folder of models, so that a crash at any moment leaves what was there or what is new.
//
// Everything is written to a file of its own in tmp/, synced, and renamed to its place; what a crash leaves in tmp/ is
// swept at the next start. A blob's name is the hash of the bytes that were written. A copy shares blocks with
// its original where the file system can, and otherwise needs that much room, which is looked for before the first
// byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "base/sha256.h"

namespace lar::models {

inline constexpr std::size_t copy_step_bytes = 1024 * 1024;

// Told how many bytes are done of how many; an error from it ends the work with that error.
using Advance = std::function<Result<>(std::uint64_t done_bytes, std::uint64_t of_bytes)>;

// A file in tmp/ that is not at its place yet, and goes away with this object unless it gets there.
class Staged {
public:
    Staged(Staged&& other) noexcept { *this = std::move(other); }
    Staged& operator=(Staged&& other) noexcept;
    ~Staged();

    const std::string& hex() const { return hex_; }
    std::uint64_t size_bytes() const { return size_bytes_; }
    // Renames it to its place and syncs the folder that names it; takes the place of what is there.
    Result<> move_to(const std::filesystem::path& place);

private:
    friend class BlobWriter;
    Staged(std::filesystem::path path, std::string hex, std::uint64_t size_bytes)
        : path_(std::move(path)), hex_(std::move(hex)), size_bytes_(size_bytes) {}
    void discard();

    std::filesystem::path path_;
    std::string hex_;
    std::uint64_t size_bytes_ = 0;
};

// One blob being written piece by piece, as an upload comes.
class BlobWriter {
public:
    // With the size known, unavailable at once when there is no room for it and `reserve_bytes` besides; otherwise
    // add() is, as soon as that is so.
    static Result<BlobWriter> start(const std::filesystem::path& folder, std::optional<std::uint64_t> size_bytes,
                                    std::uint64_t reserve_bytes);
    BlobWriter(BlobWriter&& other) noexcept = default;  // a moved-from one holds no file
    BlobWriter& operator=(BlobWriter&& other) noexcept = delete;
    ~BlobWriter();

    Result<> add(std::string_view bytes);
    // All bytes are there and on the disk. conflict when their hash is not the one expected.
    Result<Staged> finish(std::string_view expected_hex);

private:
    BlobWriter(std::filesystem::path path, Fd file, std::optional<std::uint64_t> unsure_of_room_bytes)
        : path_(std::move(path)), file_(std::move(file)), reserve_bytes_(unsure_of_room_bytes) {}
    friend Result<Staged> copy_blob(const std::filesystem::path&, int, std::uint64_t, const Advance&);

    std::filesystem::path path_;  // empty once it is finished
    Fd file_;
    Sha256 hash_;
    std::uint64_t size_bytes_ = 0;
    std::optional<std::uint64_t> reserve_bytes_;  // where nobody said how much comes, and room is looked for on the way
    std::uint64_t roomy_until_bytes_ = 0;
};

// The hash of a whole file, from its beginning.
Result<std::string> hash_file(int fd, const Advance& advance);

// A copy of a file, staged. conflict when the file changes meanwhile.
Result<Staged> copy_blob(const std::filesystem::path& folder, int from, std::uint64_t reserve_bytes,
                         const Advance& advance);

// A small file at its place, by way of tmp/, and the folder that names it synced.
Result<> write_place(const std::filesystem::path& folder, const std::filesystem::path& place, std::string_view bytes);
// A blob of these bytes; its hash.
Result<std::string> write_small_blob(const std::filesystem::path& folder, std::string_view bytes);

// unavailable with both figures when the folder's disk has no room for so much.
Result<> need_room(const std::filesystem::path& folder, std::uint64_t bytes, std::uint64_t reserve_bytes);

}  // namespace lar::models
