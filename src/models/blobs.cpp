#include "models/blobs.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/format.h"
#include "base/identity.h"
#include "models/layout.h"
#include "models/sizes.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t random_name_bytes = 12;
constexpr std::uint64_t room_step_bytes = 64 * 1024 * 1024;  // looked for at a time, of a blob of unknown size

Result<> sync_folder(const fs::path& folder) {
    const Fd fd = TRY(open_read_only(folder));
    if (::fsync(fd.number()) != 0) return fail_errno("fsync of a folder", errno);
    return {};
}

// Every piece of a file in order, from its beginning.
template <class Take>
Result<> for_each_piece(int fd, const Advance& advance, const Take& take) {
    const std::uint64_t size = TRY(stamp_of(fd)).size_bytes;
    std::vector<char> buffer(copy_step_bytes);
    std::uint64_t done = 0;
    for (;;) {
        const ssize_t n = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("read", errno);
        if (n == 0) return {};
        done += static_cast<std::uint64_t>(n);
        TRY_VOID(take(std::string_view(buffer.data(), static_cast<std::size_t>(n))));
        if (advance) TRY_VOID(advance(done, std::max(size, done)));
    }
}

}  // namespace

Staged& Staged::operator=(Staged&& other) noexcept {
    if (this != &other) {
        discard();
        path_ = std::exchange(other.path_, {});
        hex_ = std::move(other.hex_);
        size_bytes_ = other.size_bytes_;
    }
    return *this;
}

Staged::~Staged() { discard(); }

void Staged::discard() {
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
}

Result<> Staged::move_to(const fs::path& place) {
    TRY_VOID(make_private_directory(place.parent_path()));
    if (::rename(path_.c_str(), place.c_str()) != 0)
        return fail_errno(lar::format("cannot rename to {}", place.string()), errno);
    path_.clear();
    return sync_folder(place.parent_path());
}

Result<BlobWriter> BlobWriter::start(const fs::path& folder, std::optional<std::uint64_t> size_bytes,
                                     std::uint64_t reserve_bytes) {
    const fs::path tmp = folder / "tmp";
    TRY_VOID(make_private_directory(tmp));
    if (size_bytes) TRY_VOID(need_room(folder, *size_bytes, reserve_bytes));
    fs::path path = tmp / random_hex(random_name_bytes);
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail_errno(lar::format("cannot write {}", path.string()), errno);
    return BlobWriter(std::move(path), std::move(file), size_bytes ? std::nullopt : std::optional(reserve_bytes));
}

BlobWriter::~BlobWriter() {
    if (file_ && !path_.empty()) ::unlink(path_.c_str());
}

Result<> BlobWriter::add(std::string_view bytes) {
    if (reserve_bytes_ && size_bytes_ + bytes.size() > roomy_until_bytes_) {
        const std::uint64_t wanted_bytes = std::max<std::uint64_t>(room_step_bytes, bytes.size());
        TRY_VOID(need_room(path_.parent_path(), wanted_bytes, *reserve_bytes_));
        roomy_until_bytes_ = size_bytes_ + wanted_bytes;
    }
    TRY_VOID(write_all(file_.number(), bytes));
    hash_.add(bytes);
    size_bytes_ += bytes.size();
    return {};
}

Result<Staged> BlobWriter::finish(std::string_view expected_hex) {
    std::string hex = hash_.finish();
    if (!expected_hex.empty() && hex != expected_hex)
        return fail(Code::conflict,
                    lar::format("the bytes that came are sha256:{}, and sha256:{} was announced", hex, expected_hex));
    if (::fsync(file_.number()) != 0) return fail_errno("fsync", errno);
    file_.reset();
    return Staged(std::exchange(path_, {}), std::move(hex), size_bytes_);
}

Result<std::string> hash_file(int fd, const Advance& advance) {
    Sha256 hash;
    TRY_VOID(for_each_piece(fd, advance, [&](std::string_view piece) -> Result<> {
        hash.add(piece);
        return {};
    }));
    return hash.finish();
}

Result<Staged> copy_blob(const fs::path& folder, int from, std::uint64_t reserve_bytes, const Advance& advance) {
    const Stamp before = TRY(stamp_of(from));
    BlobWriter writer = TRY(BlobWriter::start(folder, std::nullopt, reserve_bytes));
    // Shared blocks take no room and no time; what is hashed is the copy, which nobody else can write.
    if (::ioctl(writer.file_.number(), FICLONE, from) == 0) {
        TRY_VOID(for_each_piece(writer.file_.number(), advance, [&](std::string_view piece) -> Result<> {
            writer.hash_.add(piece);
            writer.size_bytes_ += piece.size();
            return {};
        }));
    } else {
        TRY_VOID(need_room(folder, before.size_bytes, reserve_bytes));
        TRY_VOID(for_each_piece(from, advance, [&](std::string_view piece) { return writer.add(piece); }));
    }
    if (TRY(stamp_of(from)) != before || writer.size_bytes_ != before.size_bytes)
        return fail(Code::conflict, "the file changed while it was copied: try again when it is complete");
    return writer.finish({});
}

Result<> write_place(const fs::path& folder, const fs::path& place, std::string_view bytes) {
    BlobWriter writer = TRY(BlobWriter::start(folder, std::nullopt, 0));
    TRY_VOID(writer.add(bytes));
    Staged staged = TRY(writer.finish({}));
    return staged.move_to(place);
}

Result<std::string> write_small_blob(const fs::path& folder, std::string_view bytes) {
    BlobWriter writer = TRY(BlobWriter::start(folder, bytes.size(), 0));
    TRY_VOID(writer.add(bytes));
    Staged staged = TRY(writer.finish({}));
    TRY_VOID(staged.move_to(blob_path(folder, staged.hex())));
    return staged.hex();
}

Result<> need_room(const fs::path& folder, std::uint64_t bytes, std::uint64_t reserve_bytes) {
    struct statvfs status{};
    if (::statvfs(folder.c_str(), &status) != 0)
        return fail_errno(lar::format("cannot ask for the room at {}", folder.string()), errno);
    const std::uint64_t free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
    if (free_bytes >= reserve_bytes && free_bytes - reserve_bytes >= bytes) return {};
    return fail(Code::unavailable,
                lar::format("the disk is full: {} are needed at {}, {} are free and {} of them are left alone",
                            human_bytes(bytes), folder.string(), human_bytes(free_bytes), human_bytes(reserve_bytes)));
}

}  // namespace lar::models
