// The real spawner and real couriers, with a server on loopback and this test in lard's place.
#include "service.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "base/build.h"
#include "base/sha256.h"
#include "ipc/spawner.h"
#include "sandbox/leave.h"
#include "testing.h"

namespace lar::courier {
namespace {

using testing::HasSubstr;
constexpr std::int64_t long_ms = 20'000;

// Answers for sockets as lard does.
class Answering {
public:
    explicit Answering(Fd questions) : questions_(std::move(questions)), thread_([this] { answer(); }) {}
    ~Answering() {
        ended_ = true;
        thread_.join();
    }
    void give_leave(pid_t pid) {
        const std::lock_guard lock(mutex_);
        leave_.insert(pid);
    }
    int asked() const { return asked_; }

private:
    void answer() {
        while (!ended_) {
            pollfd item{questions_.number(), POLLIN, 0};
            if (::poll(&item, 1, 20) <= 0) continue;
            const auto question = sandbox::next_question(questions_);
            ASSERT_TRUE(question) << question.error().message;
            if (!*question) continue;
            ++asked_;
            const std::lock_guard lock(mutex_);
            const auto leave = leave_.contains((*question)->thread) ? sandbox::Leave::given : sandbox::Leave::refused;
            const Result<> answered = sandbox::answer(questions_, **question, leave);
            EXPECT_TRUE(answered) << answered.error().message;
        }
    }

    Fd questions_;
    std::mutex mutex_;
    std::set<pid_t> leave_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> asked_ = 0;
    std::thread thread_;
};

std::string response(std::string_view status, std::string_view body, std::string_view headers = {}) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
}

Fd file_with(std::string_view bytes) {
    Fd file(::open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    EXPECT_TRUE(write_all(file.number(), bytes));
    return file;
}

std::string bytes_of(const Fd& file) {
    std::string bytes(1 << 16, '\0');
    const ssize_t n = ::pread(file.number(), bytes.data(), bytes.size(), 0);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

enum class Permission { given, refused };

class Couriers : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        auto spawner = ipc::Spawner::start(*ipc::programs_directory());
        ASSERT_TRUE(spawner) << spawner.error().message;
        spawner_ = std::move(*spawner);
        Fd questions = spawner_->take_questions();
        if (!questions) GTEST_SKIP() << "this kernel cannot ask for sockets: " << spawner_->layers();
        answering_ = std::make_unique<Answering>(std::move(questions));
    }

    // The last message of a courier that was given this order.
    wire::CourierEvent carry_out(wire::Order order, std::vector<int> descriptors = {},
                                 Permission permission = Permission::given) {
        Result<ipc::Worker> courier = spawner_->spawn(wire::Worker::courier);
        if (!courier) return wire::CourierFailed{.message = courier.error().message};
        auto ready = ipc::receive<wire::CourierEvent>(courier->channel(), {.timeout_ms = long_ms});
        EXPECT_TRUE(ready) << ready.error().message;
        if (permission == Permission::given) answering_->give_leave(courier->pid());
        const wire::CourierRequest request = std::move(order);
        EXPECT_TRUE(courier->channel().send(wire::to_json(request), {}, {}, descriptors));
        for (;;) {
            auto event = ipc::receive<wire::CourierEvent>(courier->channel(), {.timeout_ms = long_ms});
            if (!event) {
                const auto ended = courier->wait_ended(long_ms);
                return wire::CourierFailed{.code = "died", .message = ended ? sentence(*ended) : ended.error().message};
            }
            if (const auto* under_way = std::get_if<wire::CourierUnderWay>(&*event)) layers_ = under_way->layers;
            const bool last = std::holds_alternative<wire::CourierDelivered>(*event) ||
                              std::holds_alternative<wire::CourierFailed>(*event);
            if (!last) continue;
            const auto ended = courier->wait_ended(long_ms);
            EXPECT_TRUE(ended && ended->how == wire::Ending::finished);
            return std::move(*event);
        }
    }
    wire::CourierDelivered delivered(wire::Order order, std::vector<int> descriptors = {}) {
        wire::CourierEvent event = carry_out(std::move(order), std::move(descriptors));
        if (const auto* failed = std::get_if<wire::CourierFailed>(&event))
            ADD_FAILURE() << failed->code << ": " << failed->message;
        auto* found = std::get_if<wire::CourierDelivered>(&event);
        return found != nullptr ? std::move(*found) : wire::CourierDelivered{};
    }
    wire::CourierFailed failed(wire::Order order, std::vector<int> descriptors = {},
                               Permission permission = Permission::given) {
        wire::CourierEvent event = carry_out(std::move(order), std::move(descriptors), permission);
        EXPECT_FALSE(std::holds_alternative<wire::CourierDelivered>(event));
        auto* found = std::get_if<wire::CourierFailed>(&event);
        return found != nullptr ? std::move(*found) : wire::CourierFailed{};
    }
    static wire::Order order_to(const LoopbackServer& server) {
        return {.scheme = wire::Scheme::http,
                .host = "127.0.0.1",
                .port = server.port(),
                .target = "/a?b",
                .limit_bytes = 1000};
    }

    std::unique_ptr<ipc::Spawner> spawner_;
    std::unique_ptr<Answering> answering_;
    std::string layers_;
};

TEST_F(Couriers, OneWithLeaveBringsWhatTheServerSays) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request;
        return response("200 OK", "hello");
    });
    wire::Order order = order_to(server);
    order.headers = {{"Accept", "text/plain"}};
    const wire::CourierDelivered got = delivered(order);
    EXPECT_EQ(got.status, 200U);
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.bytes_in, 5U);
    EXPECT_EQ(got.bytes_out, 0U);
    EXPECT_EQ(got.address, "127.0.0.1");
    EXPECT_EQ(got.sha256, sha256_hex("hello"));
    EXPECT_EQ(heard, "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                         "\r\nAccept: text/plain\r\n\r\n");
    EXPECT_THAT(layers_, HasSubstr("seccomp"));
    EXPECT_GT(answering_->asked(), 0);
}

