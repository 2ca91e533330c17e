// The real spawner, and for what lard must not believe an engine that lies.
#include "engines.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <thread>

#include "machine.h"

namespace lar::lard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Engines : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-engines-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        const std::filesystem::path ours = *ipc::programs_directory();
        std::filesystem::copy_file(ours / "lar-spawner", home_ / "lar-spawner");
        for (const char* name : {"lar-engine", "lar-reader"})
            std::filesystem::copy_file(ours / "lying_engine", home_ / name);
        auto spawner = ipc::Spawner::start(home_);
        ASSERT_TRUE(spawner) << spawner.error().message;
        spawner_ = std::move(*spawner);
        server_ = std::move(*http::Server::create({}, http::Router(), {}));
        engines_.emplace(*spawner_, clock_, zone_, WorkMeter(cpu_us_of, [] { return std::nullopt; }));
        engines_->attach(*server_, [] {});
        thread_ = std::thread([this] { server_->run(); });
    }
    void TearDown() override {
        if (server_) {
            on_io([this] { engine_.reset(); });
            server_->stop(std::chrono::seconds(0));
            thread_.join();
        }
        server_.reset();
        engines_.reset();
        spawner_.reset();
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }

    void on_io(const std::function<void()>& call) {
        std::promise<void> done;
        server_->post([&] {
            call();
            done.set_value();
        });
        done.get_future().wait();
    }
    static std::string text_of(const models::EngineNews& news) {
        if (std::holds_alternative<wire::Loading>(news)) return "loading";
        if (std::holds_alternative<wire::Loaded>(news)) return "loaded";
        return std::get<models::EngineEnded>(news).error.message;
    }
    static std::string text_of(const wire::EngineEvent& event) {
        if (std::holds_alternative<wire::Started>(event)) return "started";
        if (const auto* piece = std::get_if<wire::Piece>(&event)) return piece->text;
        if (const auto* finished = std::get_if<wire::Finished>(&event))
            return finished->reason == wire::FinishReason::cancelled ? "cancelled" : "finished";
        if (const auto* failed = std::get_if<wire::EngineFailed>(&event)) return failed->code + ": " + failed->message;
        return "something else";
    }
    // News up to the one that is waited for, or the end.
    std::vector<std::string> load(std::uint32_t window, const std::string& until = "loaded") {
        // Shared: news of the end come when nobody waits any more.
        struct Heard {
            std::vector<std::string> news;
            std::promise<void> done;
            bool told = false;
        };
        const auto heard = std::make_shared<Heard>();
        on_io([&] {
            engine_.reset();
            ended_.clear();
            auto engine =
                engines_->start("m", {.vocabulary = 512}, {.parts = 0, .context_tokens = window},
                                [this, heard, until](models::EngineNews&& news) {
                                    const bool ended = std::holds_alternative<models::EngineEnded>(news);
                                    heard->news.push_back(text_of(news));
                                    if (ended) ended_.push_back(heard->news.back());
                                    if ((ended || heard->news.back() == until) && !std::exchange(heard->told, true))
                                        heard->done.set_value();
                                });
            ASSERT_TRUE(engine) << engine.error().message;
            engine_ = std::move(*engine);
        });
        heard->done.get_future().wait();
        return heard->news;
    }
    // The events of one request to its last.
    std::vector<std::string> ask(const std::string& how, bool then_cancel = false) {
        return ask(wire::TextPrompt{.text = how}, then_cancel);
    }
    std::vector<std::string> ask(const wire::Prompt& prompt, bool then_cancel = false) {
        std::vector<std::string> heard;
        std::promise<void> done;
        on_io([&] {
            const std::uint64_t id = engine_->request(wire::Generate{.prompt = prompt}, [&](wire::EngineEvent&& event) {
                heard.push_back(text_of(event));
                if (std::holds_alternative<wire::Finished>(event) || std::holds_alternative<wire::EngineFailed>(event))
                    done.set_value();
            });
            if (then_cancel) engine_->cancel(id);
        });
        done.get_future().wait();
        return heard;
    }

    std::filesystem::path home_;
    SystemClock clock_;
    FixedZone zone_{-90};
    std::unique_ptr<ipc::Spawner> spawner_;
    std::unique_ptr<http::Server> server_;
    std::optional<SpawnedEngines> engines_;
    std::unique_ptr<models::Engine> engine_;
    std::thread thread_;
    std::vector<std::string> ended_;  // of the I/O thread
};

