// Every file of a tree that is worth reading, in a fixed order, and a reason for everything else.
//
// A Walk is opened on a folder and run on all of it or on what is at or below one path; both decide the
// same way, because the second goes down to its path through the same questions. Files come in the order
// of their bytes as whole paths ("a.c" before "a/b"), which is the store's order too, so that a sync can
// compare the two as they go by. Symbolic links are reported and never followed (the top itself may be
// one), so there are no loops. A nested repository is reported and walked as part of the tree; a second
// work tree of a repository that lies in the same tree is left out. A folder left out stands for all
// below it and is not entered.
//
// Folders are opened relative to their parent and without following links, so nothing moved under the
// walk's feet leads out of the tree.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "sources/files/ignore.h"
#include "sources/files/text.h"
#include "sources/git/places.h"
#include "store/records.h"

namespace lar::sources {

inline constexpr std::size_t limit_depth = 100;
inline constexpr std::size_t limit_folder_entries = 200'000;
inline constexpr std::uint64_t limit_files = 2'000'000;

struct FoundFile {
    std::string_view path;  // relative to the top
    std::int64_t size_bytes = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
    int folder = -1;  // open while the visitor is called
    const char* name = nullptr;
};

class WalkVisitor {
public:
    virtual ~WalkVisitor() = default;
    virtual Result<> file(const FoundFile& file) = 0;
    virtual Result<> left_out(store::LeftOut&& left_out) = 0;
    // Before anything in it; "" is the top. For a bare repository only repository() is called.
    virtual Result<> folder(std::string_view path) = 0;
    virtual Result<> repository(std::string_view path, const GitPlaces& places) = 0;
};

struct WalkOptions {
    std::uint64_t file_size_limit_bytes = 4 * 1024 * 1024;
    std::filesystem::path user_ignore_file;    // ~/.config/git/ignore; empty: none
    std::vector<std::string> private_folders;  // absolute: Lar's own, never walked
};

class Walk {
public:
    // `top` may be a folder or a single file (then it is the only one). not_found when it is not there.
    static Result<Walk> open(const std::filesystem::path& top, WalkOptions options);

    // At or below `below` ("" is everything); nothing at all is visited when it does not exist.
    // `cancelled` ends the walk with unavailable.
    Result<> run(std::string_view below, WalkVisitor& visitor, const std::atomic<bool>& cancelled);

    const std::string& top() const { return top_; }

private:
    struct Entry {
        std::string name;  // a folder's ends with '/'
    };
    struct Frame {
        Fd fd;
        std::string path;  // relative to the top, "" for the top
        std::vector<Entry> entries;
        std::size_t next = 0;
    };
    struct Found {
        bool regular = false;
        std::int64_t size_bytes = 0, modified_ns = 0;
        std::uint64_t inode = 0;
    };
    enum class Enter : std::uint8_t { refused, entered };

    Walk() = default;
    Result<> go_down(std::string_view below, WalkVisitor& visitor);
    Result<> run_frames(WalkVisitor& visitor, const std::atomic<bool>& cancelled);
    Result<> visit(Frame& frame, const Entry& entry, WalkVisitor& visitor);
    Result<Enter> enter(int parent, const std::string& name, std::string path, bool list, WalkVisitor& visitor);
    Result<Enter> enter_top(bool list, WalkVisitor& visitor);
    Result<> push(Fd folder, std::string path, bool list, WalkVisitor& visitor);
    Result<bool> entries_of(Frame& frame, WalkVisitor& visitor) const;
    void leave();
    void add_repository_rules(const std::string& path, const GitPlaces& places);
    void add_rules_from_above();
    std::optional<store::LeftOut> refuse_folder(const std::string& path, const std::string& name) const;
    std::optional<store::LeftOut> refuse_nested(const std::string& path, const GitPlaces& places) const;
    std::optional<store::LeftOut> refuse_file(const std::string& path, const Found& found) const;
    Result<> visit_file(int folder, const std::string& name, const std::string& path, const Found& found,
                        WalkVisitor& visitor);

    std::string top_;
    std::string single_file_;  // its name, when the top is a file
    WalkOptions options_;
    IgnoreStack rules_;
    std::vector<Frame> frames_;
    std::uint64_t files_ = 0;
};

// The text of a found file, decoded, or why it is left out.
Result<DecodedText> read_text(int folder, const char* name, std::string_view path, std::uint64_t limit_bytes,
                              std::string* content_hash);

}  // namespace lar::sources
