// Plays the exchanges of *.http against the real server, routes, store, ingest and recall; only the daemon around them
// and the reader of repositories are stand-ins. Each file begins with a Lar that knows nothing.
//
//     === what this shows
//     @tcp, @token TEXT, @until (ask again until it comes out so, for what takes a moment)
//     METHOD TARGET
//     Header: value            (as many as needed)
//
//     body                     ({folder} is a folder of the test's, {port} the TCP port, {last} the id made last: 201)
//     --- STATUS
//     Header: value            (must be there)
//
//     body                     (* stands for anything; none: not looked at)
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "api/lar_routes.h"
#include "api/ollama_routes.h"
#include "api/openai_routes.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "consent/ledger.h"
#include "http/server.h"
#include "stand_in_engines.h"

namespace lar::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view token = "test-token";
constexpr std::size_t limit_script_bytes = 1024 * 1024;
constexpr auto patience = std::chrono::seconds(20);

// Does `text` fit the pattern, in which * stands for anything?
bool fits(std::string_view pattern, std::string_view text) {
    std::size_t star = std::string_view::npos, mark = 0, p = 0, t = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

struct Step {
    std::string claim, request_line, headers, body;
    bool tcp = false, until = false;
    std::optional<std::string> token;
    std::string status, expected_body;
    std::vector<std::string> expected_headers;
};

std::vector<Step> steps_of(std::string_view script) {
    std::vector<Step> steps;
    enum class Part { none, line, headers, body, expected_headers, expected_body } part = Part::none;
    for (const std::string_view line : split_lines(script)) {
        if (line.starts_with("=== ")) {
            steps.push_back({.claim = std::string(line.substr(4))});
            part = Part::line;
        } else if (part == Part::none ||
                   (line.starts_with("# ") && part != Part::body && part != Part::expected_body)) {
            continue;
        } else if (Step& step = steps.back(); line.starts_with("--- ")) {
            step.status = trim(line.substr(4));
            part = Part::expected_headers;
        } else if (part == Part::line && line.starts_with('@')) {
            if (line == "@tcp") step.tcp = true;
            if (line == "@until") step.until = true;
            if (line.starts_with("@token")) step.token = trim(line.substr(6));
        } else if (part == Part::line) {
            step.request_line = line;
            part = Part::headers;
        } else if (part == Part::headers) {
            if (line.empty())
                part = Part::body;
            else
                step.headers.append(line).append("\r\n");
        } else if (part == Part::body) {
            step.body.append(line).append("\n");
        } else if (part == Part::expected_headers) {
            if (line.empty())
                part = Part::expected_body;
            else
                step.expected_headers.emplace_back(line);
        } else {
            step.expected_body.append(line).append("\n");
        }
    }
    return steps;
}

class StandInDaemon final : public Daemon {
public:
    Result<wire::ApiStatus> status() override { return wire::ApiStatus{.version = "test"}; }
    Result<wire::ApiDoctor> doctor() override { return wire::ApiDoctor{{{"air gap", "ok", "seccomp"}}}; }
    Result<std::vector<std::string>> log_lines(std::size_t limit) override {
        std::vector<std::string> lines = {"one", "two", "three"};
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(std::min(limit, lines.size())));
        return lines;
    }
    void shutdown() override {}
    std::string air_gap() const override { return "seccomp"; }
};

class NoDoor final : public models::Courier {
public:
    Result<wire::CourierDelivered> carry(const wire::Order& order, std::span<const int>, const Watch&) override {
        return fail(Code::unavailable, lar::format("{} cannot be reached", order.host));
    }
};

