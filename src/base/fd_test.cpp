#include "base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace lar {
namespace {

struct TemporaryFolder {
    std::filesystem::path path;
    TemporaryFolder() {
        std::string name = testing::TempDir() + "lar-fd-XXXXXX";
        path = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

TEST(Fd, ClosesWhatItOwnsAndNothingTwice) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    {
        Fd read_end(pipe_ends[0]);
        const Fd moved(std::move(read_end));
        EXPECT_FALSE(read_end);  // NOLINT: a moved-from Fd is empty by contract
        EXPECT_TRUE(moved);
    }
    EXPECT_EQ(::fcntl(pipe_ends[0], F_GETFD), -1);
    ::close(pipe_ends[1]);
}

TEST(ReadFile, RefusesWhatIsLargerThanTheLimitAndWhatIsNoFile) {
    const TemporaryFolder folder;
    const auto file = folder.path / "ten";
    ASSERT_TRUE(write_file_atomically(file, "0123456789"));
    EXPECT_EQ(read_file(file, 10), "0123456789");
    EXPECT_EQ(read_file(file, 9).error().code, Code::too_large);
    EXPECT_EQ(read_file(folder.path, 10).error().code, Code::invalid);
    EXPECT_EQ(read_file(folder.path / "none", 10).error().code, Code::not_found);
    ASSERT_EQ(::mkfifo((folder.path / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(read_file(folder.path / "fifo", 10).error().code, Code::invalid);
}

TEST(WriteFile, ReplacesWholeAndKeepsItPrivate) {
    const TemporaryFolder folder;
    const auto file = folder.path / "f";
    ASSERT_TRUE(write_file_atomically(file, "old"));
    ASSERT_TRUE(write_file_atomically(file, "new"));
    EXPECT_EQ(read_file(file, 100), "new");
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(write_file_atomically(folder.path / "none" / "f", "x").error().code, Code::not_found);
}

TEST(MakePrivateDirectory, MakesParentsAndIsContentWithWhatIsThere) {
    const TemporaryFolder folder;
    ASSERT_TRUE(make_private_directory(folder.path / "a" / "b"));
    ASSERT_TRUE(make_private_directory(folder.path / "a" / "b"));
    ASSERT_TRUE(write_file_atomically(folder.path / "file", ""));
    EXPECT_EQ(make_private_directory(folder.path / "file").error().code, Code::conflict);
}

}  // namespace
}  // namespace lar
