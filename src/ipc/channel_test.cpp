#include "ipc/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <random>
#include <thread>

#include "wire/reader.h"
#include "wire/spawner.h"

namespace lar::ipc {
namespace {

std::pair<Channel, Channel> make_channels() {
    auto pair = Channel::make_pair();
    EXPECT_TRUE(pair);
    return {std::move(pair->first), Channel(std::move(pair->second))};
}

std::string header(std::uint32_t json, std::uint32_t raw, std::uint32_t descriptors) {
    std::string bytes(12, '\0');
    std::memcpy(bytes.data(), &json, 4);
    std::memcpy(bytes.data() + 4, &raw, 4);
    std::memcpy(bytes.data() + 8, &descriptors, 4);
    return bytes;
}

// What a receiver makes of these bytes followed by the end of the channel.
Result<Frame> receive_bytes(const std::string& bytes) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    const Fd sender(ends[0]);
    Channel channel{Fd(ends[1])};
    EXPECT_EQ(::send(sender.number(), bytes.data(), bytes.size(), MSG_DONTWAIT), static_cast<ssize_t>(bytes.size()));
    ::shutdown(sender.number(), SHUT_WR);
    return channel.receive({.timeout_ms = 1000});
}

TEST(Channel, CarriesJsonBytesAndDescriptorsTogether) {
    auto [a, b] = make_channels();
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const Fd out(pipe[0]);
    const Fd in(pipe[1]);
    const std::array<int, 1> descriptors{in.number()};
    ASSERT_TRUE(a.send("{}", {}, std::string(3, '\0'), descriptors));
    ASSERT_TRUE(a.send("next"));
    const Result<Frame> frame = b.receive();
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(frame->json, "{}");
    EXPECT_EQ(frame->raw, std::string(3, '\0'));
    ASSERT_EQ(frame->descriptors.size(), 1U);
    EXPECT_EQ(::write(frame->descriptors[0].number(), "x", 1), 1);
    char seen = 0;
    EXPECT_EQ(::read(out.number(), &seen, 1), 1);
    EXPECT_TRUE(::fcntl(frame->descriptors[0].number(), F_GETFD) & FD_CLOEXEC);
    EXPECT_EQ(b.receive()->json, "next");
}

TEST(Channel, AMessageLargerThanTheSocketsBufferArrivesWhole) {
    auto [a, b] = make_channels();
    const std::string large(limit_frame_bytes, 'x');
    std::thread sender([&channel = a, &large] { EXPECT_TRUE(channel.send(large)); });
    const Result<Frame> frame = b.receive();
    sender.join();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->json, large);
}

TEST(Channel, AnythingOverALimitIsRefusedByTheSender) {
    auto [a, b] = make_channels();
    EXPECT_EQ(a.send(std::string(limit_frame_bytes + 1, 'x')).error().code, Code::too_large);
    EXPECT_EQ(a.send("x", {}, std::string(limit_frame_bytes, 'x')).error().code, Code::too_large);
    const std::array<int, limit_frame_descriptors + 1> many{};
    EXPECT_EQ(a.send("x", {}, {}, many).error().code, Code::too_large);
    EXPECT_TRUE(a.send("still usable"));
    EXPECT_EQ(b.receive()->json, "still usable");
}

TEST(Channel, AnythingOverALimitIsCorruptForTheReceiver) {
    EXPECT_EQ(receive_bytes(header(limit_frame_bytes + 1, 0, 0)).error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes(header(limit_frame_bytes, 1, 0)).error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes(header(0xffffffff, 0xffffffff, 0)).error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes(header(0, 0, 1)).error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes(header(3, 0, 0) + "ab").error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes("abc").error().code, Code::corrupt);
    EXPECT_EQ(receive_bytes("").error().code, Code::unavailable);
}

TEST(Channel, ABrokenChannelStaysBroken) {
    auto [a, b] = make_channels();
    const std::string wrong = header(limit_frame_bytes + 1, 0, 0);
    ASSERT_EQ(::write(a.descriptor(), wrong.data(), wrong.size()), static_cast<ssize_t>(wrong.size()));
    ASSERT_TRUE(a.send("good"));
    EXPECT_EQ(b.receive().error().code, Code::corrupt);
    EXPECT_EQ(b.receive().error().code, Code::corrupt);
    EXPECT_EQ(b.send("x").error().code, Code::corrupt);
}