// "scripted" always says the same; by default there is none.
class ScriptedModels final : public answer::TextModels {
public:
    Result<std::string> name_of(std::string_view name) override {
        if (name.empty()) return fail(Code::not_found, "there is no model yet");
        if (name != "scripted") return fail(Code::not_found, lar::format("model '{}' not found", name));
        return "scripted:latest";
    }
    Result<std::unique_ptr<answer::TextModel>> open(std::string_view name, const answer::Gone&) override {
        TRY_VOID(name_of(name));
        return std::make_unique<Model>();
    }

private:
    class Model final : public answer::TextModel {
    public:
        std::string name() const override { return "scripted:latest"; }
        std::uint32_t window_tokens() const override { return 4096; }
        Result<std::vector<std::uint32_t>> count(std::span<const std::string> texts) override {
            return std::vector<std::uint32_t>(texts.size(), 100);
        }
        Result<answer::Written> write(const wire::Generate&, const TakeText& take) override {
            for (const std::string_view piece :
                 {"The connection pool holds ", "twenty connections [1]. It is", " painted green."})
                if (!take(piece)) break;
            return answer::Written{.prompt_tokens = 50, .generated_tokens = 12};
        }
    };
};

// Two tokens: the user's own, and one for models alone.
class StandInGate final : public http::Gate {
public:
    std::optional<http::Visitor> visitor(std::string_view presented) override {
        if (presented == token) return http::Visitor{.name = "own", .may_use_guarded = true};
        if (presented == "models-only") return http::Visitor{.name = "editor"};
        return std::nullopt;
    }
    bool wants_token_everywhere() const override { return false; }
};

class StandInTokens final : public Tokens {
public:
    Result<wire::ApiTokens> list() override {
        return wire::ApiTokens{{{.name = "editor", .scope = "chat", .created = "2026-11-21T10:00:00Z"}}};
    }
    Result<wire::ApiNewToken> create(const wire::ApiTokenRequest& request) override {
        if (request.name == "editor") return fail(Code::conflict, "there is a token 'editor' already; revoke it first");
        return wire::ApiNewToken{.token = "lar_1", .about = {.name = request.name, .scope = request.scope}};
    }
    Result<wire::ApiToken> revoke(std::string_view name) override {
        if (name != "editor") return fail(Code::not_found, "there is no such token");
        return wire::ApiToken{.name = "editor", .scope = "chat"};
    }
};

class StandInSender final : public consent::Sender {
public:
    Result<> check_ready(const consent::Provider& provider) override {
        return provider.name == "big" ? Result<>() : fail(Code::unavailable, "there is no key for it");
    }
    Result<std::string> send(const consent::Ticket&, std::string_view) override {
        return std::string(R"({"choices":[{"message":{"content":"write to [EMAIL_1]"},"finish_reason":"stop"}],)"
                           R"("usage":{"prompt_tokens":100,"completion_tokens":10}})");
    }
};

class NoRepositories final : public ingest::RepositoryOpener {
public:
    Result<std::unique_ptr<ingest::Repository>> open(const wire::OpenRepository&, const std::atomic<bool>&) override {
        return fail(Code::unavailable, "no reader here");
    }
};

class NoDocuments final : public ingest::DocumentReader {
public:
    Result<ingest::ReadDocument> read(int, wire::DocumentFormat, std::uint32_t, const std::atomic<bool>&) override {
        return fail(Code::unavailable, "no reader here");
    }
    void rest() override {}
};

Fd listening(const sockaddr* address, socklen_t size) {
    Fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(fd.number(), address, size), 0);
    EXPECT_EQ(::listen(fd.number(), 16), 0);
    return fd;
}

