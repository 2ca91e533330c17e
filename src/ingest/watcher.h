// What changes on disk, from inotify: which paths of which source, and which repositories.
//
// Every folder that a sync walks is watched (a watch is on a folder, not on what is below it), and of
// each repository the few folders in which branches, HEAD and the index change. read() takes what
// the kernel has and adds it to Changes; it never waits. When the kernel's queue overflowed, or a
// source's top went away, the whole source counts as changed. A file that a
// program holds open and appends to is seen when it is closed: to index a log at every line would keep
// the machine busy for nothing. When the kernel grants no more watches,
// what is not watched is counted by source, so that the caller can look at it from time to time and say so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/fd.h"
#include "base/result.h"
#include "sources/git/places.h"
#include "store/records.h"

namespace lar::ingest {

inline constexpr std::size_t limit_changed_paths = 1000;  // of one source; beyond, all of it counts as changed

struct Changes {
    bool whole = false;
    std::set<std::string> paths;         // below the source
    std::set<std::string> repositories;  // their paths below the source
    bool any() const { return whole || !paths.empty() || !repositories.empty(); }
};
using ChangesBySource = std::map<store::SourceId, Changes>;

class Watcher {
public:
    static Result<Watcher> create();
    int fd() const { return fd_.number(); }

    // Idempotent. `path` is the folder's path below the source.
    void watch_folder(store::SourceId source, const std::string& top, std::string_view path);
    // For a source that is a single file: its folder, minding only that name.
    void watch_file(store::SourceId source, const std::string& folder, const std::string& name);
    void watch_repository(store::SourceId source, std::string_view path, const sources::GitPlaces& places);
    void forget(store::SourceId source);

    Result<> read(ChangesBySource& changes);

    std::size_t watches() const { return watches_.size(); }
    // Folders of the source that could not be watched since forget() or reset_unwatched().
    std::size_t unwatched(store::SourceId source) const;
    void reset_unwatched(store::SourceId source) { unwatched_.erase(source); }

private:
    enum class Kind : std::uint8_t { folder, file, git_dir, refs };
    struct Watch {
        store::SourceId source;
        Kind kind = Kind::folder;
        std::string path;  // of the folder or repository below the source; the name for a file
        bool operator==(const Watch&) const = default;
    };

    explicit Watcher(Fd fd) : fd_(std::move(fd)) {}
    void add(const std::string& absolute, Watch watch);
    void take(int descriptor, std::uint32_t mask, std::string_view name, ChangesBySource& changes);
    void take_one(const Watch& watch, std::uint32_t mask, std::string_view name, ChangesBySource& changes);
    void take_folder(const Watch& watch, std::uint32_t mask, std::string_view name, Changes& changes);
    static void take_repository(const Watch& watch, std::uint32_t mask, std::string_view name, Changes& changes);
    void forget_below(store::SourceId source, const std::string& path);

    Fd fd_;
    // The kernel has one watch for a folder; two sources may want it, as two work trees of one repository do.
    std::unordered_multimap<int, Watch> watches_;
    std::map<store::SourceId, std::size_t> unwatched_;
};

// What the kernel grants one user: /proc/sys/fs/inotify/max_user_watches; 0: it does not say.
std::uint64_t watch_limit();

}  // namespace lar::ingest
