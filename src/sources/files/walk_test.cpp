#include "sources/files/walk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "base/format.h"

namespace lar::sources {
namespace {

namespace fs = std::filesystem;

class Collector : public WalkVisitor {
public:
    std::vector<std::string> files;
    std::map<std::string, store::LeftOut> out;
    std::vector<std::string> folders, repositories;
    Result<> file(const FoundFile& file) override {
        files.emplace_back(file.path);
        return {};
    }
    Result<> left_out(store::LeftOut&& what) override {
        std::string path = what.path;
        out.emplace(std::move(path), std::move(what));
        return {};
    }
    Result<> folder(std::string_view path) override {
        folders.emplace_back(path);
        return {};
    }
    Result<> repository(std::string_view path, const GitPlaces&) override {
        repositories.emplace_back(path);
        return {};
    }
};

class WalkTest : public testing::Test {
protected:
    void SetUp() override {
        top_ = fs::temp_directory_path() / lar::format("lar-walk-{}", ::getpid());
        fs::remove_all(top_);
        fs::create_directories(top_);
    }
    void TearDown() override { fs::remove_all(top_); }
    void write(const std::string& path, std::string_view text = "text\n") {
        fs::create_directories((top_ / path).parent_path());
        std::ofstream(top_ / path, std::ios::binary) << text;
    }
    void make_repository(const std::string& path) {
        fs::create_directories(top_ / path / ".git/objects");
        fs::create_directories(top_ / path / ".git/refs");
        write(path + "/.git/HEAD", "ref: refs/heads/main\n");
    }
    Collector walk(std::string_view below = "", WalkOptions options = {}) {
        Collector collector;
        Result<Walk> walk = Walk::open(top_, std::move(options));
        EXPECT_TRUE(walk);
        const Result<> outcome = walk->run(below, collector, false);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return collector;
    }
    fs::path top_;
};

using Names = std::vector<std::string>;

TEST_F(WalkTest, FilesComeInTheOrderOfTheirPathsAsBytes) {
    for (const char* path : {"a/z", "a.c", "a-b", "b/c/d", "b/c.x", "B"}) write(path);
    EXPECT_EQ(walk().files, (Names{"B", "a-b", "a.c", "a/z", "b/c.x", "b/c/d"}));
}

TEST_F(WalkTest, LinksAreReportedAndNeverFollowed) {
    write("dir/file");
    fs::create_directory_symlink("..", top_ / "dir/loop");
    fs::create_symlink("/etc/passwd", top_ / "passwd");
    const Collector seen = walk();
    EXPECT_EQ(seen.files, (Names{"dir/file"}));
    EXPECT_EQ(seen.out.at("passwd").reason, "symbolic link");
    EXPECT_EQ(seen.out.at("dir/loop").detail, "to ..");
}

TEST_F(WalkTest, TheTopItselfMayBeALink) {
    write("real/file");
    fs::create_directory_symlink("real", top_ / "link");
    Collector collector;
    Result<Walk> walk = Walk::open(top_ / "link", {});
    ASSERT_TRUE(walk);
    ASSERT_TRUE(walk->run("", collector, false));
    EXPECT_EQ(collector.files, (Names{"file"}));
}

TEST_F(WalkTest, EveryLeftOutPathHasAReason) {
    write(".gitignore", "*.log\n/out/\n");
    write("x.log");
    write("out/deep/y");
    write(".env", "KEY=1\n");
    write("photo.png");
    write("big.txt", std::string(200, 'x'));
    write("node_modules/a/index.js");
    write("cached/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    ASSERT_EQ(::mkfifo((top_ / "pipe").c_str(), 0600), 0);
    const Collector seen = walk("", {.file_size_limit_bytes = 100});
    EXPECT_EQ(seen.files, (Names{".gitignore"}));
    EXPECT_EQ(seen.out.at("x.log").detail, "*.log (.gitignore, line 1)");
    EXPECT_EQ(seen.out.at("out").reason, "ignored");
    EXPECT_EQ(seen.out.at(".env").reason, "secret");
    EXPECT_EQ(seen.out.at("photo.png").reason, "binary");
    EXPECT_EQ(seen.out.at("big.txt").reason, "too large");
    EXPECT_EQ(seen.out.at("node_modules").reason, "generated");
    EXPECT_EQ(seen.out.at("cached").reason, "cache");
    EXPECT_EQ(seen.out.at("pipe").reason, "special file");
    EXPECT_EQ(seen.out.size(), 8U);
}

TEST_F(WalkTest, LarignoreBringsBackWhatIsLeftOutByNameButNotASecret) {
    write(".larignore", "!node_modules/\n!.env\n");
    write("node_modules/a.js");
    write(".env");
    const Collector seen = walk();
    EXPECT_EQ(seen.files, (Names{".larignore", "node_modules/a.js"}));
    EXPECT_EQ(seen.out.at(".env").reason, "secret");
}

TEST_F(WalkTest, APartOfTheTreeIsJudgedAsTheWholeIs) {
    write(".gitignore", "ignored/\n");
    write("src/.gitignore", "*.o\n");
    write("src/a.c");
    write("src/a.o");
    write("src/deep/b.c");
    write("ignored/c.c");
    EXPECT_EQ(walk("src/a.c").files, (Names{"src/a.c"}));
    EXPECT_EQ(walk("src").files, (Names{"src/.gitignore", "src/a.c", "src/deep/b.c"}));
    EXPECT_EQ(walk("src/deep").folders, (Names{"src/deep"}));
    EXPECT_EQ(walk("ignored/c.c").out.at("ignored").detail, "ignored/ (.gitignore, line 1)");
    EXPECT_TRUE(walk("not/there").files.empty());
    Collector collector;
    Result<Walk> outside = Walk::open(top_, {});
    EXPECT_EQ(outside->run("../x", collector, false).error().code, Code::invalid);
}

TEST_F(WalkTest, NestedRepositoriesAreReportedAndLiveByTheirOwnRules) {
    make_repository(".");
    write(".gitignore", "*.log\n");
    make_repository("sub/nested");
    write("sub/nested/kept.log");
    write("sub/dropped.log");
    const Collector seen = walk();
    EXPECT_EQ(seen.repositories, (Names{"", "sub/nested"}));
    EXPECT_EQ(seen.files, (Names{".gitignore", "sub/nested/kept.log"}));
    EXPECT_EQ(seen.out.at(".git").reason, "version control");
}

TEST_F(WalkTest, AnotherWorkTreeOfARepositoryInTheTreeIsLeftOut) {
    make_repository("project");
    write("project/a.c");
    write("feature/a.c");
    fs::create_directories(top_ / "project/.git/worktrees/feature");
    write("project/.git/worktrees/feature/HEAD", "ref: refs/heads/feature\n");
    write("project/.git/worktrees/feature/commondir", "../..\n");
    write("feature/.git", lar::format("gitdir: {}/project/.git/worktrees/feature\n", top_.string()));
    const Collector seen = walk();
    EXPECT_EQ(seen.files, (Names{"project/a.c"}));
    EXPECT_EQ(seen.out.at("feature").reason, "another work tree");
    EXPECT_EQ(seen.out.at("feature").detail, "of project");
}

TEST_F(WalkTest, ABareRepositoryIsReportedAndNotWalked) {
    fs::create_directories(top_ / "store.git/objects");
    fs::create_directories(top_ / "store.git/refs");
    write("store.git/HEAD", "ref: refs/heads/main\n");
    write("store.git/description");
    const Collector seen = walk();
    EXPECT_TRUE(seen.files.empty());
    EXPECT_EQ(seen.repositories, (Names{"store.git"}));
}

TEST_F(WalkTest, RulesAboveASourceInsideARepositoryHoldInIt) {
    make_repository(".");
    write(".gitignore", "*.log\nsub/made/\n");
    write("sub/a.log");
    write("sub/made/x");
    write("sub/b");
    Collector collector;
    Result<Walk> walk = Walk::open(top_ / "sub", {});
    ASSERT_TRUE(walk->run("", collector, false));
    EXPECT_EQ(collector.files, (Names{"b"}));
}

TEST_F(WalkTest, ASingleFileIsASourceToo) {
    write("one.md");
    write("other.md");
    Collector collector;
    Result<Walk> walk = Walk::open(top_ / "one.md", {});
    ASSERT_TRUE(walk->run("", collector, false));
    EXPECT_EQ(collector.files, (Names{"one.md"}));
    EXPECT_EQ(Walk::open(top_ / "none.md", {}).error().code, Code::not_found);
}

TEST_F(WalkTest, ASecretFolderIsOneWhereverTheSourceBegins) {
    write("home/.ssh/config", "Host *\n");
    write("home/.ssh/old/notes", "text\n");
    write("home/.config/gh/hosts.yml", "oauth_token: x\n");
    write("home/.config/editor/settings", "text\n");
    const fs::path top = top_;
    for (const char* begin : {"home/.ssh", "home/.ssh/old", "home/.ssh/config"}) {
        top_ = top / begin;
        const Collector kept_out = walk();
        EXPECT_EQ(kept_out.files, Names{}) << begin;
        ASSERT_EQ(kept_out.out.size(), 1U) << begin;
        EXPECT_EQ(kept_out.out.begin()->second.reason, reason::secret);
        EXPECT_EQ(kept_out.out.begin()->second.detail, "ssh keys");
    }
    top_ = top / "home/.config";
    const Collector settings = walk();
    EXPECT_EQ(settings.files, Names{"editor/settings"});
    EXPECT_EQ(settings.out.at("gh").reason, reason::secret);
    top_ = top;
}

TEST_F(WalkTest, AFolderThatMayNotBeReadIsReported) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read every folder";
    write("closed/a");
    fs::permissions(top_ / "closed", fs::perms::none);
    const Collector seen = walk();
    fs::permissions(top_ / "closed", fs::perms::owner_all);
    EXPECT_EQ(seen.out.at("closed").reason, "unreadable");
}

TEST_F(WalkTest, CancellingEndsTheWalk) {
    for (int i = 0; i < 10; ++i) write(lar::format("f{}", i));
    Collector collector;
    Result<Walk> walk = Walk::open(top_, {});
    EXPECT_EQ(walk->run("", collector, true).error().code, Code::unavailable);
    EXPECT_TRUE(collector.files.empty());
}

}  // namespace
}  // namespace lar::sources
