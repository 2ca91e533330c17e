#include "ingest/branch_sets.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace lar::ingest {
namespace {

constexpr std::array<std::string_view, 6> main_names = {"main", "master", "trunk", "develop", "unstable", "default"};

std::string_view without_remote(const wire::Branch& branch) {
    std::string_view name = branch.name;
    if (branch.remote && name.contains('/')) name.remove_prefix(name.find('/') + 1);
    return name;
}

}  // namespace

void CommitGraph::add(const std::string& commit, std::span<const std::string> parents) {
    parents_.emplace(commit, std::vector<std::string>(parents.begin(), parents.end()));
}

std::vector<std::string> CommitGraph::reached_from(const std::string& tip) const {
    std::vector<std::string> reached;
    std::unordered_set<std::string_view> seen;
    std::vector<const std::string*> open = {&tip};
    while (!open.empty()) {
        const std::string& commit = *open.back();
        open.pop_back();
        const auto found = parents_.find(commit);
        if (found == parents_.end() || !seen.insert(found->first).second) continue;
        reached.push_back(found->first);
        for (const std::string& parent : found->second) open.push_back(&parent);
    }
    return reached;
}

const wire::Branch* main_branch(const wire::Opened& opened, std::string_view preferred) {
    const auto named = [&](std::string_view name) -> const wire::Branch* {
        for (const bool remote : {false, true})
            for (const wire::Branch& branch : opened.branches)
                if (branch.remote == remote && without_remote(branch) == name) return &branch;
        return nullptr;
    };
    if (const wire::Branch* branch = named(preferred)) return branch;
    for (const std::string_view name : main_names)
        if (const wire::Branch* branch = named(name)) return branch;
    for (const wire::Branch& branch : opened.branches)
        if (branch.head) return &branch;
    return opened.branches.empty() ? nullptr : &opened.branches.front();
}

std::vector<BranchSet> branch_sets(const wire::Opened& opened, const wire::Branch& main, const CommitGraph& graph,
                                   std::size_t limit) {
    std::vector<const wire::Branch*> newest;
    for (const wire::Branch& branch : opened.branches)
        if (branch.commit != main.commit) newest.push_back(&branch);
    std::ranges::stable_sort(newest, std::ranges::greater(), &wire::Branch::time_us);
    std::vector<BranchSet> sets;
    for (const wire::Branch* branch : newest) {
        if (sets.size() == limit) break;
        std::vector<std::string> commits = graph.reached_from(branch->commit);
        if (!commits.empty()) sets.push_back({branch->name, std::move(commits)});
    }
    return sets;
}

bool branch_belongs_to(std::string_view name, std::string_view repository, const std::vector<FoundRepository>& all) {
    const auto is_in = [&](std::string_view path) {
        return path.empty() || (name.starts_with(path) && name.size() > path.size() && name[path.size()] == '/');
    };
    std::string_view owner;
    for (const FoundRepository& found : all)
        if (is_in(found.path) && found.path.size() > owner.size()) owner = found.path;
    return is_in(repository) && owner == repository;
}

CommitSet::Half CommitSet::half_of(std::string_view commit) {
    Half half{};
    for (std::size_t i = 0; i < half.size(); ++i) {
        const std::string_view digits = commit.substr(std::min(i * 16, commit.size()), 16);
        std::from_chars(digits.data(), digits.data() + digits.size(), half[i], 16);
    }
    return half;
}

void CommitSet::finish() { std::ranges::sort(halves_); }

bool CommitSet::contains(std::string_view commit) const { return std::ranges::binary_search(halves_, half_of(commit)); }

}  // namespace lar::ingest
