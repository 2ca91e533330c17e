#include "ingest/watcher.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace lar::ingest {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t folder_mask = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                      IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr std::size_t limit_ref_folders = 200;  // of one repository: branches named "a/b" make folders

std::string below(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : lar::format("{}/{}", folder, name);
}

// Of all that happens in a git folder, what says that HEAD, the index or a branch moved.
bool matters_in_git_dir(std::string_view name) {
    constexpr std::array<std::string_view, 6> names = {"HEAD",       "index",      "packed-refs",
                                                       "FETCH_HEAD", "MERGE_HEAD", "stash"};
    for (const std::string_view known : names)
        if (name == known) return true;
    return false;
}

}  // namespace

Result<Watcher> Watcher::create() {
    Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd) return fail_errno("inotify_init1", errno);
    return Watcher(std::move(fd));
}

void Watcher::add(const std::string& absolute, Watch watch) {
    const int descriptor = ::inotify_add_watch(fd_.number(), absolute.c_str(), folder_mask);
    if (descriptor >= 0) {
        const auto [first, last] = watches_.equal_range(descriptor);
        for (auto at = first; at != last; ++at)
            if (at->second == watch) return;
        watches_.emplace(descriptor, std::move(watch));
        return;
    }
    // Gone meanwhile, or not ours to read: the walk says so. Anything else leaves the folder unwatched.
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) ++unwatched_[watch.source];
}

void Watcher::watch_folder(store::SourceId source, const std::string& top, std::string_view path) {
    add(below(top, path), {source, Kind::folder, std::string(path)});
}

void Watcher::watch_file(store::SourceId source, const std::string& folder, const std::string& name) {
    add(folder, {source, Kind::file, name});
}

void Watcher::watch_repository(store::SourceId source, std::string_view path, const sources::GitPlaces& places) {
    const auto in_git_dir = [&](const std::string& folder) { add(folder, {source, Kind::git_dir, std::string(path)}); };
    const auto in_refs = [&](const std::string& folder) { add(folder, {source, Kind::refs, std::string(path)}); };
    in_git_dir(places.git_dir);
    in_git_dir(places.git_dir + "/logs");
    if (places.linked()) in_git_dir(places.common_dir);
    in_git_dir(places.common_dir + "/refs");
    in_refs(places.common_dir + "/reftable");
    in_refs(places.common_dir + "/refs/heads");
    std::size_t folders = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(places.common_dir + "/refs/heads", error), end; !error && at != end;
         at.increment(error))
        if (at->is_directory(error) && ++folders <= limit_ref_folders) in_refs(at->path().string());
}

void Watcher::forget(store::SourceId source) {
    forget_below(source, "");
    unwatched_.erase(source);
}

// A folder that moved keeps its watch, under a path that is no longer its own.
void Watcher::forget_below(store::SourceId source, const std::string& path) {
    std::vector<int> descriptors;
    std::erase_if(watches_, [&](const auto& entry) {
        const Watch& watch = entry.second;
        if (watch.source != source) return false;
        if (!path.empty() && (watch.kind == Kind::file || (watch.path != path && !watch.path.starts_with(path + "/"))))
            return false;
        descriptors.push_back(entry.first);
        return true;
    });
    for (const int descriptor : descriptors)
        if (!watches_.contains(descriptor)) ::inotify_rm_watch(fd_.number(), descriptor);
}

Result<> Watcher::read(ChangesBySource& changes) {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (;;) {
        const ssize_t length = ::read(fd_.number(), buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) continue;
        if (length < 0 && errno == EAGAIN) return {};
        if (length <= 0) return fail_errno("reading inotify", errno);
        for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            const char* name = buffer.data() + at + sizeof(event);
            take(event.wd, event.mask, std::string_view(name, ::strnlen(name, event.len)), changes);
            at += sizeof(event) + event.len;
        }
    }
}

void Watcher::take(int descriptor, std::uint32_t mask, std::string_view name, ChangesBySource& changes) {
    if ((mask & IN_Q_OVERFLOW) != 0) {
        for (const auto& [number, watch] : watches_) changes[watch.source].whole = true;
        return;
    }
    if ((mask & IN_IGNORED) != 0) {
        watches_.erase(descriptor);
        return;
    }
    std::vector<Watch> concerned;  // taking an event may change watches_
    const auto [first, last] = watches_.equal_range(descriptor);
    for (auto at = first; at != last; ++at) concerned.push_back(at->second);
    for (const Watch& watch : concerned) take_one(watch, mask, name, changes);
}

void Watcher::take_one(const Watch& watch, std::uint32_t mask, std::string_view name, ChangesBySource& changes) {
    Changes& of_source = changes[watch.source];
    switch (watch.kind) {
        case Kind::folder: take_folder(watch, mask, name, of_source); break;
        case Kind::file:
            if (name == watch.path) of_source.whole = true;
            break;
        case Kind::git_dir:
        case Kind::refs: take_repository(watch, mask, name, of_source); break;
    }
    if (of_source.paths.size() > limit_changed_paths) {
        of_source.whole = true;
        of_source.paths.clear();
    }
    if (!of_source.any()) changes.erase(watch.source);
}

void Watcher::take_folder(const Watch& watch, std::uint32_t mask, std::string_view name, Changes& changes) {
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
        // The folder above tells of any other folder; above the top nobody does.
        if (watch.path.empty()) changes.whole = true;
        return;
    }
    if (!is_utf8(name)) return;
    const std::string path = below(watch.path, name);
    if ((mask & IN_ISDIR) != 0 && (mask & (IN_MOVED_FROM | IN_DELETE)) != 0) forget_below(watch.source, path);
    // These decide about everything in their folder.
    const bool rules = name == ".gitignore" || name == ".larignore" || name == ".git" || name == "CACHEDIR.TAG";
    if (rules && watch.path.empty())
        changes.whole = true;
    else
        changes.paths.insert(rules ? watch.path : path);
}

void Watcher::take_repository(const Watch& watch, std::uint32_t mask, std::string_view name, Changes& changes) {
    const bool moved = (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0;
    if (moved || name.ends_with(".lock")) return;
    if (watch.kind == Kind::refs || matters_in_git_dir(name)) changes.repositories.insert(watch.path);
}

std::size_t Watcher::unwatched(store::SourceId source) const {
    const auto found = unwatched_.find(source);
    return found == unwatched_.end() ? 0 : found->second;
}

std::uint64_t watch_limit() {
    const Result<std::string> text = [] -> Result<std::string> {
        // Files of /proc have no size, so they are read as a stream of bytes.
        const Fd fd = TRY(open_read_only("/proc/sys/fs/inotify/max_user_watches"));
        std::array<char, 32> bytes{};
        const ssize_t length = ::read(fd.number(), bytes.data(), bytes.size());
        return std::string(bytes.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    }();
    std::uint64_t limit = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), limit);
    return limit;
}

}  // namespace lar::ingest