TEST_F(Couriers, OneWithoutLeaveReachesNobody) {
    LoopbackServer server([](const std::string&) { return response("200 OK", "hello"); });
    const wire::CourierFailed got = failed(order_to(server), {}, Permission::refused);
    EXPECT_EQ(got.code, "unavailable");
    EXPECT_EQ(server.connections(), 0);
    EXPECT_GT(answering_->asked(), 0);
}

TEST_F(Couriers, WhenNobodyAnswersAnyMoreNobodyHasLeave) {
    LoopbackServer server([](const std::string&) { return response("200 OK", "hello"); });
    answering_.reset();
    auto courier = spawner_->spawn(wire::Worker::courier);
    ASSERT_TRUE(courier);
    ASSERT_TRUE(ipc::receive<wire::CourierEvent>(courier->channel(), {.timeout_ms = long_ms}));
    ASSERT_TRUE(ipc::send<wire::CourierRequest>(courier->channel(), order_to(server)));
    ASSERT_TRUE(ipc::receive<wire::CourierEvent>(courier->channel(), {.timeout_ms = long_ms}));
    const auto event = ipc::receive<wire::CourierEvent>(courier->channel(), {.timeout_ms = long_ms});
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_TRUE(std::holds_alternative<wire::CourierFailed>(*event));
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(Couriers, ExactlyTheApprovedBytesAreSent) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request;
        return response("200 OK", "thanks");
    });
    std::string payload(100'000, 'p');
    payload += '\0';
    payload += "\r\nend";
    const Fd file = file_with(payload);
    wire::Order order = order_to(server);
    order.method = wire::Method::post;
    order.sends_payload = true;
    order.payload_bytes = payload.size();
    order.payload_sha256 = sha256_hex(payload);
    order.headers = {{"Content-Type", "application/octet-stream"}};
    const wire::CourierDelivered got = delivered(order, {file.number()});
    EXPECT_EQ(got.bytes_out, payload.size());
    EXPECT_EQ(got.sent_sha256, order.payload_sha256);
    EXPECT_TRUE(heard.ends_with("\r\n\r\n" + payload));

    // One bit of them changed afterwards.
    ASSERT_EQ(::pwrite(file.number(), "q", 1, 500), 1);
    heard.clear();
    const wire::CourierFailed refused = failed(order, {file.number()});
    EXPECT_EQ(refused.code, "conflict");
    EXPECT_THAT(refused.message, HasSubstr("nothing was sent"));
    EXPECT_EQ(heard, "");
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(Couriers, SecretComesAsADescriptorAndGoesIntoItsHeaderAlone) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request;
        return response("200 OK", "thanks");
    });
    wire::Order order = order_to(server);
    order.secret_header = "Authorization";
    order.secret_prefix = "Bearer ";
    const Fd key = file_with("sk-very-secret");
    EXPECT_EQ(delivered(order, {key.number()}).body, "thanks");
    EXPECT_THAT(heard, HasSubstr("\r\nAuthorization: Bearer sk-very-secret\r\n"));

    for (const std::string& bad : {std::string(), std::string("two\r\nX-Lines: 1"), std::string(4097, 'k')}) {
        const Fd other = file_with(bad);
        const wire::CourierFailed refused = failed(order, {other.number()});
        EXPECT_EQ(refused.code, "invalid");
        EXPECT_THAT(refused.message, testing::Not(HasSubstr("Lines")));
    }
    EXPECT_EQ(failed(order).code, "corrupt") << "without the descriptor";
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(Couriers, WhateverTheBytesTheyAreThoseOnTheWire) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request.substr(request.find("\r\n\r\n") + 4);
        return response("200 OK", "thanks");
    });
    std::mt19937 random(20);
    for (int i = 0; i < 20; ++i) {
        std::string payload(random() % 50'000, '\0');
        for (char& byte : payload) byte = static_cast<char>(random());
        const Fd file = file_with(payload);
        wire::Order order = order_to(server);
        order.method = wire::Method::post;
        order.sends_payload = true;
        order.payload_bytes = payload.size();
        order.payload_sha256 = sha256_hex(payload);
        EXPECT_EQ(delivered(order, {file.number()}).bytes_out, payload.size()) << i;
        EXPECT_TRUE(heard == payload) << i;
    }
}

