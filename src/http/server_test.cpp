#include "http/server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <latch>
#include <optional>
#include <semaphore>
#include <thread>

#include "base/format.h"
#include "http/client.h"
#include "http/events.h"

namespace lar::http {
namespace {

namespace fs = std::filesystem;

Fd listening(const sockaddr* address, socklen_t size) {
    Fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.number(), address, size), 0);
    EXPECT_EQ(::listen(fd.number(), 64), 0);
    return fd;
}

// Takes a body and says how it came; refuses one that has a "!".
class Counted final : public BodySink {
public:
    Counted(std::string size, std::atomic<int>& alive) : size_(std::move(size)), alive_(alive) { ++alive_; }
    ~Counted() override { --alive_; }
    std::optional<Problem> take(std::string_view bytes) override {
        bytes_ += bytes.size();
        largest_ = std::max(largest_, bytes.size());
        if (bytes.contains('!')) return Problem{400, "no exclamations", ""};
        return std::nullopt;
    }
    void finish(Responder responder) override {
        responder.json(201, lar::format("{} {} {}", size_, bytes_, largest_ <= 3 * 256 * 1024));
    }

private:
    std::string size_;
    std::atomic<int>& alive_;
    std::size_t bytes_ = 0, largest_ = 0;
};

class OneToken final : public Gate {
public:
    std::optional<Visitor> visitor(std::string_view token) override {
        if (token != "right") return std::nullopt;
        return Visitor{.name = "owner", .may_use_guarded = true};
    }
    bool wants_token_everywhere() const override { return false; }
};

