#include "typed_history.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

class TypedHistory : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "lar-history-XXXXXX";
        folder = ::mkdtemp(pattern.data());
        file = folder / "state" / "run-history";
    }
    void TearDown() override { fs::remove_all(folder); }
    fs::path folder, file;
};

TEST_F(TypedHistory, IsEmptyBeforeTheFirstLine) { EXPECT_TRUE(read_typed_history(file)->empty()); }

TEST_F(TypedHistory, KeepsLinesInOrderForTheUserAlone) {
    ASSERT_TRUE(add_typed_history(file, "first"));
    ASSERT_TRUE(add_typed_history(file, "zweite é"));
    EXPECT_EQ(*read_typed_history(file), (std::vector<std::string>{"first", "zweite é"}));
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
}

TEST_F(TypedHistory, AFileThatOthersCouldReadIsClosedToThem) {
    ASSERT_TRUE(add_typed_history(file, "one"));
    fs::permissions(file, fs::perms(0644));
    ASSERT_TRUE(add_typed_history(file, "two"));
    EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
}

TEST_F(TypedHistory, DoesNotFollowALink) {
    ASSERT_TRUE(make_private_directory(file.parent_path()));
    fs::create_symlink(folder / "elsewhere", file);
    EXPECT_FALSE(add_typed_history(file, "secret"));
    EXPECT_FALSE(fs::exists(folder / "elsewhere"));
}

TEST_F(TypedHistory, KeepsTheLatestAndDoesNotGrowWithoutEnd) {
    ASSERT_TRUE(make_private_directory(file.parent_path()));
    std::string lines;
    for (std::size_t i = 0; i <= 2 * limit_history_lines; ++i) lines += std::to_string(i) + "\n";
    ASSERT_TRUE(write_file_atomically(file, lines));
    const auto latest = read_typed_history(file);
    ASSERT_EQ(latest->size(), limit_history_lines);
    EXPECT_EQ(latest->back(), std::to_string(2 * limit_history_lines));
    EXPECT_EQ(read_file(file, 1 << 20)->substr(0, 5), latest->front() + "\n");
}

TEST_F(TypedHistory, ALineOfTheFileSendsNothingToTheTerminal) {
    ASSERT_TRUE(make_private_directory(file.parent_path()));
    ASSERT_TRUE(write_file_atomically(file, "a\033]0;title\a\n"));
    EXPECT_EQ(read_typed_history(file)->front().find_first_of("\033\a"), std::string::npos);
}

}  // namespace
}  // namespace lar::cli
