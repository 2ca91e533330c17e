#include "sandbox.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "documents/document.h"
#include "documents/git_repository.h"
#include "documents/pdf.h"
#include "hidden.h"
#include "sandbox/testing.h"

namespace lar::reader {
namespace {

using sandbox::Door;
using sandbox::error_of;
using sandbox::run_locked_down;

class ReaderSandbox : public testing::Test {
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(documents::prepare_git()); }
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-reader-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        std::filesystem::create_directories(home_ / "work" / ".git");
        std::ofstream(home_ / "work" / "file") << "text";
        std::ofstream(home_ / "secret") << "text";
        places_ = {.work_tree = (home_ / "work").string(),
                   .git_dir = (home_ / "work/.git").string(),
                   .common_dir = (home_ / "work/.git").string()};
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    int run(const std::function<int()>& then) const {
        return run_locked_down([this] { return lock_down(places_); }, then);
    }

    std::filesystem::path home_;
    wire::OpenRepository places_;
};

TEST_F(ReaderSandbox, EveryDoorEndsIt) {
    std::vector<Door> doors = sandbox::doors_closed_to_all();
    for (Door& door :
         std::vector{sandbox::door_fork(), sandbox::door_exec(), sandbox::door_kill(), sandbox::door_unlink(),
                     sandbox::door_executable_memory(), sandbox::door_send_descriptors()})
        doors.push_back(std::move(door));
    const std::string file = (home_ / "work" / "file").string();
    doors.push_back({"open for writing", [=] { return ::open(file.c_str(), O_WRONLY | O_CLOEXEC); }});
    doors.push_back({"open for both", [=] { return ::open(file.c_str(), O_RDWR | O_CLOEXEC); }});
    doors.push_back({"create", [=] { return ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600); }});
    doors.push_back({"truncate", [=] { return ::truncate(file.c_str(), 0); }});
    doors.push_back({"mkdir", [=] { return ::mkdir((file + "d").c_str(), 0700); }});
    doors.push_back({"rename", [=] { return ::rename(file.c_str(), (file + "2").c_str()); }});
    doors.push_back({"socketpair", [] {
                         int ends[2];
                         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                     }});
    doors.push_back({"a watch", [] { return ::syscall(SYS_inotify_init1, 0); }});
    for (const Door& door : doors)
        EXPECT_EQ(run([&] {
                      door.open();
                      return 0;
                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(ReaderSandbox, ItSeesItsRepositoryAndNothingBeside) {
    EXPECT_EQ(run([this] { return error_of(::open((home_ / "work" / "file").c_str(), O_RDONLY | O_CLOEXEC)); }), 0);
    EXPECT_EQ(run([this] { return error_of(::open((home_ / "secret").c_str(), O_RDONLY | O_CLOEXEC)); }), ENOENT);
    EXPECT_EQ(
        run([this] { return error_of(::open((home_ / "work" / ".." / "secret").c_str(), O_RDONLY | O_CLOEXEC)); }),
        ENOENT);
    EXPECT_EQ(run([this] { return error_of(::openat(AT_FDCWD, (home_ / "secret").c_str(), O_RDONLY | O_CLOEXEC)); }),
              EACCES);
    EXPECT_EQ(run([] { return error_of(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }), ENOENT);
    EXPECT_EQ(run([] { return error_of(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }), ENOENT);
    std::filesystem::create_symlink(home_ / "secret", home_ / "work" / "link");
    EXPECT_EQ(run([this] { return error_of(::open((home_ / "work" / "link").c_str(), O_RDONLY | O_CLOEXEC)); }),
              EACCES);
}

TEST_F(ReaderSandbox, WhatIsOutsideItsPlacesIsMissingRatherThanForbidden) {
    set_visible_places({"/a/b", "/a/c/"});
    EXPECT_TRUE(is_visible("/a/b"));
    EXPECT_TRUE(is_visible("/a/b/../c/x"));
    EXPECT_FALSE(is_visible("/a/bc"));
    EXPECT_FALSE(is_visible("/a/b/../x"));
    EXPECT_FALSE(is_visible("x"));
}

TEST_F(ReaderSandbox, ItReadsARealRepositoryWithItsHistoryStashAndUncommittedWork) {
    const std::string git =
        "export HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a "
        "GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a; cd '" +
        (home_ / "work").string() + "' && ";
    // Configuration that points outside must neither be read nor be in the way.
    const std::string script =
        git +
        "rmdir .git && git init -q . && git add . && git commit -q -m one && echo two > file && git stash -q && "
        "echo three > file && git add file && echo four > file && echo new > new && "
        "git config include.path ../../secret && git config core.excludesFile '" +
        (home_ / "secret").string() + "'";
    if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "git is not installed";
    ASSERT_EQ(std::system(("{ " + script + "; } >/dev/null 2>&1").c_str()), 0);
    EXPECT_EQ(
        run([this] {
            const auto go_on = []() -> Result<> { return {}; };
            const Result<documents::GitRepository> repository = documents::GitRepository::open(places_);
            if (!repository) {
                static_cast<void>(!::write(2, repository.error().message.c_str(), repository.error().message.size()));
                return 1;
            }
            if (!repository->describe(1)) return 2;
            std::size_t commits = 0;
            if (!repository->read_commits(
                    {},
                    [&](wire::Commits&& batch) -> Result<> {
                        commits += batch.commits.size();
                        return {};
                    },
                    go_on))
                return 3;
            const Result<wire::WorkingTree> tree = repository->read_working_tree(1, go_on);
            if (!tree) {
                static_cast<void>(!::write(2, tree.error().message.c_str(), tree.error().message.size()));
                return 4;
            }
            return commits == 1 && tree->staged.size() == 1 && tree->unstaged.size() == 2 && tree->stashes.size() == 1
                       ? 0
                       : 5;
        }),
        0);
}

class ReaderOfDocuments : public ReaderSandbox {
protected:
    int run_for_documents(const std::function<int()>& then) const {
        return run_locked_down([] { return lock_down_for_documents(); }, then);
    }
    // A file as lard hands it on, and what comes of it: the number of blocks, or minus the code.
    static int read(int file, wire::DocumentFormat format) {
        int count = 0;
        documents::Blocks blocks(1, documents::Budget(10'000),
                                 {.text = [&](wire::DocumentText&& text) -> Result<> {
                                      count += static_cast<int>(text.blocks.size());
                                      return {};
                                  },
                                  .member_failed = [](wire::MemberFailed&&) -> Result<> { return {}; }});
        const Result<std::string> bytes = read_fd(file, 1 << 20);
        if (!bytes || !documents::read_document(format, *bytes, blocks) || !blocks.flush()) return 99;
        return count;
    }
};

TEST_F(ReaderOfDocuments, SeesNoFileAtAll) {
    for (const std::string& path : {(home_ / "work" / "file").string(), std::string("/etc/passwd"), std::string("/")})
        EXPECT_NE(run_for_documents([&] { return error_of(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }), 0) << path;
}

TEST_F(ReaderOfDocuments, EveryDoorEndsIt) {
    std::vector<Door> doors = sandbox::doors_closed_to_all();
    for (Door& door :
         std::vector{sandbox::door_fork(), sandbox::door_exec(), sandbox::door_kill(), sandbox::door_unlink(),
                     sandbox::door_executable_memory(), sandbox::door_send_descriptors()})
        doors.push_back(std::move(door));
    for (const Door& door : doors)
        EXPECT_EQ(run_for_documents([&] {
                      door.open();
                      return 0;
                  }),
                  -SIGSYS)
            << door.name;
}

TEST_F(ReaderOfDocuments, ReadsWhatItIsHandedAllTheSame) {
    documents::prepare_pdf();
    const std::string pdf =
        "%PDF-1.4\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\n"
        "endobj\n3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources <</Font <</F 5 0 "
        "R>>>>>>\n"
        "endobj\n4 0 obj\n<</Length 30>>\nstream\nBT /F 1 Tf 1 1 Td (text) Tj ET \nendstream\nendobj\n"
        "5 0 obj\n<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>\nendobj\ntrailer\n<</Root 1 0 R /Size 6>>\n";
    std::ofstream(home_ / "a.pdf") << pdf;
    std::ofstream(home_ / "a.html") << "<p>text";
    for (const auto& [name, format] :
         {std::pair{"a.pdf", wire::DocumentFormat::pdf}, std::pair{"a.html", wire::DocumentFormat::html}}) {
        const Fd file(::open((home_ / name).c_str(), O_RDONLY | O_CLOEXEC));
        EXPECT_EQ(run_for_documents([&] { return read(file.number(), format); }), 1) << name;
    }
}

TEST_F(ReaderOfDocuments, HasNoMoreMemoryThanADocumentMayTake) {
    EXPECT_EQ(run_for_documents([] {
                  void* const all = ::mmap(nullptr, limit_document_memory_bytes, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return all == MAP_FAILED ? 0 : 1;
              }),
              0);
}

}  // namespace
}  // namespace lar::reader
