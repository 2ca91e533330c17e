#include "sources/git/places.h"

#include <algorithm>
#include <string_view>

#include "base/fd.h"
#include "base/text.h"

namespace lar::sources {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}
bool file_at(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// Absolute, without symbolic links; empty when it is not there.
std::string real_path(const fs::path& path) {
    std::error_code error;
    const fs::path found = fs::canonical(path, error);
    return error ? std::string() : found.string();
}

std::string short_file(const fs::path& path) {
    Result<std::string> bytes = read_file(path, limit_pointer_file_bytes);
    return bytes ? std::move(*bytes) : std::string();
}

// `git_dir`/commondir names the repository of a linked work tree, relative to git_dir.
std::string common_dir_of(const std::string& git_dir) {
    const std::string pointer = short_file(fs::path(git_dir) / "commondir");
    const std::string_view named = trim(pointer);
    return named.empty() ? git_dir : real_path(fs::path(git_dir) / named);
}

bool looks_like_git_dir(const fs::path& git_dir, const fs::path& common_dir) {
    std::error_code ignored;
    const bool head = file_at(git_dir / "HEAD") || fs::is_symlink(git_dir / "HEAD", ignored);
    return head && is_folder(common_dir / "objects") &&
           (is_folder(common_dir / "refs") || is_folder(common_dir / "reftable"));
}

// What objects/info/alternates names, and what those name in turn.
std::vector<std::string> alternates_of(const std::string& common_dir) {
    std::vector<std::string> found;
    std::vector<std::string> to_read = {real_path(fs::path(common_dir) / "objects")};
    while (!to_read.empty() && found.size() < limit_object_dirs) {
        const fs::path objects = to_read.back();
        to_read.pop_back();
        const std::string file = short_file(objects / "info" / "alternates");
        for (const std::string_view line : split_lines(file)) {
            if (line.empty() || line.starts_with('#')) continue;
            std::string other = real_path(objects / line);
            if (other.empty() || std::ranges::contains(found, other) || found.size() == limit_object_dirs) continue;
            found.push_back(other);
            to_read.push_back(std::move(other));
        }
    }
    return found;
}

std::optional<GitPlaces> places_from(std::string work_tree, std::string git_dir) {
    if (git_dir.empty()) return std::nullopt;
    std::string common_dir = common_dir_of(git_dir);
    if (common_dir.empty() || !looks_like_git_dir(git_dir, common_dir)) return std::nullopt;
    std::vector<std::string> alternates = alternates_of(common_dir);
    return GitPlaces{std::move(work_tree), std::move(git_dir), std::move(common_dir), std::move(alternates)};
}

}  // namespace

std::optional<GitPlaces> git_places_of(const fs::path& folder) {
    const fs::path dot_git = folder / ".git";
    if (is_folder(dot_git)) return places_from(real_path(folder), real_path(dot_git));
    if (file_at(dot_git)) {
        const std::string pointer = short_file(dot_git);
        if (!pointer.starts_with("gitdir:")) return std::nullopt;
        return places_from(real_path(folder), real_path(folder / trim(std::string_view(pointer).substr(7))));
    }
    if (file_at(folder / "HEAD") && is_folder(folder / "objects")) return places_from({}, real_path(folder));
    return std::nullopt;
}

std::optional<fs::path> work_tree_around(const fs::path& folder) {
    for (fs::path at = folder;; at = at.parent_path()) {
        if (const std::optional<GitPlaces> places = git_places_of(at); places && !places->work_tree.empty()) return at;
        if (at == at.parent_path()) return std::nullopt;
    }
}

std::string main_work_tree(const GitPlaces& places) {
    const fs::path common = places.common_dir;
    return common.filename() == ".git" ? common.parent_path().string() : std::string();
}

std::string default_branch(const GitPlaces& places) {
    constexpr std::string_view start = "ref: refs/remotes/origin/";
    const std::string pointer = short_file(fs::path(places.common_dir) / "refs/remotes/origin/HEAD");
    return pointer.starts_with(start) ? std::string(trim(std::string_view(pointer).substr(start.size())))
                                      : std::string();
}

wire::OpenRepository open_request(const GitPlaces& places) {
    return {.work_tree = places.work_tree,
            .git_dir = places.git_dir,
            .common_dir = places.common_dir,
            .object_dirs = places.object_dirs};
}

}  // namespace lar::sources
