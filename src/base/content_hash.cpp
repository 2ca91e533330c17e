#include "base/content_hash.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/format.h"

namespace lar {

Result<std::string> hash_of_file(int fd, std::uint64_t limit_bytes) {
    static const int ready = sodium_init();
    ASSERT(ready >= 0);
    struct stat status{};
    if (::fstat(fd, &status) != 0) return fail_errno("fstat", errno);
    if (!S_ISREG(status.st_mode)) return fail(Code::invalid, "not a regular file");
    crypto_generichash_state state;
    std::array<unsigned char, 32> digest{};
    crypto_generichash_init(&state, nullptr, 0, digest.size());
    std::vector<unsigned char> piece(256 * 1024);
    for (std::uint64_t total = 0;;) {
        const ssize_t n = ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(total));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("read", errno);
        if (n == 0) break;
        total += static_cast<std::uint64_t>(n);
        if (total > limit_bytes)
            return fail(Code::too_large, lar::format("{} bytes, the limit is {}", status.st_size, limit_bytes));
        crypto_generichash_update(&state, piece.data(), static_cast<unsigned long long>(n));
    }
    crypto_generichash_final(&state, digest.data(), digest.size());
    std::string out(digest.size() * 2 + 1, '\0');  // sodium writes a zero behind
    ASSERT(sodium_bin2hex(out.data(), out.size(), digest.data(), digest.size()) != nullptr);
    out.pop_back();
    return out;
}

}  // namespace lar