TEST(Channel, DescriptorsWithinAMessageAreCorrupt) {
    auto [a, b] = make_channels();
    const std::string start = header(4, 0, 0) + "ab";
    ASSERT_EQ(::write(a.descriptor(), start.data(), start.size()), static_cast<ssize_t>(start.size()));
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    std::array<char, 2> rest{'c', 'd'};
    iovec part{rest.data(), rest.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = 0;
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
    ASSERT_EQ(::sendmsg(a.descriptor(), &message, 0), 2);
    EXPECT_EQ(b.receive({.timeout_ms = 1000}).error().code, Code::corrupt);
}

TEST(Channel, ReceivingTakesUpAfterATimeoutWithinAMessage) {
    auto [a, b] = make_channels();
    const std::string whole = header(4, 0, 0) + "abcd";
    for (const char byte : whole) {
        EXPECT_EQ(b.receive({.timeout_ms = 0}).error().code, Code::timeout);
        ASSERT_EQ(::write(a.descriptor(), &byte, 1), 1);
    }
    EXPECT_EQ(b.receive({.timeout_ms = 0})->json, "abcd");
}

TEST(Channel, ACancelledWaitEndsAndTheChannelStaysUsable) {
    auto [a, b] = make_channels();
    std::atomic<bool> cancelled = true;
    EXPECT_EQ(b.receive({.cancelled = &cancelled}).error().code, Code::unavailable);
    ASSERT_TRUE(a.send("x"));
    EXPECT_EQ(b.receive()->json, "x");
}

TEST(Channel, TheOtherEndClosedIsUnavailable) {
    auto [a, b] = make_channels();
    ASSERT_TRUE(a.send("last"));
    a.close();
    EXPECT_EQ(b.receive()->json, "last");
    EXPECT_EQ(b.receive().error().code, Code::unavailable);
    EXPECT_EQ(b.send("x").error().code, Code::unavailable);
}

TEST(Channel, AMessageOfAnotherSetOrWithExtrasIsCorrupt) {
    auto [a, b] = make_channels();
    ASSERT_TRUE(send<wire::ReaderRequest>(a, wire::ReadReachable{.id = 7}));
    const auto request = receive<wire::ReaderRequest>(b);
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<wire::ReadReachable>(*request).id, 7U);
    ASSERT_TRUE(send<wire::ReaderRequest>(a, wire::ReadReachable{.id = 7}));
    EXPECT_EQ(receive<wire::SpawnerRequest>(b).error().code, Code::corrupt);
    ASSERT_TRUE(a.send(R"({"type":"kill","id":1})", {}, "raw"));
    EXPECT_EQ(receive<wire::SpawnerRequest>(b).error().code, Code::corrupt);
}

TEST(Channel, TextThatIsNotUtf8IsCorrupt) {
    auto [a, b] = make_channels();
    ASSERT_TRUE(a.send("{\"type\":\"ready\",\"build\":\"caf\xe9\"}"));
    EXPECT_EQ(receive<wire::ReaderEvent>(b).error().code, Code::corrupt);
}

TEST(Channel, AFaultIsNamedWithoutTheTextAroundIt) {
    auto [a, b] = make_channels();
    ASSERT_TRUE(a.send(R"({"type":"ready","build":"the user's words","more":1})"));
    const auto event = receive<wire::ReaderEvent>(b);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().message.find("words"), std::string::npos) << event.error().message;
}

// Whatever comes, a receiver ends with a message, corrupt or unavailable; it never crashes or hangs.
TEST(Channel, TenThousandMutatedFramesAreNeverMoreThanCorrupt) {
    std::mt19937 random(2);  // NOLINT: the same frames every time
    const std::string json =
        wire::to_json<wire::ReaderRequest>(wire::ReadCommits{.id = 3, .have = {std::string(40, 'a')}, .limit = 5});
    const std::string good = header(static_cast<std::uint32_t>(json.size()), 0, 0) + json;
    int messages = 0;
    for (int round = 0; round < 10'000; ++round) {
        std::string bytes = good;
        const std::size_t changes = 1 + random() % 3;
        for (std::size_t i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
        if (random() % 4 == 0) bytes.resize(random() % bytes.size());
        Result<Frame> frame = receive_bytes(bytes);
        if (!frame) {
            ASSERT_TRUE(frame.error().code == Code::corrupt || frame.error().code == Code::unavailable)
                << frame.error().message;
            continue;
        }
        messages += wire::from_json<wire::ReaderRequest>(frame->json) ? 1 : 0;
    }
    EXPECT_GT(messages, 0);  // some changes are harmless
    EXPECT_LT(messages, 9000);
}

TEST(Channel, WhatIsQueuedGoesOutAsTheOtherEndTakesItAndInOrder) {
    auto [here, there] = make_channels();
    constexpr int messages = 8;
    const std::string large(1024 * 1024, 'x');
    for (int i = 0; i < messages; ++i) ASSERT_TRUE(here.queue(std::to_string(i) + large));
    const auto first = here.flush();
    ASSERT_TRUE(first);
    EXPECT_FALSE(*first) << "the socket does not take so much at once";
    EXPECT_GT(here.queued_bytes(), 0U);
    int received = 0;
    while (received < messages) {
        ASSERT_TRUE(here.flush());
        const auto frame = there.receive({.timeout_ms = 0});
        if (!frame) {
            ASSERT_EQ(frame.error().code, Code::timeout);
            continue;
        }
        EXPECT_EQ(frame->json, std::to_string(received++) + large);
    }
    EXPECT_EQ(here.queued_bytes(), 0U);
    EXPECT_TRUE(*here.flush());
}

TEST(Channel, AQueuedMessageHasTheSameLimitAndAClosedEndIsTold) {
    auto [here, there] = make_channels();
    EXPECT_EQ(here.queue(std::string(limit_frame_bytes + 1, 'x')).error().code, Code::too_large);
    ASSERT_TRUE(here.queue("{}")) << "the channel goes on";
    there.close();
    EXPECT_EQ(here.flush().error().code, Code::unavailable);
}

}  // namespace
}  // namespace lar::ipc
