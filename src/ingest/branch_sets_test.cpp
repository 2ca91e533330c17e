#include "ingest/branch_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/history_state.h"

namespace lar::ingest {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(BranchSets, ABranchHasWhatItReachesAndTheMainOneDoesNot) {
    CommitGraph graph;  // m is on main, so it is not in the graph
    graph.add("c", std::vector<std::string>{"b", "m"});
    graph.add("b", std::vector<std::string>{"m"});
    graph.add("x", std::vector<std::string>{"b"});
    EXPECT_THAT(graph.reached_from("c"), UnorderedElementsAre("c", "b"));
    const wire::Opened opened{.branches = {{.name = "main", .commit = "m"},
                                           {.name = "topic", .commit = "c", .time_us = 1},
                                           {.name = "exp", .commit = "x", .time_us = 2},
                                           {.name = "merged", .commit = "m"}}};
    const wire::Branch* main = main_branch(opened, "");
    ASSERT_EQ(main->name, "main");
    const std::vector<BranchSet> sets = branch_sets(opened, *main, graph, 10);
    ASSERT_EQ(sets.size(), 2U);
    EXPECT_EQ(sets[0].name, "exp");
    EXPECT_THAT(sets[0].commits, UnorderedElementsAre("x", "b"));
    EXPECT_EQ(branch_sets(opened, *main, graph, 1).size(), 1U);
}

TEST(BranchSets, TheMainBranchIsNamedSoOrCheckedOut) {
    EXPECT_EQ(main_branch({.branches = {{.name = "a"}, {.name = "master"}}}, "")->name, "master");
    EXPECT_EQ(main_branch({.branches = {{.name = "a"}, {.name = "origin/main", .remote = true}}}, "")->name,
              "origin/main");
    EXPECT_EQ(main_branch({.branches = {{.name = "a"}, {.name = "b", .head = true}}}, "")->name, "b");
    EXPECT_EQ(main_branch({.branches = {{.name = "main"}, {.name = "v1.x"}}}, "v1.x")->name, "v1.x");
    EXPECT_EQ(main_branch({}, ""), nullptr);
}

TEST(BranchSets, AStoredBranchBelongsToTheInnermostRepository) {
    const std::vector<FoundRepository> all = {{"", {}}, {"vendor/x", {}}};
    EXPECT_TRUE(branch_belongs_to("feature/a", "", all));
    EXPECT_TRUE(branch_belongs_to("vendor/x/main", "vendor/x", all));
    EXPECT_FALSE(branch_belongs_to("vendor/x/main", "", all));
}

TEST(CommitSet, KnowsExactlyWhatWasAdded) {
    CommitSet set;
    set.add(std::string(40, 'a'));
    set.add(std::string(40, '1'));
    set.finish();
    EXPECT_TRUE(set.contains(std::string(40, 'a')));
    EXPECT_FALSE(set.contains(std::string(40, 'b')));
}

TEST(HistoryState, ComesBackFromItsTextAndFromNonsenseComesNothing) {
    const HistoryState state{{{"", {std::string(40, 'a'), std::string(40, 'b')}}, {"vendor/a b", {}}}};
    EXPECT_EQ(history_state_from(to_text(state)).repositories, state.repositories);
    EXPECT_TRUE(history_state_from("nonsense").repositories.empty());
    EXPECT_TRUE(history_state_from("history 1\nno tab\n").repositories.empty());
}

}  // namespace
}  // namespace lar::ingest