// A server with a few routes, on a thread of its own.
class Served : public testing::Test {
protected:
    void start(Limits limits = {}) {
        std::string name = (fs::temp_directory_path() / "lar-http-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        sockaddr_un local{.sun_family = AF_UNIX};
        (socket().string()).copy(local.sun_path, sizeof(local.sun_path) - 1);
        sockaddr_in loopback{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        Listening sockets{listening(reinterpret_cast<sockaddr*>(&local), sizeof(local)),
                          listening(reinterpret_cast<sockaddr*>(&loopback), sizeof(loopback))};
        socklen_t size = sizeof(loopback);
        ::getsockname(sockets.tcp.number(), reinterpret_cast<sockaddr*>(&loopback), &size);
        port_ = ntohs(loopback.sin_port);
        auto server = Server::create(std::move(sockets), routes(), {.limits = limits, .gate = &gate_});
        ASSERT_TRUE(server) << server.error().message;
        server_ = std::move(*server);
        thread_ = std::thread([this] { server_->run(); });
    }
    void TearDown() override {
        release();
        server_->stop(std::chrono::seconds(5));
        thread_.join();
        server_.reset();
        late_.reset();
        fs::remove_all(folder_);
    }
    Router routes() {
        Router router;
        router.add_family(
            {.prefix = "/lar", .guarded = true, .render = [](const Problem& problem) {
                 return Response{
                     problem.status, "application/json", lar::format("{{\"error\":\"{}\"}}", problem.message), {}};
             }});
        router.add("GET", "/", [](Request&&, Responder r) { r.send({200, "text/plain", "Lar is running\n", {}}); },
                   {.run = Run::here});
        router.add("POST", "/lar/echo", [](Request&& request, Responder r) { r.json(200, request.body); },
                   {.body = BodyRule::required, .body_limit_bytes = 1024 * 1024});
        router.add("GET", "/lar/big",
                   [](Request&&, Responder r) { r.send({200, "text/plain", std::string(8 * 1024 * 1024, 'x'), {}}); });
        router.add("GET", "/lar/count", [](Request&&, Responder r) {
            r.stream(event_stream_type);
            for (int i = 0; i < 3; ++i) r.write(to_event("n", std::to_string(i)));
            r.end();
        });
        router.add("GET", "/lar/flood", [this](Request&&, Responder r) {
            r.stream(event_stream_type);
            const std::string event = to_event("n", std::string(1000, 'x'));
            while (r.write(event)) {
            }
            flooded_.release();
        });
        router.add_upload("POST", "/lar/upload/{how}",
                          [this](const Request& request, std::optional<std::uint64_t> size) -> Upload {
                              if (request.parameters[0].value == "there")
                                  return {.response = Response{200, "", "", {}}};
                              if (request.parameters[0].value == "never") return {.problem = Problem{409, "never", ""}};
                              return {.sink = std::make_unique<Counted>(size ? std::to_string(*size) : "?", sinks_)};
                          });
        router.add("GET", "/lar/gone",
                   [this](Request&&, Responder r) {
                       r.on_cancel([this] { gone_.release(); }), late_ = std::move(r), late_there_.release();
                   },
                   {.run = Run::here});
        router.add("GET", "/lar/late", [this](Request&&, Responder r) { late_ = std::move(r), late_there_.release(); },
                   {.run = Run::here});
        router.add("GET", "/lar/news",
                   [this](Request&&, Responder r) {
                       r.stream(event_stream_type);
                       r.write(to_event("n", "0"));
                       late_ = std::move(r);
                   },
                   {.run = Run::here, .endless = true});
        router.add("GET", "/lar/forgotten", [](Request&&, Responder) {});
        router.add("GET", "/lar/wait", [this](Request&&, Responder r) {
            waiting_.count_down();
            released_.wait(false);
            r.json(200, "{}");
        });
        return router;
    }

    void release() {
        released_ = true;
        released_.notify_all();
    }
    fs::path socket() const { return folder_ / "s"; }
    Client local() { return Client({.socket = socket()}); }
    Client tcp(std::string token = "right") { return Client({.port = port_, .token = std::move(token)}); }

    // A client that says what it likes.
    Fd connected() {
        Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in loopback{.sin_family = AF_INET, .sin_port = htons(port_), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        EXPECT_EQ(::connect(fd.number(), reinterpret_cast<sockaddr*>(&loopback), sizeof(loopback)), 0);
        return fd;
    }
    static void say(const Fd& fd, std::string_view bytes) {
        EXPECT_EQ(::send(fd.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
    }
    static std::string all_of(const Fd& fd) {
        std::string all;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(fd.number(), buffer, sizeof(buffer), 0)) > 0;)
            all.append(buffer, static_cast<std::size_t>(got));
        return all;
    }
    std::string host() const { return lar::format("Host: 127.0.0.1:{}\r\n", port_); }
    std::string answer_to(std::string_view bytes) {
        const Fd fd = connected();
        say(fd, bytes);
        return all_of(fd);
    }

    fs::path folder_;
    std::uint16_t port_ = 0;
    std::atomic<int> sinks_ = 0;
    std::binary_semaphore gone_{0};
    OneToken gate_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
    std::optional<Responder> late_;
    std::counting_semaphore<> late_there_{0}, flooded_{0};
    std::latch waiting_{2};
    std::atomic<bool> released_ = false;
};

TEST_F(Served, TheUnixSocketNeedsNoTokenAndTcpDoes) {
    start();
    EXPECT_EQ(local().send({"POST", "/lar/echo", "{}"})->status, 200);
    EXPECT_EQ(tcp().send({"POST", "/lar/echo", "{}"})->status, 200);
    EXPECT_EQ(tcp("wrong").send({"POST", "/lar/echo", "{}"})->status, 401);
    EXPECT_EQ(tcp("").send({"POST", "/lar/echo", "{}"})->body, "{\"error\":\"over TCP this needs Lar's token\"}");
    EXPECT_EQ(tcp("").send({"GET", "/", ""})->body, "Lar is running\n");
}

TEST_F(Served, OneConnectionServesManyRequests) {
    start();
    Client client = local();
    for (int i = 0; i < 100; ++i) {
        const auto reply = client.send({"POST", "/lar/echo", std::to_string(i)});
        ASSERT_TRUE(reply) << reply.error().message;
        EXPECT_EQ(reply->body, std::to_string(i));
    }
    EXPECT_EQ(client.send({"GET", "/lar/nothing", ""})->status, 404);
    EXPECT_EQ(server_->load().unix_connections, 1U);
    EXPECT_EQ(server_->load().requests, 101U);
}

TEST_F(Served, RequestsSentAheadAreAnsweredInOrder) {
    start();
    const std::string one =
        "POST /lar/echo HTTP/1.1\r\n" + host() + "Authorization: Bearer right\r\nContent-Length: 1\r\n";
    const std::string all = answer_to(one + "\r\n1" + one + "\r\n2" + "GET / HTTP/1.1\r\n" + host() + "\r\n" + one +
                                      "Connection: close\r\n\r\n3" + "GET / HTTP/1.1\r\n");
    const std::size_t first = all.find("\r\n\r\n1HTTP"), second = all.find("\r\n\r\n2HTTP"),
                      third = all.find("\r\n\r\nLar is running\n"), last = all.find("\r\n\r\n3");
    EXPECT_TRUE(first < second && second < third && third < last && last == all.size() - 5) << all;
}

TEST_F(Served, HeadSaysWhatGetWouldAndNoBody) {
    start();
    const std::string all = answer_to("HEAD / HTTP/1.1\r\n" + host() + "Connection: close\r\n\r\n");
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n") && all.contains("Content-Length: 15\r\n") &&
                all.ends_with("\r\n\r\n"))
        << all;
    EXPECT_EQ(local().send({"HEAD", "/lar/count", ""})->body, "");
}

TEST_F(Served, AStreamArrivesAsEvents) {
    start();
    std::vector<std::string> seen;
    Client client = tcp();
    for (int round = 0; round < 2; ++round) {
        const auto reply = client.stream({"GET", "/lar/count", ""}, [&](const Event& event) {
            return seen.push_back(event.name + event.data), true;
        });
        ASSERT_TRUE(reply) << reply.error().message;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"n0", "n1", "n2", "n0", "n1", "n2"}));
    const std::string old = answer_to("GET /lar/count HTTP/1.0\r\n" + host() + "Authorization: Bearer right\r\n\r\n");
    EXPECT_TRUE(old.contains("Connection: close") && !old.contains("chunked") && old.ends_with("data: 2\n\n")) << old;
}

