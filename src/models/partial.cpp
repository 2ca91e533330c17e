#include "models/partial.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/format.h"
#include "models/layout.h"

namespace lar::models {
namespace {

namespace fs = std::filesystem;

constexpr int limit_races = 8;

bool is_named(const Fd& file, const fs::path& path) {
    struct stat open{}, named{};
    return ::fstat(file.number(), &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
           open.st_dev == named.st_dev;
}

}  // namespace

Result<PartialBlob> PartialBlob::open(const fs::path& folder, const std::string& hex, std::uint64_t size_bytes) {
    const fs::path place = folder_in(folder);
    TRY_VOID(make_private_directory(place));
    const fs::path path = place / lar::format("sha256-{}", hex);
    for (int i = 0; i < limit_races; ++i) {
        Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file) return fail_errno(lar::format("cannot write {}", path.string()), errno);
        if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) return fail_errno("flock", errno);
            return fail(Code::conflict, "another pull is fetching it already");
        }
        // Whoever had it may have moved it to its place before the lock was ours.
        if (!is_named(file, path)) continue;
        PartialBlob out(path, hex, size_bytes, std::move(file));
        if (TRY(out.bytes_there()) > size_bytes) TRY_VOID(out.restart());
        return out;
    }
    return fail(Code::conflict, "another pull is fetching it already");
}

Result<std::uint64_t> PartialBlob::bytes_there() const { return TRY(stamp_of(file_.number())).size_bytes; }

Result<> PartialBlob::restart() {
    if (::ftruncate(file_.number(), 0) != 0) return fail_errno("ftruncate", errno);
    return {};
}

Result<> PartialBlob::verify(const Advance& advance) {
    const std::string hex = TRY(hash_file(file_.number(), advance));
    if (hex != hex_) {
        TRY_VOID(restart());
        if (::unlink(path_.c_str()) != 0) return fail_errno(lar::format("cannot remove {}", path_.string()), errno);
        return fail(
            Code::conflict,
            lar::format("digest mismatch, file must be downloaded again: want sha256:{}, got sha256:{}", hex_, hex));
    }
    return {};
}

Result<> PartialBlob::move_to(const fs::path& place) {
    TRY_VOID(make_private_directory(place.parent_path()));
    if (::fsync(file_.number()) != 0) return fail_errno("fsync", errno);
    if (::rename(path_.c_str(), place.c_str()) != 0)
        return fail_errno(lar::format("cannot rename to {}", place.string()), errno);
    const Fd folder = TRY(open_read_only(place.parent_path()));
    if (::fsync(folder.number()) != 0) return fail_errno("fsync of a folder", errno);
    return {};
}

}  // namespace lar::models
