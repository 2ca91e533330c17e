// What .gitignore, .git/info/exclude and .larignore leave out, as git reads them (gitignore(5)).
//
// IgnoreRules are the rules of one file. IgnoreStack holds those that apply at a place in the tree:
// a walk pushes the rules of each folder it enters and pops them when it leaves. The last rule of the
// deepest file that says anything decides; .larignore (same syntax) is asked before .gitignore, so it
// can also bring back what git ignores. A nested repository is a world of its own for .gitignore, while
// .larignore reaches into it. Nothing below an ignored folder is ever asked about: the walk does not
// enter it, so, as in git, a rule cannot bring back a file whose folder is ignored.
//
// Unlike git, whether a file is tracked does not matter: git's index is not read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lar::sources {

inline constexpr std::size_t limit_ignore_file_bytes = 1024 * 1024;
inline constexpr std::size_t limit_ignore_rules = 20'000;  // of one file

struct IgnoreRule {
    std::string pattern;  // without '!', the leading and the trailing slash
    std::uint32_t line = 0;
    bool negated = false;
    bool folders_only = false;
    bool whole_path = false;  // it holds a slash: matched against the path, not the name
    bool wildcard = false;
    bool suffix = false;  // "*.o": only the end is compared
};

class IgnoreRules {
public:
    // `file` is named in rulings: ".gitignore", "sub/.larignore".
    static IgnoreRules parse(std::string_view text, std::string file);

    // The last rule that matches; `path` is relative to the folder that the rules belong to.
    const IgnoreRule* match(std::string_view path, bool folder) const;
    const std::string& file() const { return file_; }
    bool empty() const { return rules_.empty(); }

private:
    std::string file_;
    std::vector<IgnoreRule> rules_;
};

struct Ruling {
    bool ignored = false;
    std::string rule;  // as it stands in the file: "!*.log"
    std::string file;
    std::uint32_t line = 0;
};
// "*.log (.gitignore, line 3)"
std::string to_string(const Ruling& ruling);

class IgnoreStack {
public:
    enum class Family : std::uint8_t { git, lar };

    // Enters a folder (path from the top of the walk, "" for the top). `repository`: .gitignore starts anew here.
    void enter(std::string_view folder, bool repository);
    // Adds rules to the folder entered last; later additions of the same family decide first.
    void add(Family family, IgnoreRules rules);
    // The same for rules of a folder above the top of the walk; `top` is the top's path from there.
    void add_from_above(Family family, IgnoreRules rules, std::string top);
    void leave();

    // What decides about an entry of the folder entered last; empty: no rule does.
    std::optional<Ruling> ruling(std::string_view path, bool folder) const;

private:
    struct Layer {
        std::size_t prefix = 0;  // length of the folder's path with its slash, cut off before matching
        std::string above;       // or: what is put before the path
        Family family = Family::git;
        IgnoreRules rules;
    };
    struct Level {
        std::size_t layers_before = 0;
        std::size_t git_from_before = 0;
        std::size_t prefix = 0;
    };
    std::optional<Ruling> ruling_of(Family family, std::size_t from, std::string_view path, bool folder) const;

    std::vector<Layer> layers_;
    std::vector<Level> levels_;
    std::size_t git_from_ = 0;  // first layer whose .gitignore rules hold in the innermost repository
};

}  // namespace lar::sources
