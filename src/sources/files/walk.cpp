#include "sources/files/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/format.h"
#include "base/identity.h"
#include "base/text.h"
#include "sources/documents/format.h"
#include "sources/files/secrets.h"

namespace lar::sources {
namespace {

namespace fs = std::filesystem;

struct NamedFolder {
    std::string_view name;
    std::string_view reason;
    std::string_view detail;
};
// Left out by their name alone, unless .larignore or .gitignore brings them back ("!node_modules/").
constexpr std::array named_folders = std::to_array<NamedFolder>({
    {"node_modules", reason::generated, "packages fetched by npm"},
    {"__pycache__", reason::generated, "compiled Python"},
    {".venv", reason::generated, "Python environment"},
    {".tox", reason::generated, "Python environments"},
    {".cache", reason::cache, "cache folder"},
    {".ccache", reason::cache, "cache folder"},
    {".npm", reason::cache, "cache folder"},
    {".gradle", reason::cache, "cache folder"},
    {".Trash", reason::cache, "wastebasket"},
    {"Trash", reason::cache, "wastebasket"},
    {"lost+found", reason::unreadable, "the file system's own"},
});
constexpr std::array<std::string_view, 8> version_control_folders = {".git", ".hg", ".svn",   ".bzr",
                                                                     ".jj",  "CVS", "_darcs", ".pijul"};

std::string below(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : lar::format("{}/{}", folder, name);
}

store::LeftOut left_out(std::string path, std::string_view why, std::string detail = {}) {
    return {std::move(path), std::string(why), std::move(detail)};
}

std::string why_not(int error_number) { return std::error_code(error_number, std::generic_category()).message(); }

// A cache that says so: https://bford.info/cachedir/
bool has_cache_tag(int folder) {
    constexpr std::string_view signature = "Signature: 8a477f597d28d172789f06886806bc55";
    const Fd fd(::openat(folder, "CACHEDIR.TAG", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    std::array<char, signature.size()> head{};
    return fd && ::read(fd.number(), head.data(), head.size()) == static_cast<ssize_t>(head.size()) &&
           std::string_view(head.data(), head.size()) == signature;
}

// A rules file, which like git we do not read through a link.
std::string rules_file(int folder, const char* name) {
    const Fd fd(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) return {};
    Result<std::string> bytes = read_fd(fd.number(), limit_ignore_file_bytes);
    return bytes ? std::move(*bytes) : std::string();
}

Fd open_folder(int parent, const char* name) {
    return Fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

std::string link_target(int folder, const char* name) {
    std::array<char, 256> target{};
    const ssize_t length = ::readlinkat(folder, name, target.data(), target.size());
    if (length <= 0) return {};
    return lar::format("to {}", to_utf8_lossy(std::string_view(target.data(), static_cast<std::size_t>(length))));
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<Walk> Walk::open(const fs::path& top, WalkOptions options) {
    std::error_code error;
    const fs::path real = fs::canonical(top, error);
    if (error == std::errc::permission_denied)
        return fail(Code::denied, lar::format("{} may not be read", top.string()));
    if (error) return fail(Code::not_found, lar::format("{} is not there", top.string()));
    Walk walk;
    walk.options_ = std::move(options);
    if (fs::is_directory(real, error)) {
        walk.top_ = real.string();
    } else {
        walk.top_ = real.parent_path().string();
        walk.single_file_ = real.filename().string();
    }
    return walk;
}

Result<> Walk::run(std::string_view below_path, WalkVisitor& visitor, const std::atomic<bool>& cancelled) {
    frames_.clear();
    rules_ = {};
    files_ = 0;
    // A keyring is one, too, when it is named itself, or a folder in it.
    if (const std::string_view rule = secret_in_path(top_ + "/."); !rule.empty())
        return visitor.left_out(
            left_out(single_file_.empty() ? std::string(".") : single_file_, reason::secret, std::string(rule)));
    Result<> outcome = go_down(single_file_.empty() ? below_path : std::string_view(single_file_), visitor);
    if (outcome) outcome = run_frames(visitor, cancelled);
    frames_.clear();
    return outcome;
}

// Enters the folders on the way to `path` without listing them, and then the path itself.
Result<> Walk::go_down(std::string_view path, WalkVisitor& visitor) {
    if (TRY(enter_top(path.empty(), visitor)) == Enter::refused || path.empty()) return {};
    const std::vector<std::string_view> names = split(path, '/');
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty() || names[i] == "." || names[i] == "..")
            return fail(Code::invalid, "not a path below the source");
        Frame& parent = frames_.back();
        const std::string name(names[i]);
        const bool last = i + 1 == names.size();
        struct stat status{};
        if (::fstatat(parent.fd.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
        if (last || !S_ISDIR(status.st_mode)) {
            const std::string shown = S_ISDIR(status.st_mode) ? name + '/' : name;
            return visit(parent, {.name = shown}, visitor);
        }
        const std::string folder = below(parent.path, name);
        if (std::optional<store::LeftOut> refused = refuse_folder(folder, name))
            return visitor.left_out(std::move(*refused));
        if (TRY(enter(parent.fd.number(), name, folder, false, visitor)) == Enter::refused) return {};
    }
    return {};
}

Result<> Walk::run_frames(WalkVisitor& visitor, const std::atomic<bool>& cancelled) {
    while (!frames_.empty()) {
        if (cancelled.load(std::memory_order_relaxed)) return fail(Code::unavailable, "cancelled");
        Frame& frame = frames_.back();
        if (frame.next == frame.entries.size()) {
            leave();
            continue;
        }
        const Entry entry = std::move(frame.entries[frame.next++]);
        TRY_VOID(visit(frame, entry, visitor));
    }
    return {};
}

Result<> Walk::visit(Frame& frame, const Entry& entry, WalkVisitor& visitor) {
    const bool listed_as_folder = entry.name.ends_with('/');
    const std::string name = listed_as_folder ? entry.name.substr(0, entry.name.size() - 1) : entry.name;
    std::string path = below(frame.path, name);
    if (!is_utf8(name)) return visitor.left_out(left_out(to_utf8_lossy(path), reason::strange_name));
    if (listed_as_folder) {
        if (std::optional<store::LeftOut> refused = refuse_folder(path, name))
            return visitor.left_out(std::move(*refused));
        TRY(enter(frame.fd.number(), name, std::move(path), true, visitor));
        return {};
    }
    struct stat status{};
    const int folder = frame.fd.number();
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return {};
        return visitor.left_out(left_out(std::move(path), reason::unreadable, why_not(errno)));
    }
    if (S_ISLNK(status.st_mode))
        return visitor.left_out(left_out(std::move(path), reason::symbolic_link, link_target(folder, name.c_str())));
    const Found found{.regular = S_ISREG(status.st_mode),
                      .size_bytes = status.st_size,
                      .modified_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
                      .inode = status.st_ino};
    return visit_file(folder, name, path, found, visitor);
}

Result<> Walk::visit_file(int folder, const std::string& name, const std::string& path, const Found& found,
                          WalkVisitor& visitor) {
    if (name == ".git") return {};  // the pointer of a linked work tree
    if (std::optional<store::LeftOut> refused = refuse_file(path, found)) return visitor.left_out(std::move(*refused));
    ++files_;
    return visitor.file({.path = path,
                         .size_bytes = found.size_bytes,
                         .modified_ns = found.modified_ns,
                         .inode = found.inode,
                         .folder = folder,
                         .name = name.c_str()});
}

std::optional<store::LeftOut> Walk::refuse_file(const std::string& path, const Found& found) const {
    if (!found.regular) return left_out(path, reason::special_file);
    if (const std::string_view rule = secret_by_name(path, false); !rule.empty())
        return left_out(path, reason::secret, std::string(rule));
    const std::optional<Ruling> ruling = rules_.ruling(path, false);
    if (ruling && ruling->ignored) return left_out(path, reason::ignored, to_string(*ruling));
    if (files_ >= limit_files) return left_out(path, reason::too_many, lar::format("more than {} files", limit_files));
    const std::optional<wire::DocumentFormat> format = document_format(path);
    if (const NamedReason named = reason_by_name(path); !named.reason.empty() && !ruling && !format)
        return left_out(path, named.reason, std::string(named.detail));
    const std::uint64_t limit_bytes = format ? size_limit_bytes(*format) : options_.file_size_limit_bytes;
    if (static_cast<std::uint64_t>(found.size_bytes) > limit_bytes)
        return left_out(path, reason::too_large,
                        lar::format("{} bytes, the limit is {}", found.size_bytes, limit_bytes));
    return std::nullopt;
}

std::optional<store::LeftOut> Walk::refuse_folder(const std::string& path, const std::string& name) const {
    if (std::ranges::contains(version_control_folders, std::string_view(name)))
        return left_out(path, reason::version_control);
    // Some folders are secret only below another, which may be the top or lie above it.
    if (const std::string_view rule = secret_by_name(lar::format("{}/{}", top_, path), true); !rule.empty())
        return left_out(path, reason::secret, std::string(rule));
    if (std::ranges::contains(options_.private_folders, lar::format("{}/{}", top_, path)))
        return left_out(path, reason::cache, "Lar's own folder");
    const std::optional<Ruling> ruling = rules_.ruling(path, true);
    if (ruling && ruling->ignored) return left_out(path, reason::ignored, to_string(*ruling));
    if (ruling) return std::nullopt;
    for (const NamedFolder& known : named_folders)
        if (name == known.name) return left_out(path, known.reason, std::string(known.detail));
    return std::nullopt;
}

// Only a work tree of a repository whose main one lies in this same tree: its files would be there twice.
std::optional<store::LeftOut> Walk::refuse_nested(const std::string& path, const GitPlaces& places) const {
    if (!places.linked()) return std::nullopt;
    const std::string main = main_work_tree(places);
    if (main.empty() || (main != top_ && !main.starts_with(top_ + "/"))) return std::nullopt;
    if (main == top_) return left_out(path, reason::other_work_tree, "of the repository at the top of this source");
    return left_out(path, reason::other_work_tree, lar::format("of {}", main.substr(top_.size() + 1)));
}

Result<Walk::Enter> Walk::enter_top(bool list, WalkVisitor& visitor) {
    Fd fd(::open(top_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return fail_errno(lar::format("cannot open {}", top_), errno);
    const std::optional<GitPlaces> places = git_places_of(top_);
    if (places && places->work_tree.empty()) {
        TRY_VOID(visitor.repository("", *places));
        return Enter::refused;
    }
    rules_.enter("", true);
    if (places) {
        if (list) TRY_VOID(visitor.repository("", *places));
        add_repository_rules("", *places);
    } else {
        add_rules_from_above();
    }
    TRY_VOID(push(std::move(fd), "", list, visitor));
    return Enter::entered;
}

Result<Walk::Enter> Walk::enter(int parent, const std::string& name, std::string path, bool list,
                                WalkVisitor& visitor) {
    if (frames_.size() >= limit_depth) {
        TRY_VOID(visitor.left_out(
            left_out(std::move(path), reason::too_deep, lar::format("below {} folders", limit_depth))));
        return Enter::refused;
    }
    Fd fd = open_folder(parent, name.c_str());
    if (!fd) {
        if (errno == ENOENT) return Enter::refused;
        TRY_VOID(visitor.left_out(left_out(std::move(path), reason::unreadable, why_not(errno))));
        return Enter::refused;
    }
    const bool repository = ::faccessat(fd.number(), ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
                            ::faccessat(fd.number(), "HEAD", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    std::optional<GitPlaces> places;
    if (repository) places = git_places_of(fs::path(top_) / path);
    if (places) {
        if (std::optional<store::LeftOut> refused = refuse_nested(path, *places)) {
            TRY_VOID(visitor.left_out(std::move(*refused)));
            return Enter::refused;
        }
        if (list || places->work_tree.empty()) TRY_VOID(visitor.repository(path, *places));
        if (places->work_tree.empty()) return Enter::refused;
    }
    if (has_cache_tag(fd.number())) {
        TRY_VOID(visitor.left_out(left_out(std::move(path), reason::cache, "CACHEDIR.TAG")));
        return Enter::refused;
    }
    rules_.enter(path, places.has_value());
    if (places) add_repository_rules(path, *places);
    TRY_VOID(push(std::move(fd), std::move(path), list, visitor));
    return Enter::entered;
}

Result<> Walk::push(Fd folder, std::string path, bool list, WalkVisitor& visitor) {
    for (const auto& [name, family] :
         {std::pair{".gitignore", IgnoreStack::Family::git}, std::pair{".larignore", IgnoreStack::Family::lar}})
        if (const std::string text = rules_file(folder.number(), name); !text.empty())
            rules_.add(family, IgnoreRules::parse(text, below(path, name)));
    Frame frame{.fd = std::move(folder), .path = std::move(path), .entries = {}, .next = 0};
    if (list) {
        TRY_VOID(visitor.folder(frame.path));
        if (!TRY(entries_of(frame, visitor))) frame.entries.clear();
    }
    frames_.push_back(std::move(frame));
    return {};
}

// False: the folder cannot be listed, and that was reported.
Result<bool> Walk::entries_of(Frame& frame, WalkVisitor& visitor) const {
    // A descriptor of its own, because a DIR closes the one it was given.
    const std::unique_ptr<DIR, CloseDirectory> directory([&]() -> DIR* {
        const int copy = ::openat(frame.fd.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return copy < 0 ? nullptr : ::fdopendir(copy);
    }());
    if (!directory) {
        TRY_VOID(visitor.left_out(left_out(frame.path, reason::unreadable, why_not(errno))));
        return false;
    }
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (frame.entries.size() == limit_folder_entries) {
            TRY_VOID(
                visitor.left_out(left_out(below(frame.path, "…"), reason::too_many,
                                          lar::format("more than {} entries in one folder", limit_folder_entries))));
            break;
        }
        bool folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN) {
            struct stat status{};
            folder = ::fstatat(frame.fd.number(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                     S_ISDIR(status.st_mode);
        }
        frame.entries.push_back({.name = lar::format("{}{}", name, folder ? "/" : "")});
    }
    std::ranges::sort(frame.entries, {}, &Entry::name);
    return true;
}

void Walk::leave() {
    frames_.pop_back();
    rules_.leave();
}

// The rules that hold in a whole repository and stand outside of its tree; they decide last.
void Walk::add_repository_rules(const std::string& path, const GitPlaces& places) {
    const auto add = [&](const fs::path& file, std::string shown) {
        if (const Result<std::string> text = read_file(file, limit_ignore_file_bytes))
            rules_.add(IgnoreStack::Family::git, IgnoreRules::parse(*text, std::move(shown)));
    };
    if (!options_.user_ignore_file.empty()) add(options_.user_ignore_file, options_.user_ignore_file.string());
    add(fs::path(places.common_dir) / "info" / "exclude", below(path, ".git/info/exclude"));
}

// A source inside a repository: the rules between the top of the work tree and the source hold here too.
void Walk::add_rules_from_above() {
    const std::optional<fs::path> around = work_tree_around(top_);
    if (!around) return;
    const std::optional<GitPlaces> places = git_places_of(*around);
    if (!places) return;
    const auto add = [&](const fs::path& file, const fs::path& folder, IgnoreStack::Family family) {
        const Result<std::string> text = read_file(file, limit_ignore_file_bytes);
        if (text)
            rules_.add_from_above(family, IgnoreRules::parse(*text, file.string()),
                                  fs::path(top_).lexically_relative(folder).string());
    };
    if (!options_.user_ignore_file.empty()) add(options_.user_ignore_file, *around, IgnoreStack::Family::git);
    add(fs::path(places->common_dir) / "info" / "exclude", *around, IgnoreStack::Family::git);
    fs::path folder = *around;
    for (const fs::path& name : fs::path(top_).lexically_relative(*around)) {
        add(folder / ".gitignore", folder, IgnoreStack::Family::git);
        add(folder / ".larignore", folder, IgnoreStack::Family::lar);
        folder /= name;
    }
}

Result<DecodedText> read_text(int folder, const char* name, std::string_view path, std::uint64_t limit_bytes,
                              std::string* content_hash) {
    const Fd fd(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) return fail(Code::not_found, "the file is gone");
    if (!fd) return DecodedText{{}, reason::unreadable, why_not(errno)};
    Result<std::string> bytes = read_fd(fd.number(), limit_bytes);
    if (!bytes && bytes.error().code == Code::too_large)
        return DecodedText{{}, reason::too_large, bytes.error().message};
    if (!bytes) return DecodedText{{}, reason::unreadable, bytes.error().message};
    if (content_hash != nullptr) *content_hash = hash_hex(*bytes);
    return decode_text(std::move(*bytes), path);
}

}  // namespace lar::sources
