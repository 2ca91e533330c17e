#include "sources/git/places.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/format.h"

namespace lar::sources {
namespace {

namespace fs = std::filesystem;

class PlacesTest : public testing::Test {
protected:
    void SetUp() override {
        top_ = fs::temp_directory_path() / lar::format("lar-places-{}", ::getpid());
        fs::remove_all(top_);
        make_git_dir(top_ / "repo/.git");
        top_ = fs::canonical(top_);
    }
    void TearDown() override { fs::remove_all(top_); }
    void write(const fs::path& path, std::string_view text) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }
    void make_git_dir(const fs::path& path) {
        fs::create_directories(path / "objects");
        fs::create_directories(path / "refs");
        write(path / "HEAD", "ref: refs/heads/main\n");
    }
    fs::path top_;
};

TEST_F(PlacesTest, AnOrdinaryRepositoryIsFoundByItsDotGit) {
    const auto places = git_places_of(top_ / "repo");
    ASSERT_TRUE(places);
    EXPECT_EQ(places->work_tree, top_ / "repo");
    EXPECT_EQ(places->git_dir, top_ / "repo/.git");
    EXPECT_FALSE(places->linked());
    EXPECT_FALSE(git_places_of(top_));
    EXPECT_EQ(work_tree_around(top_ / "repo/.git/objects"), top_ / "repo");
}

TEST_F(PlacesTest, ACloneKnowsTheBranchItStartedFrom) {
    EXPECT_EQ(default_branch(*git_places_of(top_ / "repo")), "");
    write(top_ / "repo/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/v1.x\n");
    EXPECT_EQ(default_branch(*git_places_of(top_ / "repo")), "v1.x");
}

TEST_F(PlacesTest, ALinkedWorkTreeNamesTheRepositoryItBelongsTo) {
    write(top_ / "repo/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
    write(top_ / "repo/.git/worktrees/side/commondir", "../..\n");
    write(top_ / "side/.git", lar::format("gitdir: {}\n", (top_ / "repo/.git/worktrees/side").string()));
    const auto places = git_places_of(top_ / "side");
    ASSERT_TRUE(places);
    EXPECT_TRUE(places->linked());
    EXPECT_EQ(places->common_dir, top_ / "repo/.git");
    EXPECT_EQ(main_work_tree(*places), top_ / "repo");
}

TEST_F(PlacesTest, ASubmoduleHasItsOwnRepositoryElsewhere) {
    make_git_dir(top_ / "repo/.git/modules/lib");
    write(top_ / "repo/lib/.git", "gitdir: ../.git/modules/lib\n");
    const auto places = git_places_of(top_ / "repo/lib");
    ASSERT_TRUE(places);
    EXPECT_FALSE(places->linked());
    EXPECT_EQ(places->git_dir, top_ / "repo/.git/modules/lib");
}

TEST_F(PlacesTest, AlternatesAreFollowedAndLoopsEnd) {
    make_git_dir(top_ / "other.git");
    write(top_ / "repo/.git/objects/info/alternates",
          lar::format("# shared\n{}\n/not/there\n", (top_ / "other.git/objects").string()));
    write(top_ / "other.git/objects/info/alternates", lar::format("{}\n", (top_ / "repo/.git/objects").string()));
    const auto places = git_places_of(top_ / "repo");
    ASSERT_TRUE(places);
    EXPECT_EQ(places->object_dirs.front(), top_ / "other.git/objects");
    EXPECT_LE(places->object_dirs.size(), 2U);
}

TEST_F(PlacesTest, WhatOnlyLooksLikeARepositoryIsNone) {
    write(top_ / "liar/.git", "gitdir: /etc\n");
    write(top_ / "text/.git", std::string(100'000, 'x'));
    fs::create_directories(top_ / "empty/.git");
    EXPECT_FALSE(git_places_of(top_ / "liar"));
    EXPECT_FALSE(git_places_of(top_ / "text"));
    EXPECT_FALSE(git_places_of(top_ / "empty"));
    const auto bare = git_places_of(top_ / "repo/.git");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->work_tree, "");
}

}  // namespace
}  // namespace lar::sources