class Api : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "lar-api-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        fs::create_directory(folder_ / "notes");
        std::ofstream(folder_ / "notes" / "pool.md")
            << "# Connection pool\n\nThe connection pool holds twenty connections.\n";
        std::ofstream(folder_ / "notes" / "login.md") << "# Login\n\nThe login page asks for a name and a password.\n";
        std::ofstream(folder_ / "notes" / ".env") << "PASSWORD=1\n";

        auto store = store::Store::open(folder_ / "lar.db", clock_);
        ASSERT_TRUE(store) << store.error().message;
        store_.emplace(std::move(*store));
        auto ingest = ingest::Ingest::start(*store_, repositories_, documents_, clock_, zone_, {.watch = false},
                                            [this](const wire::ApiJob& job) { jobs_.publish(job); });
        ASSERT_TRUE(ingest) << ingest.error().message;
        ingest_ = std::move(*ingest);
        auto ledger = consent::Ledger::open(*store_, folder_ / "ledger-head", clock_, zone_);
        ASSERT_TRUE(ledger) << ledger.error().message;
        ledger_ = std::move(*ledger);
        ASSERT_TRUE(ledger_->append(wire::LedgerEntry(
            wire::LedgerComputed{.model = "tiny:latest", .prompt_tokens = 20, .generated_tokens = 5})));
        consent_.providers = {
            {.name = "big",
             .host = "api.example",
             .path = "/v1/chat/completions",
             .model = "m-1",
             .dollars_per_million_in = 2,
             .dollars_per_million_out = 10},
            {.name = "ours", .tier = consent::Tier::own, .host = "llm.example", .path = "/", .model = "m-2"}};
        auto tickets = consent::Tickets::open(*store_, *ledger_, sender_, consent_, clock_);
        ASSERT_TRUE(tickets) << tickets.error().message;
        tickets_ = std::move(*tickets);
        routes_.emplace(
            Rooms{*store_, *ingest_, jobs_, daemon_, tokens_, *ledger_, *tickets_, clock_, zone_, &models_});
        std::ofstream(folder_ / "tiny.gguf") << "a model";
        std::ofstream(folder_ / "vectors.gguf") << "vectors";
        auto catalogue = models::Catalogue::open({.folder = folder_ / "models", .reserve_bytes = 0}, facts_, clock_);
        ASSERT_TRUE(catalogue) << catalogue.error().message;
        catalogue_ = std::move(*catalogue);
        engines_.post = post();
        keeper_.emplace(engines_, engines_, clock_, models::Keeper::Options{});
        const ModelRooms models{*catalogue_, {*keeper_, clock_, post()}};
        puller_.emplace(door_, *catalogue_,
                        models::Puller::Options{.folder = folder_ / "models", .tries = 1, .pause_ms = 0});
        ollama_.emplace(models, *puller_, default_origins());
        openai_.emplace(models, default_origins());
        http::Router router;
        routes_->add_to(router);
        ollama_->add_to(router);
        openai_->add_to(router);

        local_.sun_family = AF_UNIX;
        (folder_ / "s").string().copy(local_.sun_path, sizeof(local_.sun_path) - 1);
        loopback_ = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        http::Listening sockets{listening(address(false), sizeof(local_)), listening(address(true), sizeof(loopback_))};
        socklen_t size = sizeof(loopback_);
        ::getsockname(sockets.tcp.number(), reinterpret_cast<sockaddr*>(&loopback_), &size);
        auto server = http::Server::create(std::move(sockets), std::move(router), {.gate = &gate_});
        ASSERT_TRUE(server) << server.error().message;
        server_ = std::move(*server);
        thread_ = std::thread([this] { server_->run(); });
    }
    void TearDown() override {
        if (server_) {
            server_->stop(std::chrono::seconds(5));
            thread_.join();
        }
        server_.reset();
        keeper_.reset();
        ingest_.reset();
        tickets_.reset();
        ledger_.reset();
        store_.reset();
        fs::remove_all(folder_);
    }

    std::function<void(std::function<void()>)> post() {
        return [this](std::function<void()> call) { server_->post(std::move(call)); };
    }
    const sockaddr* address(bool tcp) const {
        return tcp ? reinterpret_cast<const sockaddr*>(&loopback_) : reinterpret_cast<const sockaddr*>(&local_);
    }
    std::string filled_in(std::string text) const {
        text = replaced(replaced(std::move(text), "{folder}", folder_.string()), "{port}",
                        std::to_string(ntohs(loopback_.sin_port)));
        return last_.empty() ? text : replaced(std::move(text), "{last}", last_);
    }

    // Everything that comes back. HTTP/1.0, so that nothing is chunked and the connection ends with the answer.
    std::string answer_to(const Step& step) {
        const std::string body = filled_in(std::string(trim(step.body)));
        std::string request = filled_in(step.request_line) + " HTTP/1.0\r\n" + filled_in(step.headers);
        if (!step.headers.contains("Host:")) request += filled_in("Host: 127.0.0.1:{port}\r\n");
        if (step.tcp && step.token.value_or(std::string(token)) != "")
            request += lar::format("Authorization: Bearer {}\r\n", step.token.value_or(std::string(token)));
        if (!body.empty()) request += lar::format("Content-Length: {}\r\n", body.size());
        request += "\r\n" + body;
        const Fd fd(::socket(step.tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::connect(fd.number(), address(step.tcp), step.tcp ? sizeof(loopback_) : sizeof(local_)), 0);
        EXPECT_TRUE(write_all(fd.number(), request));
        std::string all;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(fd.number(), buffer, sizeof(buffer), 0)) > 0;)
            all.append(buffer, static_cast<std::size_t>(got));
        return all;
    }

    static std::string complaint(const Step& step, const std::string& expected_body, std::string_view answer) {
        const std::size_t end = answer.find("\r\n\r\n");
        if (end == std::string_view::npos) return "no answer";
        const std::string head = std::string(answer.substr(0, end)) + "\r\n";
        const std::string_view body = trim(answer.substr(end + 4));
        if (!head.starts_with(lar::format("HTTP/1.1 {} ", step.status))) return "another status";
        for (const std::string& header : step.expected_headers)
            if (!fits("*\r\n" + header + "\r\n*", head)) return "without the header " + header;
        if (!expected_body.empty() && !fits(expected_body, body)) return "another body than " + expected_body;
        return {};
    }

    void play(const Step& step) {
        const std::string expected(trim(filled_in(step.expected_body)));
        const auto end = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const std::string answer = answer_to(step);
            const std::string wrong = complaint(step, expected, answer);
            if (wrong.empty()) {
                const std::string_view id = R"({"id":")";
                if (const std::size_t at = answer.find(id); step.status == "201" && at != std::string::npos)
                    last_ = answer.substr(at + id.size(), answer.find('"', at + id.size()) - at - id.size());
                return;
            }
            if (!step.until || std::chrono::steady_clock::now() > end) {
                ADD_FAILURE() << step.claim << "\n" << step.request_line << "\n" << wrong << "\n" << answer;
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    fs::path folder_;
    std::string last_;
    SystemClock clock_;
    FixedZone zone_{60};
    NoRepositories repositories_;
    NoDocuments documents_;
    ScriptedModels models_;
    StandInDaemon daemon_;
    StandInTokens tokens_;
    StandInGate gate_;
    JobHub jobs_;
    std::optional<store::Store> store_;
    std::unique_ptr<ingest::Ingest> ingest_;
    std::unique_ptr<consent::Ledger> ledger_;
    StandInSender sender_;
    consent::Settings consent_;
    std::unique_ptr<consent::Tickets> tickets_;
    std::optional<LarRoutes> routes_;
    StandInFacts facts_;
    StandInEngines engines_;
    std::unique_ptr<models::Catalogue> catalogue_;
    std::optional<models::Keeper> keeper_;
    NoDoor door_;
    std::optional<models::Puller> puller_;
    std::optional<OllamaRoutes> ollama_;
    std::optional<OpenAiRoutes> openai_;
    sockaddr_un local_{};
    sockaddr_in loopback_{};
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
};

TEST_P(Api, AnswersAsWritten) {
    const auto script = read_file(fs::path(LAR_API_SCRIPTS) / (GetParam() + ".http"), limit_script_bytes);
    ASSERT_TRUE(script) << script.error().message;
    const std::vector<Step> steps = steps_of(*script);
    ASSERT_FALSE(steps.empty());
    for (const Step& step : steps) play(step);
}

std::vector<std::string> scripts() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(LAR_API_SCRIPTS))
        if (entry.path().extension() == ".http") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}
INSTANTIATE_TEST_SUITE_P(Script, Api, testing::ValuesIn(scripts()), [](const auto& script) { return script.param; });

}  // namespace
}  // namespace lar::api
