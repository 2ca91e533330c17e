#include "base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/format.h"

namespace lar {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        number_ = std::exchange(other.number_, -1);
    }
    return *this;
}

Fd::~Fd() { reset(); }

void Fd::reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Result<Fd> open_read_only(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a fifo nobody writes to must not hang us.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return fail_errno(lar::format("cannot open {}", path.string()), errno);
    return Fd(fd);
}

Result<std::string> read_fd(int fd, std::size_t limit_bytes) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno("fstat", errno);
    if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "not a regular file");
    if (static_cast<std::size_t>(status.st_size) > limit_bytes)
        return fail(Code::too_large, lar::format("{} bytes, the limit is {}", status.st_size, limit_bytes));
    std::string bytes;
    bytes.resize(static_cast<std::size_t>(status.st_size) + 1);  // one more, to see growth
    std::size_t filled = 0;
    for (;;) {
        const ssize_t n = ::read(fd, bytes.data() + filled, bytes.size() - filled);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("read", errno);
        if (n == 0) break;
        filled += static_cast<std::size_t>(n);
        if (filled > limit_bytes) return fail(Code::too_large, lar::format("the limit is {} bytes", limit_bytes));
        if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(filled);
    return bytes;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
    const Fd fd = TRY(open_read_only(path));
    return read_fd(fd.number(), limit_bytes);
}

Result<> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
    const std::string temporary = path.string() + ".new";
    const auto write = [&]() -> Result<> {
        const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!fd) return fail_errno(lar::format("cannot write {}", temporary), errno);
        TRY_VOID(write_all(fd.number(), bytes));
        if (::fsync(fd.number()) != 0) return fail_errno("fsync", errno);
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            return fail_errno(lar::format("cannot rename {}", temporary), errno);
        return {};
    };
    Result<> written = write();
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<> make_private_directory(const std::filesystem::path& path) {
    if (path.empty()) return {};
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return fail(Code::conflict, lar::format("{} is there and is not a directory", path.string()));
    }
    if (path.has_parent_path() && path.parent_path() != path) TRY_VOID(make_private_directory(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail_errno(lar::format("cannot make directory {}", path.string()), errno);
    return {};
}

}  // namespace lar
