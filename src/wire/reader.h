// The channel between lard and lar-reader: one repository, read-only, as text.
//
// The first request says what the reader is for, and no second one of the kind is accepted. After OpenDocuments it sees
// nothing of the file system, and both sides go on with the messages of wire/documents.h. OpenRepository names the
// places that it may see from then on (Landlock). Requests after it are answered
// one after the other, each by any number of events with its id and then Done or Failed. Cancel ends
// the request it names at the next item, with Failed{unavailable}. The sender of a batch waits when
// the channel is full, so neither side holds more than one batch.
//
// All text is UTF-8 (ill-formed bytes of the repository already replaced); a patch larger than its
// limit is cut and says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lar::wire {

inline constexpr std::size_t limit_commits_in_batch = 32;
inline constexpr std::size_t limit_files_in_change = 500;
inline constexpr std::size_t limit_hunk_bytes = 16 * 1024;
inline constexpr std::size_t limit_change_bytes = 512 * 1024;  // all hunks of one commit or diff together
inline constexpr std::size_t limit_message_bytes = 64 * 1024;
inline constexpr std::size_t limit_tips = 4096;  // branches and tags taken as starting points

struct OpenRepository {
    std::uint64_t id = 0;
    std::string work_tree;                 // absolute; empty for a bare repository
    std::string git_dir;                   // absolute
    std::string common_dir;                // absolute; git_dir itself unless this is a linked worktree
    std::vector<std::string> object_dirs;  // absolute: alternates
};
// Commits reachable from any branch, remote branch or HEAD and from none of `have`, newest first.
struct ReadCommits {
    std::uint64_t id = 0;
    std::vector<std::string> have;  // 40 or 64 hex digits each
    std::uint32_t limit = 0;        // 0: no limit
    bool graph_only = false;        // ids, parents and times alone: no message, no files
};
// Every commit id reachable from the tips: to find those that a rewrite left behind.
struct ReadReachable {
    std::uint64_t id = 0;
};
// Index against HEAD, work tree against index, and the stashes.
struct ReadWorkingTree {
    std::uint64_t id = 0;
};
struct Cancel {
    std::uint64_t id = 0;
};
struct OpenDocuments {
    std::uint64_t id = 0;
};
using ReaderRequest = std::variant<OpenRepository, ReadCommits, ReadReachable, ReadWorkingTree, Cancel, OpenDocuments>;

enum class ChangeKind : std::uint8_t { added, modified, deleted, renamed, type_changed, untracked };

struct Hunk {
    std::uint32_t old_line = 0, old_count = 0, new_line = 0, new_count = 0;
    std::string heading;  // what git prints after the second @@: the enclosing function
    std::string text;     // lines with their leading ' ', '+' or '-'
    bool cut = false;
};
struct FileChange {
    ChangeKind kind = ChangeKind::modified;
    std::string path;      // relative to the repository
    std::string old_path;  // for renamed
    bool binary = false;
    std::uint32_t added = 0, deleted = 0;  // lines
    std::vector<Hunk> hunks;               // empty for merges, binaries and what did not fit
};
struct Branch {
    std::string name;  // "main", "origin/main"
    std::string commit;
    bool remote = false;
    bool head = false;
    std::int64_t time_us = 0;  // committer time of its tip
};
struct Opened {
    std::uint64_t id = 0;
    std::string head;         // branch name, or empty when detached or unborn
    std::string head_commit;  // empty when unborn
    std::vector<Branch> branches;
    std::string layers;  // of the reader's sandbox, for status: "seccomp, landlock 7"
};
struct Commit {
    std::string commit;
    std::vector<std::string> parents;
    std::string author, author_email;
    std::int64_t time_us = 0;  // author time
    std::int16_t offset_min = 0;
    std::string message;
    std::vector<FileChange> files;
    bool files_cut = false;  // more files or more text than the limits
};
struct Commits {
    std::uint64_t id = 0;
    std::vector<Commit> commits;
};
struct Reachable {
    std::uint64_t id = 0;
    std::vector<std::string> commits;
};
struct Stash {
    std::uint32_t index = 0;
    std::string commit;
    std::string message;
    std::int64_t time_us = 0;
    std::int16_t offset_min = 0;
    std::vector<FileChange> files;
};
struct WorkingTree {
    std::uint64_t id = 0;
    std::vector<FileChange> staged;
    std::vector<FileChange> unstaged;  // untracked files by name only: their text is the files source's
    std::vector<Stash> stashes;
    bool cut = false;
};
struct Done {
    std::uint64_t id = 0;
    bool rewritten = false;  // ReadCommits: one of `have` is no longer reachable
};
struct Failed {
    std::uint64_t id = 0;
    std::string code;  // a name of lar::Code
    std::string message;
};
struct ReaderReady {
    std::string build;
};
using ReaderEvent = std::variant<ReaderReady, Opened, Commits, Reachable, WorkingTree, Done, Failed>;

}  // namespace lar::wire
