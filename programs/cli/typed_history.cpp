#include "typed_history.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_history_bytes = 64 * 1024 * 1024;
constexpr std::size_t limit_typed_bytes = 64 * 1024;  // a longer one is not worth typing again

}  // namespace

Result<std::vector<std::string>> read_typed_history(const std::filesystem::path& file) {
    const Result<std::string> bytes = read_file(file, limit_history_bytes);
    if (!bytes && bytes.error().code == Code::not_found) return std::vector<std::string>{};
    if (!bytes) return std::unexpected(bytes.error());
    std::vector<std::string_view> lines = split_lines(*bytes);
    const std::size_t all = lines.size();
    if (all > limit_history_lines) lines.erase(lines.begin(), lines.end() - limit_history_lines);
    std::vector<std::string> latest;
    // Somebody may have written to it: a line is shown on the terminal.
    for (const std::string_view line : lines) latest.push_back(printable(to_utf8_lossy(line)));
    if (all > 2 * limit_history_lines) {
        std::string kept;
        for (const std::string& line : latest) kept += line + "\n";
        TRY_VOID(write_file_atomically(file, kept));
    }
    return latest;
}

Result<> add_typed_history(const std::filesystem::path& file, std::string_view line) {
    if (line.empty() || line.size() > limit_typed_bytes || line.contains('\n')) return {};
    TRY_VOID(make_private_directory(file.parent_path()));
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return fail_errno(lar::format("cannot write {}", file.string()), errno);
    // An older one may be open to others.
    if (::fchmod(fd.number(), 0600) != 0) return fail_errno("fchmod", errno);
    return write_all(fd.number(), std::string(line) + "\n");
}

}  // namespace lar::cli