TEST_F(Served, AStreamThatPausesTooLongIsGivenUp) {
    start();
    Client client({.port = port_, .token = "right"}, {.pause_time = std::chrono::milliseconds(20)});
    int events = 0;
    const auto reply = client.stream({"GET", "/lar/news", ""}, [&](const Event&) { return ++events > 0; });
    EXPECT_EQ(reply.error().code, Code::timeout);
    EXPECT_EQ(events, 1);
    EXPECT_TRUE(client.connect()) << "the broken connection is replaced";
    EXPECT_EQ(client.send({"GET", "/", ""})->status, 200);
}

TEST_F(Served, AnAnswerMayComeLateAndFromAnotherThread) {
    start();
    auto reply = std::async([&] { return local().send({"GET", "/lar/late", ""}); });
    late_there_.acquire();
    EXPECT_FALSE(late_->cancelled());
    EXPECT_TRUE(late_->json(200, "1"));
    EXPECT_FALSE(late_->json(200, "2")) << "one answer is enough";
    EXPECT_EQ(reply.get()->body, "1");
}

TEST_F(Served, ADisconnectCancels) {
    start();
    {
        const Fd fd = connected();
        say(fd, "GET /lar/late HTTP/1.1\r\n" + host() + "Authorization: Bearer right\r\n\r\n");
        late_there_.acquire();
    }
    while (!late_->cancelled()) std::this_thread::yield();
    EXPECT_FALSE(late_->json(200, "1"));
}

TEST_F(Served, ADisconnectIsToldToWhoeverAsked) {
    start();
    {
        const Fd fd = connected();
        say(fd, "GET /lar/gone HTTP/1.1\r\nAuthorization: Bearer right\r\n" + host() + "\r\n");
        late_there_.acquire();
    }
    gone_.acquire();
    EXPECT_TRUE(late_->cancelled());
    bool told = false;
    late_->on_cancel([&] { told = true; });
    EXPECT_TRUE(told) << "whoever asks afterwards is told at once";
}

