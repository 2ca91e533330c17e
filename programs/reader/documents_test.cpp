// What the reader answers when it is handed documents: over a real channel, without the lock-down.
#include "documents.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "base/build.h"
#include "documents/pdf.h"
#include "service.h"

namespace lar::reader {
namespace {

using testing::HasSubstr;

class ReaderDocuments : public testing::Test {
protected:
    void SetUp() override {
        auto [channel, theirs] = *ipc::Channel::make_pair();
        channel_.emplace(std::move(channel));
        thread_ = std::thread([this, channel = ipc::Channel(std::move(theirs))]() mutable {
            const auto free = [] { return sandbox::Layers{.seccomp = true}; };
            Service service(std::move(channel), {.for_repository = [=](const wire::OpenRepository&) { return free(); },
                                                 .for_documents = free});
            ended_ = service.run();
        });
        ASSERT_TRUE(ipc::receive<wire::ReaderEvent>(*channel_));
        ASSERT_TRUE(ipc::send<wire::ReaderRequest>(*channel_, wire::OpenDocuments{.id = 1}));
        const wire::DocumentEvent opened = hear();
        ASSERT_TRUE(std::holds_alternative<wire::DocumentsOpened>(opened));
        EXPECT_EQ(std::get<wire::DocumentsOpened>(opened).layers, "seccomp");
    }
    void TearDown() override {
        if (channel_) channel_->close();
        if (thread_.joinable()) thread_.join();
    }
    wire::DocumentEvent hear() {
        Result<wire::DocumentEvent> event = ipc::receive<wire::DocumentEvent>(*channel_, {.timeout_ms = 20'000});
        EXPECT_TRUE(event) << event.error().message;
        return event ? std::move(*event) : wire::DocumentEvent(wire::DocumentFailed{.message = event.error().message});
    }
    void hand(std::uint64_t id, wire::DocumentFormat format, std::string_view bytes, std::uint32_t cpu_ms = 10'000) {
        const Fd file(::memfd_create("document", MFD_CLOEXEC));
        ASSERT_EQ(::write(file.number(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
        const int number = file.number();
        ASSERT_TRUE(channel_->send(wire::to_json(wire::ReadDocument{.id = id, .format = format, .cpu_ms = cpu_ms}), {},
                                   {}, std::span(&number, 1)));
    }

    std::optional<ipc::Channel> channel_;
    std::thread thread_;
    Result<> ended_;
};

TEST_F(ReaderDocuments, OneAfterTheOtherComesAsTextAndThenDone) {
    hand(5, wire::DocumentFormat::html, "<title>T</title><h1>One</h1><p>two");
    const wire::DocumentEvent text = hear();
    ASSERT_TRUE(std::holds_alternative<wire::DocumentText>(text));
    EXPECT_EQ(std::get<wire::DocumentText>(text).id, 5U);
    ASSERT_EQ(std::get<wire::DocumentText>(text).blocks.size(), 2U);
    EXPECT_EQ(std::get<wire::DocumentText>(text).blocks[0].kind, wire::BlockKind::heading);
    EXPECT_EQ(std::get<wire::DocumentDone>(hear()).title, "T");
    hand(6, wire::DocumentFormat::notebook, R"({"cells": []})");
    EXPECT_EQ(std::get<wire::DocumentDone>(hear()).id, 6U);
}

TEST_F(ReaderDocuments, WhatCannotBeReadFailsByNameAndTheNextOneIsRead) {
    hand(5, wire::DocumentFormat::package, "not a zip at all");
    EXPECT_EQ(std::get<wire::DocumentFailed>(hear()).code, "corrupt");
    hand(6, wire::DocumentFormat::html, "");
    EXPECT_EQ(std::get<wire::DocumentFailed>(hear()).code, "not_found");
    hand(7, wire::DocumentFormat::html, "<p>fine");
    EXPECT_TRUE(std::holds_alternative<wire::DocumentText>(hear()));
    EXPECT_EQ(std::get<wire::DocumentDone>(hear()).cut, "");
}

TEST_F(ReaderDocuments, WhatCameBeforeAMistakeStandsAndIsSaidToBeCut) {
    const std::string cells = R"({"cells": [{"cell_type": "raw", "source": "first"}, {"cell_type": 3}]})";
    hand(5, wire::DocumentFormat::notebook, cells);
    EXPECT_EQ(std::get<wire::DocumentText>(hear()).blocks[0].text, "first");
    EXPECT_THAT(std::get<wire::DocumentDone>(hear()).cut, HasSubstr("no notebook"));
}

TEST_F(ReaderDocuments, ARequestWithoutAFileOrALimitEndsIt) {
    ASSERT_TRUE(channel_->send(wire::to_json(wire::ReadDocument{.id = 5, .cpu_ms = 1000})));
    thread_.join();
    ASSERT_FALSE(ended_);
    EXPECT_EQ(ended_.error().code, Code::corrupt);
}

TEST_F(ReaderDocuments, ADocumentWithoutALimitEndsIt) {
    hand(5, wire::DocumentFormat::html, "<p>text", 0);
    thread_.join();
    ASSERT_FALSE(ended_);
}

}  // namespace
}  // namespace lar::reader
