#include "provider_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/testing.h"

namespace lar::lard {
namespace {

using ::testing::HasSubstr;

// Keeps the order and what came with it.
class FakeCourier final : public models::Courier {
public:
    Result<wire::CourierDelivered> carry(const wire::Order& asked, std::span<const int> descriptors,
                                         const Watch&) override {
        order = asked;
        came.clear();
        for (const int one : descriptors) {
            std::string bytes(4096, '\0');
            const ssize_t n = ::pread(one, bytes.data(), bytes.size(), 0);
            bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
            came.push_back(bytes);
        }
        return answer;
    }
    wire::Order order;
    std::vector<std::string> came;
    Result<wire::CourierDelivered> answer = wire::CourierDelivered{.status = 200, .body = "{}"};
};

class Sending : public ::testing::Test {
protected:
    void key(std::string_view text, mode_t mode = 0600) {
        std::filesystem::create_directory(keys_);
        ASSERT_TRUE(write_file_atomically(keys_ / "big", text));
        ASSERT_EQ(::chmod((keys_ / "big").c_str(), mode), 0);
    }
    Result<std::string> send() {
        ticket_.approved_hash = sha256_hex("bytes");
        return sender_.send(ticket_, "bytes");
    }
    Folder folder_;
    std::filesystem::path keys_ = folder_ / "keys";
    FakeCourier courier_;
    ProviderSender sender_{courier_, keys_, folder_ / "."};
    consent::Ticket ticket_{
        .provider = {.name = "big", .host = "api.example", .port = 8443, .path = "/v1/x", .model = "m"}};
};

TEST_F(Sending, TheOrderIsTheTicketsAndTheKeyStandsInNoneOfItsWords) {
    key("sk-hidden");
    ASSERT_TRUE(send());
    EXPECT_EQ(courier_.order.host, "api.example");
    EXPECT_EQ(courier_.order.port, 8443);
    EXPECT_EQ(courier_.order.target, "/v1/x");
    EXPECT_EQ(courier_.order.scheme, wire::Scheme::https);
    EXPECT_EQ(courier_.order.payload_sha256, sha256_hex("bytes"));
    EXPECT_EQ(courier_.order.secret_header, "Authorization");
    EXPECT_EQ(courier_.came, (std::vector<std::string>{"bytes", "sk-hidden"}));
    for (const wire::OrderHeader& header : courier_.order.headers)
        EXPECT_THAT(header.value, ::testing::Not(HasSubstr("hidden")));
    ticket_.provider.dialect = consent::Dialect::anthropic;
    ASSERT_TRUE(send());
    EXPECT_EQ(courier_.order.secret_header, "x-api-key");
    EXPECT_EQ(courier_.order.secret_prefix, "");
}

TEST_F(Sending, WithoutAKeyThatIsNobodyElsesNothingIsSent) {
    EXPECT_THAT(send().error().message, HasSubstr("lar handoff key set big"));
    key("sk-hidden", 0640);
    EXPECT_EQ(send().error().code, Code::denied);
    key("");
    EXPECT_EQ(send().error().code, Code::invalid);
    std::filesystem::remove(keys_ / "big");
    std::filesystem::create_symlink("/etc/hostname", keys_ / "big");
    EXPECT_FALSE(send());
    EXPECT_TRUE(courier_.came.empty());
}

TEST_F(Sending, ServerOfOnesOwnMayWantNoKey) {
    ticket_.provider.tier = consent::Tier::own;
    ASSERT_TRUE(send());
    EXPECT_EQ(courier_.order.secret_header, "");
    EXPECT_EQ(courier_.came.size(), 1U);
}

TEST_F(Sending, WhatTheProviderRefusesIsSaidPlainly) {
    key("sk-hidden");
    const auto complaint = [&](std::uint32_t status, std::string body) {
        courier_.answer = wire::CourierDelivered{.status = status, .body = std::move(body)};
        return send().error().message;
    };
    EXPECT_EQ(complaint(401, R"({"error":{"message":"bad key"}})"),
              "big does not accept the key (401): bad key; 'lar handoff key set big' sets another");
    EXPECT_THAT(complaint(404, "<html>"), HasSubstr("knows no such model"));
    EXPECT_THAT(complaint(429, R"({"error":"slow down"})"), HasSubstr("later (429): slow down"));
    EXPECT_THAT(complaint(307, ""), HasSubstr("does not follow"));
    EXPECT_THAT(complaint(500, ""), HasSubstr("cannot answer now (500)"));
    EXPECT_FALSE(complaint(204, "").empty());
    courier_.answer = fail(Code::denied, "it cannot be trusted");
    EXPECT_EQ(send().error().message, "it cannot be trusted");
}

}  // namespace
}  // namespace lar::lard
