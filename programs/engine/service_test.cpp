// A model at work in a real engine under its lock-down, through lard's side of the channel.
#include "service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "engine_process.h"
#include "tiny_model.h"

namespace lar::engine {
namespace {

using testing_support::Architecture;
using testing_support::EngineProcess;
using testing_support::generate;
using testing_support::Generated;
using testing_support::patience_ms;

wire::Generate greedy(std::uint64_t id, const std::string& text, std::uint32_t tokens) {
    return {.id = id,
            .prompt = wire::TextPrompt{.text = text},
            .sampling = {.temperature = 0},
            .max_tokens = tokens,
            .ignore_end = true};
}

class Engine : public testing::Test {
protected:
    static void SetUpTestSuite() {
#ifndef LAR_SANITIZED
        auto spawner = ipc::Spawner::start(*ipc::programs_directory());
        ASSERT_TRUE(spawner) << spawner.error().message;
        spawner_ = std::move(*spawner);
#endif
    }
    static void TearDownTestSuite() { spawner_.reset(); }
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-engine-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }
    static EngineProcess start() { return std::move(EngineProcess::start(*spawner_).value()); }

    static inline std::unique_ptr<ipc::Spawner> spawner_;
    std::filesystem::path home_;
};

TEST_F(Engine, ItLoadsAModelUnderItsLockDownAndSpeaks) {
    EngineProcess engine = start();
    const auto loaded = engine.load(testing_support::write_tiny_model(home_, {}), {.id = 1, .sequences = 2});
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->id, 1U);
    EXPECT_EQ(loaded->context_tokens, 256U);
    EXPECT_EQ(loaded->sequences, 2U);
    EXPECT_GE(loaded->threads, 1U);
    EXPECT_EQ(loaded->embedding_length, 64U);
    EXPECT_GT(loaded->weights_bytes, 100'000U);
    EXPECT_GT(loaded->kv_bytes, 10'000U);
    EXPECT_GT(loaded->compute_bytes, 10'000U);
    EXPECT_THAT(loaded->device, testing::StartsWith("cpu "));
    EXPECT_THAT(loaded->layers, testing::HasSubstr("seccomp"));
    const auto told = generate(engine, greedy(7, "once upon a time", 12));
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->finished.reason, wire::FinishReason::length);
    EXPECT_EQ(told->finished.generated_tokens, 12U);
    EXPECT_EQ(told->started.prompt_tokens, told->finished.prompt_tokens);
    EXPECT_EQ(told->finished.context.size(), told->finished.prompt_tokens + 12U);
}

TEST_F(Engine, NoMappedFileLiesOutsideTheEnvironment) {
    EngineProcess engine = start();
    const auto files = testing_support::write_tiny_model(home_, {});
    ASSERT_TRUE(engine.load(files, {.id = 1}));
    ASSERT_TRUE(generate(engine, greedy(7, "a cat", 2)));
    // Not readable from outside: the engine is not dumpable. As root it is.
    std::ifstream maps("/proc/" + std::to_string(engine.worker().pid()) + "/maps");
    if (!maps) GTEST_SKIP() << "this user may not look at the engine's memory map";
    const char* root = std::getenv("LAR_ENV_ROOT");
    std::set<std::string> libraries;
    for (std::string line; std::getline(maps, line);) {
        const std::size_t place = line.find('/');
        if (place == std::string::npos) continue;
        const std::string path = line.substr(place);
        if (path.find(".so") == std::string::npos) continue;
        libraries.insert(std::filesystem::path(path).filename());
        if (root && *root != '\0') {
            EXPECT_THAT(path, testing::StartsWith(root));
        }
    }
    EXPECT_THAT(libraries, testing::Contains(testing::StartsWith("libggml-cpu-")));
    EXPECT_THAT(libraries, testing::Contains(testing::StartsWith("libgomp.so")));
    EXPECT_THAT(libraries, testing::Not(testing::Contains(testing::HasSubstr("libcurl"))));
}

TEST_F(Engine, ASplitModelIsLoadedByItsPartsAndThenNothingCanBeOpened) {
    EngineProcess engine = start();
    const auto loaded = engine.load(testing_support::write_tiny_model(home_, {.parts = 2}), {.id = 1, .parts = 2});
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto told = generate(engine, greedy(7, "the cat", 8));
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->finished.generated_tokens, 8U);
    // The second policy holds: the process has no way left to open a part.
    std::ifstream status("/proc/" + std::to_string(engine.worker().pid()) + "/status");
    std::string filters;
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Seccomp_filters:")) filters = line;
    EXPECT_THAT(filters, testing::EndsWith("3")) << "the spawner's, the one for loading, the one for work";
}

TEST_F(Engine, AnAdapterChangesWhatIsSaidAsMuchAsItsScale) {
    const auto model = testing_support::write_tiny_model(home_, {});
    const auto adapter = testing_support::write_tiny_adapter(home_);
    std::vector<std::string> texts;
    for (const std::optional<float> scale : {std::optional<float>(), std::optional(0.0F), std::optional(1.0F)}) {
        EngineProcess engine = start();
        std::vector<std::filesystem::path> files = model;
        wire::LoadModel how{.id = 1};
        if (scale) {
            files.push_back(adapter);
            how.adapter_scales = {*scale};
        }
        const auto loaded = engine.load(files, how);
        ASSERT_TRUE(loaded) << loaded.error().message;
        const auto told = generate(engine, greedy(2, "the cat", 20));
        ASSERT_TRUE(told) << told.error().message;
        texts.push_back(told->text);
    }
    EXPECT_EQ(texts[1], texts[0]);
    EXPECT_NE(texts[2], texts[0]);
    EngineProcess engine = start();
    const auto refused = engine.load({model[0], model[0]}, {.id = 1, .adapter_scales = {1}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corrupt) << refused.error().message;
}

TEST_F(Engine, MemoryCanBeLockedUnderTheLockDown) {
    EngineProcess engine = start();
    const auto loaded = engine.load(testing_support::write_tiny_model(home_, {}), {.id = 1, .lock_memory = true});
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_TRUE(generate(engine, greedy(2, "the cat", 2)));
}

TEST_F(Engine, AMissingPartIsToldInWords) {
    const auto files = testing_support::write_tiny_model(home_, {.parts = 2});
    for (const auto& wrong : {std::vector{files[0]}, std::vector{files[1]}, std::vector{files[1], files[0]}}) {
        EngineProcess engine = start();
        const auto loaded = engine.load(wrong, {.id = 1, .parts = static_cast<std::uint32_t>(wrong.size())});
        ASSERT_FALSE(loaded);
        EXPECT_EQ(loaded.error().code, Code::corrupt) << loaded.error().message;
        EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::finished);
    }
}

TEST_F(Engine, AFileThatIsNoModelIsToldInWords) {
    std::ofstream(home_ / "text") << "not a model";
    EngineProcess engine = start();
    const auto loaded = engine.load({home_ / "text"}, {.id = 1});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Code::corrupt) << loaded.error().message;
    EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::finished);
}