TEST_F(Served, AnUploadOfAnySizeGoesToItsSinkInSteps) {
    start();
    const std::string head = "Authorization: Bearer right\r\nConnection: close\r\n" + host();
    const std::size_t size = Limits{}.body_bytes + 12'345;
    EXPECT_TRUE(answer_to(lar::format("POST /lar/upload/x HTTP/1.1\r\n{}Content-Length: {}\r\n\r\n{}", head, size,
                                      std::string(size, 'x')))
                    .ends_with(lar::format("{} {} true", size, size)));
    std::string chunks;
    for (int i = 0; i < 100; ++i) chunks += lar::format("2710\r\n{}\r\n", std::string(10'000, 'x'));
    EXPECT_TRUE(answer_to(lar::format("POST /lar/upload/x HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
                                      head, chunks))
                    .ends_with("? 1000000 true"));
    EXPECT_TRUE(answer_to(lar::format("POST /lar/upload/x HTTP/1.1\r\n{}Content-Length: 0\r\n\r\n", head))
                    .ends_with("0 0 true"));
    EXPECT_EQ(sinks_, 0);
}

TEST_F(Served, AnUploadThatIsNotWantedIsAnsweredBeforeItComes) {
    start();
    const auto answer = [&](std::string_view how) {
        return answer_to(
            lar::format("POST /lar/upload/{} HTTP/1.1\r\nAuthorization: Bearer right\r\n{}Content-Length: 1000000\r\n"
                        "Expect: 100-continue\r\n\r\n",
                        how, host()));
    };
    EXPECT_TRUE(answer("there").starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(answer("never").starts_with("HTTP/1.1 409"));
    const Fd fd = connected();
    say(fd, lar::format("POST /lar/upload/x HTTP/1.1\r\nAuthorization: Bearer right\r\n{}Content-Length: 9\r\n"
                        "Expect: 100-continue\r\n\r\n",
                        host()));
    char said[25] = {};
    ASSERT_EQ(::recv(fd.number(), said, 24, MSG_WAITALL), 24);
    EXPECT_TRUE(std::string_view(said).starts_with("HTTP/1.1 100 Continue"));
    say(fd, "stop it!!");
    const std::string all = all_of(fd);
    EXPECT_TRUE(all.contains("HTTP/1.1 400")) << all;
    EXPECT_TRUE(all.contains("no exclamations")) << all;
}

TEST_F(Served, AnUploadThatBreaksOffIsForgottenAndTheNextRequestOfOneThatDoesNotIsServed) {
    start();
    const std::string head = "Authorization: Bearer right\r\n" + host();
    {
        const Fd fd = connected();
        say(fd, lar::format("POST /lar/upload/x HTTP/1.1\r\n{}Content-Length: 100\r\n\r\nabc", head));
    }
    const std::string two =
        answer_to(lar::format("POST /lar/upload/x HTTP/1.1\r\n{}Content-Length: 3\r\n\r\nabc"
                              "GET / HTTP/1.1\r\nConnection: close\r\n{}\r\n",
                              head, host()));
    EXPECT_TRUE(two.contains("3 3 true")) << two;
    EXPECT_TRUE(two.ends_with("Lar is running\n")) << two;
    server_->stop(std::chrono::seconds(5));
    while (sinks_ > 0) std::this_thread::yield();
}

TEST_F(Served, ARequestThatAHandlerForgotIsAnsweredAllTheSame) {
    start();
    EXPECT_EQ(local().send({"GET", "/lar/forgotten", ""})->status, 500);
}

TEST_F(Served, AClientThatDoesNotReadItsStreamIsDropped) {
    start({.stream_queue_bytes = 64 * 1024});
    const Fd fd = connected();
    say(fd, "GET /lar/flood HTTP/1.1\r\n" + host() + "Authorization: Bearer right\r\n\r\n");
    flooded_.acquire();
}

TEST_F(Served, ABusyServerSaysSoAndStillAnswersWhatIsQuick) {
    start({.work_queue = 1});
    auto first = std::async([&] { return local().send({"GET", "/lar/wait", ""}); });
    auto second = std::async([&] { return local().send({"GET", "/lar/wait", ""}); });
    waiting_.wait();
    Fd queued = connected();
    say(queued, "POST /lar/echo HTTP/1.1\r\n" + host() +
                    "Authorization: Bearer right\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1");
    while (server_->load().requests < 3) std::this_thread::yield();
    const auto refused = local().send({"POST", "/lar/echo", "2"});
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(find_header(refused->headers, "Retry-After"), "1");
    EXPECT_EQ(local().send({"GET", "/", ""})->status, 200);
    release();
    EXPECT_EQ(first.get()->status, 200);
    EXPECT_EQ(second.get()->status, 200);
    EXPECT_TRUE(all_of(queued).ends_with("\r\n\r\n1"));
}

TEST_F(Served, ABodyOfAStrangerIsNotReceived) {
    start();
    const std::string all =
        answer_to("POST /lar/echo HTTP/1.1\r\n" + host() + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(all.starts_with("HTTP/1.1 401 ") && all.contains("Connection: close")) << all;
    const std::string invited =
        answer_to("POST /lar/echo HTTP/1.1\r\n" + host() +
                  "Authorization: Bearer right\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(invited.starts_with("HTTP/1.1 413 ")) << invited;
}

TEST_F(Served, AContinueIsSentWhenTheBodyIsWanted) {
    start();
    const Fd fd = connected();
    say(fd,
        "POST /lar/echo HTTP/1.1\r\n" + host() +
            "Authorization: Bearer right\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    std::string interim(25, '\0');
    EXPECT_EQ(::recv(fd.number(), interim.data(), interim.size(), MSG_WAITALL), 25);
    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "ok");
    EXPECT_TRUE(all_of(fd).ends_with("\r\n\r\nok"));
}

TEST_F(Served, SlowRequestsAreGivenUp) {
    start({.head_time = std::chrono::milliseconds(30),
           .body_time = std::chrono::milliseconds(30),
           .idle_time = std::chrono::milliseconds(30)});
    EXPECT_TRUE(answer_to("GET / HT").starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(
        answer_to("POST /lar/echo HTTP/1.1\r\n" + host() + "Authorization: Bearer right\r\nContent-Length: 2\r\n\r\n1")
            .starts_with("HTTP/1.1 408 "));
    EXPECT_EQ(answer_to(""), "") << "a client that asks nothing is let go without a word";
}

TEST_F(Served, AClientThatTakesNothingIsGivenUp) {
    start({.write_time = std::chrono::milliseconds(50)});
    const Fd fd = connected();
    say(fd, "GET /lar/big HTTP/1.1\r\n" + host() + "Authorization: Bearer right\r\n\r\n");
    while (server_->load().requests == 0 || server_->load().tcp_connections > 0) std::this_thread::yield();
    EXPECT_EQ(tcp().send({"GET", "/lar/big", ""})->body.size(), 8U * 1024 * 1024);
}

TEST_F(Served, StrangersCannotUseUpTheConnections) {
    start({.tcp_connections = 8});
    std::vector<Fd> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(connected());
        say(slow.back(), "GET / HT");
    }
    EXPECT_EQ(tcp().send({"GET", "/", ""})->status, 200) << "the oldest that has not asked anything makes room";
    EXPECT_EQ(local().send({"GET", "/", ""})->status, 200);
    EXPECT_LE(server_->load().tcp_connections, 8U);
}

TEST_F(Served, StoppingLetsARequestEnd) {
    start();
    auto first = std::async([&] { return local().send({"GET", "/lar/wait", ""}); });
    auto second = std::async([&] { return local().send({"GET", "/lar/wait", ""}); });
    waiting_.wait();
    server_->stop(std::chrono::seconds(10));
    release();
    EXPECT_EQ(first.get()->status, 200);
    EXPECT_EQ(second.get()->status, 200);
    EXPECT_EQ(local().connect().error().code, Code::unavailable);
}

TEST_F(Served, StoppingEndsAStreamOfNews) {
    start();
    int events = 0;
    const auto reply = local().stream({"GET", "/lar/news", ""}, [&](const Event&) {
        server_->stop(std::chrono::hours(1));
        return ++events > 0;
    });
    EXPECT_EQ(reply->status, 200) << "the stream ends, it does not break";
    EXPECT_EQ(events, 1);
}

TEST_F(Served, AClientOfNobodySaysSo) {
    start();
    EXPECT_EQ(Client({.socket = folder_ / "nobody"}).send({}).error().code, Code::unavailable);
    std::atomic<bool> cancelled = true;
    Client client({.socket = socket()}, {.cancelled = &cancelled});
    EXPECT_EQ(client.send({"GET", "/lar/late", ""}).error().code, Code::unavailable);
    const auto elsewhere = Client({.port = 1, .host = "example.test:1"}).send({});
    EXPECT_EQ(elsewhere.error().message, "nobody answers at example.test:1 (Connection refused)");
    EXPECT_EQ(Client({.port = 1, .address = "example.test"}).connect().error().code, Code::invalid)
        << "names are for the caller to look up";
    Client impatient({.socket = socket()}, {.answer_time = std::chrono::milliseconds(20)});
    EXPECT_EQ(impatient.send({"GET", "/lar/late", ""}).error().code, Code::timeout);
}

}  // namespace
}  // namespace lar::http