TEST_F(Couriers, ADownloadGoesOnWhereTheFileEnds) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request;
        return response("206 Partial Content", "56789", "Content-Range: bytes 5-9/10\r\n");
    });
    const Fd file = file_with("01234");
    wire::Order order = order_to(server);
    order.writes_file = true;
    order.from_bytes = 5;
    order.limit_bytes = 5;
    EXPECT_EQ(delivered(order, {file.number()}).bytes_in, 5U);
    EXPECT_THAT(heard, HasSubstr("Range: bytes=5-\r\n"));
    EXPECT_EQ(bytes_of(file), "0123456789");
}

TEST_F(Couriers, AServerThatKnowsNoRangesIsReportedAndNothingIsWritten) {
    LoopbackServer server([](const std::string&) { return response("200 OK", "0123456789"); });
    const Fd file = file_with("01234");
    wire::Order order = order_to(server);
    order.writes_file = true;
    order.from_bytes = 5;
    const wire::CourierDelivered got = delivered(order, {file.number()});
    EXPECT_TRUE(got.whole_file);
    EXPECT_EQ(bytes_of(file), "01234");
}

TEST_F(Couriers, WhatIsNotAsPromisedEndsTheDownload) {
    struct Case {
        const char* what;
        std::string reply;
        std::uint64_t from_bytes;
        const char* code;
        const char* message;
    };
    const std::vector<Case> cases = {
        {"more than promised", response("200 OK", "0123456789a"), 0, "too_large", "more than"},
        {"another range", response("206 Partial Content", "456", "Content-Range: bytes 4-6/10\r\n"), 5, "corrupt",
         "another part"},
        {"a range nobody asked for", response("206 Partial Content", "456", "Content-Range: bytes 4-6/10\r\n"), 0,
         "corrupt", "a part"},
        {"a cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123", 0, "unavailable", "broke off"},
        {"other bytes", response("200 OK", "987654321"), 0, "conflict", "was to come"},
    };
    for (const Case& one : cases) {
        LoopbackServer server([&](const std::string&) { return one.reply; });
        const Fd file = file_with(std::string(one.from_bytes, 'x'));
        wire::Order order = order_to(server);
        order.writes_file = true;
        order.from_bytes = one.from_bytes;
        order.limit_bytes = 10 - one.from_bytes;
        order.expected_sha256 = sha256_hex("0123456789");
        const wire::CourierFailed got = failed(order, {file.number()});
        EXPECT_EQ(got.code, one.code) << one.what;
        EXPECT_THAT(got.message, HasSubstr(one.message)) << one.what;
        EXPECT_LE(bytes_of(file).size(), 10U) << one.what;
    }
}

