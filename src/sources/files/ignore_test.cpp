#include "sources/files/ignore.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "sources/files/glob.h"
#include "sources/files/walk.h"

namespace lar::sources {
namespace {

namespace fs = std::filesystem;

bool ignored(std::string_view rules, std::string_view path, bool folder = false) {
    const IgnoreRules parsed = IgnoreRules::parse(rules, ".gitignore");
    const IgnoreRule* rule = parsed.match(path, folder);
    return rule != nullptr && !rule->negated;
}

TEST(Glob, StarsStayWithinANameAndTwoStarsDoNot) {
    EXPECT_TRUE(glob_matches("*.c", "a.c"));
    EXPECT_FALSE(glob_matches("*.c", "d/a.c"));
    EXPECT_TRUE(glob_matches("**/a.c", "a.c"));
    EXPECT_TRUE(glob_matches("**/a.c", "x/y/a.c"));
    EXPECT_FALSE(glob_matches("**/a.c", "x/ya.c"));
    EXPECT_TRUE(glob_matches("a/**/b", "a/b"));
    EXPECT_TRUE(glob_matches("a/**/b", "a/x/y/b"));
    EXPECT_TRUE(glob_matches("a/**", "a/x/y"));
    EXPECT_FALSE(glob_matches("a/**", "a"));
    EXPECT_FALSE(glob_matches("a**b", "a/b"));
    EXPECT_TRUE(glob_matches("a**b", "axxb"));
    EXPECT_TRUE(glob_matches("**/x*/**/y*z", "q/x1/r/s/yaz"));
    EXPECT_FALSE(glob_matches("**/x*/**/y*z", "q/x1/r/s/yaz/t"));
}

TEST(Glob, ClassesAreReadAsWildmatchReadsThem) {
    EXPECT_TRUE(glob_matches("[a-c]x", "bx"));
    EXPECT_FALSE(glob_matches("[!a-c]x", "bx"));
    EXPECT_TRUE(glob_matches("[^a-c]x", "dx"));
    EXPECT_TRUE(glob_matches("[]x]", "]"));
    EXPECT_TRUE(glob_matches("[[:digit:][:upper:]]", "Q"));
    EXPECT_FALSE(glob_matches("[[:digit:]]", "q"));
    EXPECT_FALSE(glob_matches("a[/]b", "a/b"));
    EXPECT_FALSE(glob_matches("[a", "a"));
    EXPECT_TRUE(glob_matches("\\[a", "[a"));
    EXPECT_TRUE(glob_matches("[a-]", "-"));
    EXPECT_FALSE(glob_matches("[[:nonsense:]]", "a"));
}

TEST(Glob, AHostilePatternTakesNoLongerThanItsLengths) {
    std::string pattern;
    for (int i = 0; i < 500; ++i) pattern += "a*";
    EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(Ignore, ARuleIsReadAsTheManualSays) {
    EXPECT_TRUE(ignored("*.log", "deep/down/x.log"));
    EXPECT_FALSE(ignored("/x.log", "deep/x.log"));
    EXPECT_TRUE(ignored("build/", "src/build", true));
    EXPECT_FALSE(ignored("build/", "src/build", false));
    EXPECT_FALSE(ignored("src/build/", "other/src/build", true));
    EXPECT_TRUE(ignored("*.log\n!keep.log", "a.log"));
    EXPECT_FALSE(ignored("*.log\n!keep.log", "keep.log"));
    EXPECT_TRUE(ignored("\\#x\n\\!y", "#x"));
    EXPECT_TRUE(ignored("\\#x\n\\!y", "!y"));
    EXPECT_FALSE(ignored("# x", "# x"));
    EXPECT_TRUE(ignored("trailing   ", "trailing"));
    EXPECT_TRUE(ignored("kept\\ ", "kept "));
    EXPECT_TRUE(ignored("\xEF\xBB\xBFmarked\r\n", "marked"));
    EXPECT_FALSE(ignored("/\n!\n", "anything"));
}

TEST(Ignore, LarignoreSpeaksBeforeGitignoreAndReachesIntoNestedRepositories) {
    IgnoreStack stack;
    stack.enter("", true);
    stack.add(IgnoreStack::Family::git, IgnoreRules::parse("*.log\nprivate", ".gitignore"));
    stack.add(IgnoreStack::Family::lar, IgnoreRules::parse("!wanted.log\nsecretly", ".larignore"));
    EXPECT_FALSE(stack.ruling("wanted.log", false)->ignored);
    EXPECT_TRUE(stack.ruling("other.log", false)->ignored);
    stack.enter("nested", true);
    EXPECT_FALSE(stack.ruling("nested/other.log", false));
    EXPECT_TRUE(stack.ruling("nested/secretly", false)->ignored);
    stack.leave();
    EXPECT_EQ(to_string(*stack.ruling("private", false)), "private (.gitignore, line 2)");
}

// A tree with rules drawn by chance, judged by git itself.
class GeneratedTree {
public:
    explicit GeneratedTree(unsigned seed)
        : random_(seed), top_(fs::temp_directory_path() / lar::format("lar-ignore-{}-{}", ::getpid(), seed)) {
        fs::create_directories(top_);
        grow(top_, 0);
    }
    ~GeneratedTree() {
        std::error_code ignored_error;
        fs::remove_all(top_, ignored_error);
    }
    const fs::path& top() const { return top_; }

private:
    std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + random_() % from.size()); }
    std::string name() {
        return pick({"a", "b", "ab", "a b", "x.log", "y.log", "#h", "!n", "[z]", "lib", "build", "A", "a.b.c", "-"});
    }
    std::string rule() {
        std::string rule = pick({"", "", "", "!", "/"});
        const int parts = 1 + static_cast<int>(random_() % 3);
        for (int i = 0; i < parts; ++i) {
            if (i > 0) rule += '/';
            rule += pick({"a",  "b",   "*",    "**",   "?",           "*.log", "[ab]",  "[!a]*", "lib",   "build",
                          "a*", "**b", "\\#h", "\\!n", "[[:upper:]]", "a\\ b", "x.log", "a?b",   "\\[z]", "[a-z]*.?"});
        }
        return rule + pick({"", "", "/", "  ", "\r"});
    }
    void grow(const fs::path& folder, int depth) {
        if (random_() % 2 == 0) {
            std::ofstream rules(folder / ".gitignore", std::ios::binary);
            for (unsigned i = 0; i < 1 + random_() % 5; ++i) rules << rule() << '\n';
        }
        for (unsigned i = 0; i < 5; ++i) {
            const fs::path path = folder / name();
            if (fs::exists(path)) continue;
            if (depth < 3 && random_() % 2 == 0) {
                fs::create_directory(path);
                grow(path, depth + 1);
            } else {
                std::ofstream(path) << "text\n";
            }
        }
    }
    std::mt19937 random_;
    fs::path top_;
};

class Found : public WalkVisitor {
public:
    std::set<std::string> files;
    Result<> file(const FoundFile& file) override {
        files.emplace(file.path);
        return {};
    }
    Result<> left_out(store::LeftOut&&) override { return {}; }
    Result<> folder(std::string_view) override { return {}; }
    Result<> repository(std::string_view, const GitPlaces&) override { return {}; }
};

std::set<std::string> files_that_git_sees(const fs::path& top) {
    const std::string command = lar::format(
        "cd '{}' && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 && git init -q . && git ls-files -o "
        "--exclude-standard -z",
        top.string());
    std::set<std::string> files;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
    EXPECT_EQ(::pclose(pipe), 0);
    for (const std::string_view name : split(output, '\0'))
        if (!name.empty()) files.emplace(name);
    return files;
}

TEST(Ignore, EveryFileOfGeneratedTreesIsJudgedAsGitJudgesIt) {
    if (std::system("git --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "git is not there to compare with";
    for (unsigned seed = 1; seed <= 60; ++seed) {
        const GeneratedTree tree(seed);
        const std::set<std::string> expected = files_that_git_sees(tree.top());
        Result<Walk> walk = Walk::open(tree.top(), {});
        ASSERT_TRUE(walk);
        Found collector;
        ASSERT_TRUE(walk->run("", collector, false));
        ASSERT_EQ(collector.files, expected) << "seed " << seed;
    }
}

}  // namespace
}  // namespace lar::sources
