// Which commits are on which branch, so that a question can be about one branch.
//
// Everything is on the main branch sooner or later; what makes a branch is what it has and the main
// branch has not. So the graph holds only commits that the main branch does not reach, and a branch's
// set is what its tip reaches in that graph. The main branch has no set: asking for it restricts nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/file_sync.h"
#include "wire/reader.h"

namespace lar::ingest {

class CommitGraph {
public:
    void add(const std::string& commit, std::span<const std::string> parents);
    // What `tip` reaches in the graph, itself included.
    std::vector<std::string> reached_from(const std::string& tip) const;

private:
    std::unordered_map<std::string, std::vector<std::string>> parents_;
};

struct BranchSet {
    std::string name;
    std::vector<std::string> commits;
};

// The branch that others start from: the one named `preferred`, else one named main, master and the like, else the
// one checked out. Null: there is none.
const wire::Branch* main_branch(const wire::Opened& opened, std::string_view preferred);
// The newest branches that have commits of their own, at most `limit`.
std::vector<BranchSet> branch_sets(const wire::Opened& opened, const wire::Branch& main, const CommitGraph& graph,
                                   std::size_t limit);
// Whether a stored branch name ("vendor/x/topic") is one of the repository at that path and not of one nested in it.
bool branch_belongs_to(std::string_view name, std::string_view repository, const std::vector<FoundRepository>& all);

// Many commit ids in little memory: half of each id, which is enough not to meet another by chance.
class CommitSet {
public:
    void add(std::string_view commit) { halves_.push_back(half_of(commit)); }
    void finish();
    bool contains(std::string_view commit) const;

private:
    using Half = std::array<std::uint64_t, 2>;
    static Half half_of(std::string_view commit);
    std::vector<Half> halves_;
};

}  // namespace lar::ingest