TEST_F(Couriers, ARedirectAndARefusalAreAnswersAndNotFollowed) {
    int asked = 0;
    LoopbackServer server([&](const std::string& request) {
        ++asked;
        if (request.starts_with("GET /a"))
            return response("307 Temporary Redirect", "", "Location: https://elsewhere.example/x?y\r\n");
        return response("401 Unauthorized", R"({"errors":[]})",
                        "WWW-Authenticate: Basic realm=\"x\"\r\n"
                        "Www-Authenticate: Bearer realm=\"https://auth.example/token\",service=\"s\"\r\n");
    });
    const Fd file = file_with("");
    wire::Order order = order_to(server);
    order.writes_file = true;
    const wire::CourierDelivered redirect = delivered(order, {file.number()});
    EXPECT_EQ(redirect.status, 307U);
    EXPECT_EQ(redirect.location, "https://elsewhere.example/x?y");
    order.target = "/b";
    const wire::CourierDelivered refusal = delivered(order, {file.number()});
    EXPECT_EQ(refusal.status, 401U);
    EXPECT_EQ(refusal.authenticate, "Bearer realm=\"https://auth.example/token\",service=\"s\"");
    EXPECT_EQ(refusal.body, R"({"errors":[]})");
    EXPECT_EQ(bytes_of(file), "");
    EXPECT_EQ(asked, 2);
}

TEST_F(Couriers, PlainHttpGoesToThisMachineOnly) {
    wire::Order order{.scheme = wire::Scheme::http, .host = "192.0.2.1", .port = 80, .target = "/"};
    EXPECT_EQ(failed(order).code, "denied");
    EXPECT_THAT(failed(order).message, HasSubstr("this machine only"));
}

TEST_F(Couriers, AHostThatIsNowhereIsSaid) {
    // Wherever this runs, with a resolver or without one.
    wire::Order order{.host = "nowhere.invalid", .target = "/"};
    if (const char* const authorities = std::getenv("SSL_CERT_FILE"); authorities != nullptr)
        order.certificates = authorities;
    else
        GTEST_SKIP() << "no list of authorities is named here";
    const wire::CourierFailed got = failed(order);
    EXPECT_THAT(got.code, testing::AnyOf("not_found", "unavailable"));
    EXPECT_THAT(got.message, HasSubstr("nowhere.invalid could not be found"));
}

TEST_F(Couriers, WithoutAuthoritiesNoSecureServerIsAsked) {
    LoopbackServer server([](const std::string&) { return response("200 OK", "hello"); });
    wire::Order order = order_to(server);
    order.scheme = wire::Scheme::https;
    order.certificates = "/nonexistent";
    const wire::CourierFailed got = failed(order);
    EXPECT_EQ(got.code, "unavailable");
    EXPECT_THAT(got.message, HasSubstr("certificate authorities"));
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(Couriers, AServerThatIsNoSecureServerGetsNothing) {
    std::string heard;
    LoopbackServer server([&](const std::string& request) {
        heard = request;
        return response("200 OK", "hello");
    });
    wire::Order order = order_to(server);
    order.scheme = wire::Scheme::https;
    if (const char* const authorities = std::getenv("SSL_CERT_FILE"); authorities != nullptr)
        order.certificates = authorities;
    else
        GTEST_SKIP() << "no list of authorities is named here";
    order.headers = {{"Authorization", "Bearer secret-of-mine"}};
    const wire::CourierFailed got = failed(order);
    EXPECT_EQ(got.code, "denied");
    EXPECT_THAT(heard, testing::Not(HasSubstr("secret-of-mine")));
}

TEST_F(Couriers, AnOrderThatIsNoneIsRefused) {
    EXPECT_EQ(failed({.host = "a b", .target = "/"}).code, "corrupt");
    EXPECT_EQ(failed({.host = "127.0.0.1", .target = "/", .writes_file = true}).code, "corrupt");
}

}  // namespace
}  // namespace lar::courier