TEST_F(Engines, RequestsAreAnsweredInTurnAndLargeOnesArriveWhole) {
    EXPECT_THAT(load(100), ElementsAre("loading", "loaded"));
    EXPECT_EQ(engines_->running().size(), 1U);
    EXPECT_EQ(engines_->running()[0].layers, "seccomp");
    EXPECT_THAT(ask("hello"), ElementsAre("started", "5", "finished"));
    // More than the socket takes at once, many times over.
    std::vector<std::string> heard;
    std::promise<void> done;
    on_io([&] {
        for (int i = 0; i < 8; ++i)
            engine_->request(wire::Generate{.prompt = wire::TextPrompt{.text = std::string(3'000'000, 'x')}},
                             [&](wire::EngineEvent&& event) {
                                 if (std::holds_alternative<wire::Piece>(event)) heard.push_back(text_of(event));
                                 if (heard.size() == 8 && std::holds_alternative<wire::Finished>(event))
                                     done.set_value();
                             });
    });
    done.get_future().wait();
    EXPECT_THAT(heard, testing::Each("3000000"));
    EXPECT_THAT(ask("wait", true), ElementsAre("started", "cancelled"));
}

// A template that tells the day tells the user's.
TEST_F(Engines, AConversationGoesOutWithTheUsersZone) {
    load(100);
    EXPECT_THAT(ask(wire::ChatPrompt{.messages = "[]"}), ElementsAre("started", "-90", "finished"));
}

TEST_F(Engines, ARequestBeyondAFrameFailsAloneAndAFullQueueRefuses) {
    load(100);
    EXPECT_THAT(ask(std::string(5'000'000, 'x')), ElementsAre(StartsWith("too_large: ")));
    EXPECT_THAT(ask("hello"), ElementsAre("started", "5", "finished"));
}

TEST_F(Engines, AnEngineThatLiesIsStoppedAndItsRequestsFail) {
    for (const char* how : {"garbage", "other id", "loaded again", "sure", "half", "unsure", "surer than sure"}) {
        load(100);
        const std::vector<std::string> heard = ask(how);
        ASSERT_EQ(heard.size(), 2U) << how;
        EXPECT_THAT(heard[1], StartsWith("corrupt: ")) << how;
        on_io([&] { EXPECT_EQ(ended_.size(), 1U) << how; });
    }
}

TEST_F(Engines, AnAnswerThatEndsTwiceIsALie) {
    load(100);
    EXPECT_THAT(ask("twice"), ElementsAre("started", "5", "finished"));
    // The engine is stopped for it; whoever comes then is told one way or the other.
    EXPECT_THAT(ask("wait"), testing::Contains(testing::AnyOf(StartsWith("corrupt: "), StartsWith("unavailable: "))));
}

TEST_F(Engines, AnEngineThatEndsSaysHow) {
    load(100);
    EXPECT_THAT(ask("crash"), ElementsAre("started", HasSubstr("unavailable: the engine stopped: it crashed")));
    EXPECT_THAT(ask("hello"), ElementsAre("unavailable: the engine has stopped"));
}

TEST_F(Engines, LoadingFailsWithTheEnginesReasonOrItsLie) {
    const auto ended = [&](std::uint32_t window) { return load(window, "never").back(); };
    EXPECT_EQ(ended(1), "no model");
    EXPECT_THAT(ended(2), HasSubstr("may not say now"));
    EXPECT_THAT(ended(3), HasSubstr("a window that is none"));
    EXPECT_THAT(ended(4), HasSubstr("memory"));
}

TEST_F(Engines, EndingIsNews) {
    load(100);
    on_io([&] { engine_->end(); });
    const auto there = [&] {
        bool any = false;
        on_io([&] { any = !ended_.empty(); });
        return any;
    };
    while (!there()) std::this_thread::yield();
    on_io([&] { engine_.reset(); });
    while (!engines_->running().empty()) std::this_thread::yield();
}

TEST_F(Engines, AFileIsLookedAtByAnEngineOfItsOwn) {
    const auto facts = [&](std::string_view content) {
        const std::filesystem::path path = home_ / "file";
        EXPECT_TRUE(write_file_atomically(path, content));
        return engines_->facts(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    };
    EXPECT_EQ(facts("right")->architecture, "llama");
    EXPECT_EQ(facts("wrong").error().message, "no model");
    EXPECT_EQ(facts("other").error().code, Code::corrupt);
    EXPECT_EQ(facts("crash").error().code, Code::corrupt) << "a file that its reader does not survive is a bad file";
    EXPECT_THAT(facts("crash").error().message, HasSubstr("crashed"));
}

}  // namespace
}  // namespace lar::lard
