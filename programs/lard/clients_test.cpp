#include "clients.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/fd.h"

namespace lar::lard {
namespace {

class TestClock final : public Clock {
public:
    std::int64_t now_us() const override { return us; }
    std::int64_t monotonic_us() const override { return us; }
    std::int64_t us = 1'700'000'000'000'000;
};

class ClientTokens : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "lar-clients-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        open();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void open() {
        auto opened = Clients::open({.file = folder_ / "tokens.json", .own_token = "own"}, clock_, zone_);
        ASSERT_TRUE(opened) << opened.error().message;
        clients_ = std::move(*opened);
    }
    std::string create(std::string name, std::string scope = "chat", std::uint32_t per_minute = 0) {
        const auto made =
            clients_->create({.name = std::move(name), .scope = std::move(scope), .per_minute = per_minute});
        EXPECT_TRUE(made) << made.error().message;
        return made ? made->token : std::string();
    }

    std::filesystem::path folder_;
    TestClock clock_;
    FixedZone zone_{60};
    std::unique_ptr<Clients> clients_;
};

TEST_F(ClientTokens, EachReachesWhatItsScopeSays) {
    const std::string chat = create("editor"), memory = create("phone", "memory");
    EXPECT_FALSE(clients_->visitor(chat)->may_use_guarded);
    EXPECT_TRUE(clients_->visitor(memory)->may_use_guarded);
    EXPECT_EQ(clients_->visitor(memory)->name, "phone");
    EXPECT_TRUE(clients_->visitor("own")->may_use_guarded);
    for (const char* nobody : {"", "Own", "lar_", "editor"}) EXPECT_FALSE(clients_->visitor(nobody)) << nobody;
    EXPECT_NE(chat, memory);
    EXPECT_GE(chat.size(), 64U);
}

TEST_F(ClientTokens, TheyOutliveTheDaemonAndAreKeptAsHashesThatOnlyTheUserReads) {
    const std::string token = create("editor");
    open();
    EXPECT_TRUE(clients_->visitor(token));
    EXPECT_EQ(clients_->list()->tokens.at(0).created, "2023-11-14T23:13:20+01:00");
    EXPECT_FALSE(read_file(folder_ / "tokens.json", 100'000)->contains(token));
    struct stat status{};
    ASSERT_EQ(::stat((folder_ / "tokens.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ClientTokens, OneThatIsRevokedIsNobodysAtOnce) {
    const std::string token = create("editor");
    ASSERT_TRUE(clients_->revoke("editor"));
    EXPECT_FALSE(clients_->visitor(token));
    EXPECT_EQ(clients_->revoke("editor").error().code, Code::not_found);
    open();
    EXPECT_FALSE(clients_->visitor(token));
    EXPECT_NE(create("editor"), token);
}

TEST_F(ClientTokens, WhoAsksTooOftenWaits) {
    const std::string token = create("hasty", "chat", 60);
    for (int i = 0; i < 60; ++i) EXPECT_FALSE(clients_->visitor(token)->wait) << i;
    EXPECT_EQ(clients_->visitor(token)->wait, std::chrono::seconds(1));
    clock_.us += 2'000'000;
    EXPECT_FALSE(clients_->visitor(token)->wait);
    EXPECT_FALSE(clients_->visitor(token)->wait);
    EXPECT_TRUE(clients_->visitor(token)->wait);
    clock_.us += 3'600'000'000;
    for (int i = 0; i < 60; ++i) EXPECT_FALSE(clients_->visitor(token)->wait) << "no more than a minute's worth";
    EXPECT_TRUE(clients_->visitor(token)->wait);
}

TEST_F(ClientTokens, WhatCannotBeIsRefused) {
    EXPECT_EQ(clients_->create({.name = ""}).error().code, Code::invalid);
    EXPECT_EQ(clients_->create({.name = "a b"}).error().code, Code::invalid);
    EXPECT_EQ(clients_->create({.name = "a", .scope = "all"}).error().code, Code::invalid);
    EXPECT_EQ(clients_->create({.name = std::string(65, 'a')}).error().code, Code::invalid);
    create("a");
    EXPECT_EQ(clients_->create({.name = "a"}).error().code, Code::conflict);
}

TEST_F(ClientTokens, ADamagedFileStopsTheDaemonRatherThanForgetting) {
    std::ofstream(folder_ / "tokens.json") << "{";
    const auto opened = Clients::open({.file = folder_ / "tokens.json", .own_token = "own"}, clock_, zone_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::corrupt);
}

}  // namespace
}  // namespace lar::lard
