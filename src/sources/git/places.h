// Where a git repository keeps its things, found by reading a few short plain files, never git's own formats.
//
// A folder is a repository if it has a `.git` folder, a `.git` file that points elsewhere (linked work
// trees, submodules), or is a bare repository itself. The places are what lar-reader is told it may see.
// Whatever does not look like a repository is simply not one: no error, nothing is guessed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wire/reader.h"

namespace lar::sources {

inline constexpr std::size_t limit_pointer_file_bytes = 16 * 1024;  // .git, commondir, alternates
inline constexpr std::size_t limit_object_dirs = 32;

struct GitPlaces {
    std::string work_tree;  // absolute; empty for a bare repository
    std::string git_dir;
    std::string common_dir;                // git_dir itself unless this is a linked work tree
    std::vector<std::string> object_dirs;  // alternates

    bool linked() const { return git_dir != common_dir; }
    bool operator==(const GitPlaces&) const = default;
};

// The repository whose work tree, or bare self, is exactly this folder.
std::optional<GitPlaces> git_places_of(const std::filesystem::path& folder);
// The folder among `folder` and those above it that is the top of a work tree.
std::optional<std::filesystem::path> work_tree_around(const std::filesystem::path& folder);
// The work tree that a linked one belongs to; empty when its repository is bare.
std::string main_work_tree(const GitPlaces& places);
// The branch that a clone started from, as its remote names it; empty when it is no clone.
std::string default_branch(const GitPlaces& places);

wire::OpenRepository open_request(const GitPlaces& places);

}  // namespace lar::sources
