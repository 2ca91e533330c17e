#include "documents/git_insides.h"

#include <algorithm>

#include "base/text.h"

namespace lar::documents {
namespace {

constexpr std::int64_t latest_moment_s = 253'402'300'799;  // the end of the year 9999
constexpr int limit_offset_min = 24 * 60;

}  // namespace

std::int64_t moment_us(git_time_t seconds) {
    return std::clamp<std::int64_t>(seconds, -latest_moment_s, latest_moment_s) * 1'000'000;
}
std::int16_t offset_min(int minutes) {
    return static_cast<std::int16_t>(std::clamp(minutes, -limit_offset_min, limit_offset_min));
}

std::string text_of(const char* bytes, std::size_t limit_bytes) {
    if (!bytes) return {};
    const std::string text = to_utf8_lossy(bytes);
    return std::string(utf8_prefix(text, limit_bytes));
}

Result<TreeHandle> tree_of(git_commit* commit) {
    TreeHandle tree;
    if (const int status = git_commit_tree(out(tree), commit); status != 0) return fail_git("a commit's tree", status);
    return tree;
}

}  // namespace lar::documents