TEST_F(Engine, ALongPromptIsGivenUpWhenItIsCancelled) {
    EngineProcess engine = start();
    const auto files = testing_support::write_tiny_model(home_, {.context_tokens = 8192});
    ASSERT_TRUE(engine.load(files, {.id = 1, .batch_tokens = 8192}));
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "ab";
    ASSERT_TRUE(engine.send(greedy(5, text, 10)));
    ASSERT_TRUE(engine.send(greedy(6, "the cat", 4)));
    ASSERT_TRUE(engine.send(wire::CancelRequest{5}));
    bool other_finished = false;
    for (int ends = 0; ends < 2;) {
        const auto event = engine.next();
        ASSERT_TRUE(event) << event.error().message;
        if (const auto* finished = std::get_if<wire::Finished>(&*event)) {
            ++ends;
            other_finished = other_finished || finished->id == 6;
            if (finished->id != 6) {
                EXPECT_EQ(finished->reason, wire::FinishReason::cancelled);
            }
        } else if (const auto* failed = std::get_if<wire::EngineFailed>(&*event)) {
            ++ends;
            EXPECT_EQ(failed->id, 5U);
            EXPECT_EQ(failed->code, "unavailable");
        }
    }
    EXPECT_TRUE(other_finished);
}

TEST_F(Engine, WhatDoesNotBelongIntoTheStateEndsIt) {
    const auto files = testing_support::write_tiny_model(home_, {});
    for (const wire::EngineRequest& request :
         std::vector<wire::EngineRequest>{wire::ReadFacts{.id = 2}, wire::LoadModel{.id = 2}}) {
        EngineProcess engine = start();
        ASSERT_TRUE(engine.load(files, {.id = 1}));
        ASSERT_TRUE(engine.send(request));
        EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::failed);
    }
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load(files, {.id = 1}));
    ASSERT_TRUE(engine.send(greedy(2, "a", 1), files));  // no descriptor is taken any more
    EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::failed);
}

TEST_F(Engine, OneNumberTwiceEndsIt) {
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load(testing_support::write_tiny_model(home_, {}), {.id = 1}));
    ASSERT_TRUE(engine.send(greedy(2, "a", 200)));
    ASSERT_TRUE(engine.send(greedy(2, "b", 200)));
    EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::failed);
}

TEST_F(Engine, ItEndsWhenItsChannelCloses) {
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load(testing_support::write_tiny_model(home_, {}), {.id = 1}));
    ASSERT_TRUE(engine.send(greedy(2, "a", 200)));
    engine.worker().channel().close();
    EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::finished);
}

}  // namespace
}  // namespace lar::engine
