// The real spawner and real readers; and, for what lard must not believe, a reader that lies.
#include "document_readers.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace lar::lard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using wire::DocumentFormat;

class DocumentReaders : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-documents-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        documents_.reset();
        spawner_.reset();
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    void start(const std::filesystem::path& programs) {
        auto spawner = ipc::Spawner::start(programs);
        ASSERT_TRUE(spawner) << spawner.error().message;
        spawner_ = std::move(*spawner);
        documents_.emplace(*spawner_);
    }
    void start() { start(*ipc::programs_directory()); }
    // Beside a copy of the spawner, which starts nothing but what stands beside it.
    void start_lying() {
        const std::filesystem::path ours = *ipc::programs_directory();
        for (const char* program : {"lar-spawner", "lar-engine"})
            std::filesystem::copy_file(ours / program, home_ / program);
        std::filesystem::copy_file(ours / "lying_reader", home_ / "lar-reader");
        start(home_);
    }
    Result<ingest::ReadDocument> read(std::string_view bytes, DocumentFormat format = DocumentFormat::html) {
        const Fd file(::memfd_create("document", MFD_CLOEXEC));
        EXPECT_EQ(::write(file.number(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        EXPECT_EQ(::lseek(file.number(), 0, SEEK_SET), 0);
        return documents_->read(file.number(), format, 10'000, cancelled_);
    }
    Code problem(std::string_view how) {
        const Result<ingest::ReadDocument> document = read(how);
        EXPECT_TRUE(document) << how << ": " << document.error().message;
        EXPECT_TRUE(document->problem) << how;
        EXPECT_THAT(document->parts, IsEmpty()) << how;
        return document && document->problem ? document->problem->code : Code::conflict;
    }

    std::filesystem::path home_;
    std::unique_ptr<ipc::Spawner> spawner_;
    std::optional<SpawnedDocuments> documents_;
    std::atomic<bool> cancelled_ = false;
};

TEST_F(DocumentReaders, DocumentsAreReadOneAfterTheOtherByOneReaderThatEndsAfterwards) {
    start();
    const auto page = read("<title>Rules</title><h1>One</h1><p>text");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_FALSE(page->problem) << page->problem->message;
    EXPECT_EQ(page->title, "Rules");
    ASSERT_THAT(page->parts, SizeIs(1));
    EXPECT_THAT(page->parts[0].blocks, SizeIs(2));
    const std::vector<pid_t> first = spawner_->workers();
    EXPECT_EQ(read("%PDF-nothing", DocumentFormat::pdf)->problem->code, Code::corrupt);
    EXPECT_EQ(spawner_->workers(), first);
    EXPECT_THAT(documents_->layers(), HasSubstr("seccomp"));
    documents_->rest();
    for (int i = 0; i < 200 && !spawner_->workers().empty(); ++i) ::usleep(10'000);
    EXPECT_THAT(spawner_->workers(), IsEmpty());
}

TEST_F(DocumentReaders, AReaderThatDiesIsTheDocumentsProblemAndTheNextGetsAFreshOne) {
    start_lying();
    EXPECT_EQ(problem("crash"), Code::internal);
    EXPECT_EQ(problem("memory"), Code::too_large);
    EXPECT_EQ(problem("time"), Code::timeout);
    EXPECT_EQ(problem("some, then crash"), Code::internal) << "what a dying reader said is not kept";
    EXPECT_EQ(read("fine")->title, "fine");
}

TEST_F(DocumentReaders, AReaderThatLiesIsKilled) {
    start_lying();
    for (const char* how : {"garbage", "other id", "no level", "too much"})
        EXPECT_EQ(problem(how), Code::internal) << how;
    EXPECT_EQ(read("fine")->title, "fine");
}

TEST_F(DocumentReaders, ACancelledWaitEndsWithoutADocument) {
    start();
    cancelled_ = true;
    const auto document = read("<p>text");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, Code::unavailable);
    cancelled_ = false;
    EXPECT_TRUE(read("<p>text"));
}

TEST_F(DocumentReaders, EventsOverTheirLimitsAreLies) {
    EXPECT_TRUE(validate(wire::DocumentText{.blocks = {{.kind = wire::BlockKind::heading, .level = 1, .text = "a"}}}));
    EXPECT_FALSE(validate(wire::DocumentText{.blocks = {{.text = std::string(wire::limit_block_bytes + 1, 'a')}}}));
    EXPECT_FALSE(validate(wire::DocumentText{.blocks = std::vector<wire::Block>(wire::limit_blocks_in_batch + 1)}));
    EXPECT_FALSE(validate(wire::DocumentText{.member = std::string(wire::limit_document_name_bytes + 1, 'a')}));
    EXPECT_FALSE(validate(wire::DocumentDone{.title = std::string(wire::limit_document_name_bytes + 1, 'a')}));
}

}  // namespace
}  // namespace lar::lard
