// A trained model, where there is one: what lar-engine says is what llama.cpp's own program says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <cstdlib>

#include "base/text.h"
#include "engine_process.h"
#include "tiny_model.h"

namespace lar::engine {
namespace {

using testing_support::EngineProcess;
using testing_support::generate;

constexpr const char* opening = "Once upon a time";
constexpr int tokens = 120;

// What llama-completion prints for it, after the opening; empty where the program is not installed.
std::string said_by_llama(const std::filesystem::path& model) {
    const std::string command = "GOMP_SPINCOUNT=0 llama-completion -m '" + model.string() + "' -p '" + opening +
                                "' -n " + std::to_string(tokens) +
                                " --temp 0 -no-cnv --no-warmup -fa on -t 2 2>/dev/null </dev/null";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer{};
    while (pipe) {
        const std::size_t n = ::fread(buffer.data(), 1, buffer.size(), pipe);
        if (n == 0) break;
        text.append(buffer.data(), n);
    }
    if (pipe) ::pclose(pipe);
    const std::size_t place = text.find(opening);
    if (place == std::string::npos) return "";
    text.erase(0, place + std::string_view(opening).size());
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

wire::Generate story(std::uint64_t id, const std::string& text) {
    return {.id = id, .prompt = wire::TextPrompt{.text = text}, .sampling = {.temperature = 0}, .max_tokens = tokens};
}

class Stories : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        model_ = testing_support::shared_model("stories260K.gguf");
        if (model_.empty()) GTEST_SKIP() << "there is no models/stories260K.gguf in ../shared or $LAR_SHARED";
        spawner_ = std::move(ipc::Spawner::start(*ipc::programs_directory()).value());
    }
    EngineProcess start() const { return std::move(EngineProcess::start(*spawner_).value()); }

    std::filesystem::path model_;
    std::unique_ptr<ipc::Spawner> spawner_;
};

TEST_F(Stories, AloneAndAmongSevenNeighboursItSaysWhatLlamaSays) {
    const std::string expected = said_by_llama(model_);
    if (expected.empty()) GTEST_SKIP() << "llama-completion is not installed";
    ASSERT_GT(expected.size(), 200U);
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load({model_}, {.id = 1, .sequences = 8, .kv_type = wire::KvType::f16}));
    const auto alone = generate(engine, story(2, opening));
    ASSERT_TRUE(alone) << alone.error().message;
    EXPECT_THAT(alone->text, testing::StartsWith(expected));
    std::vector<wire::Generate> requests;
    for (std::uint64_t i = 0; i < 8; ++i)
        requests.push_back(story(10 + i, i == 3 ? opening : "Lily and Tom saw " + std::to_string(i) + " big dogs"));
    const auto together = generate(engine, requests);
    ASSERT_TRUE(together) << together.error().message;
    EXPECT_EQ((*together)[3].text, alone->text);
}

TEST_F(Stories, WhatItRemembersOfAStoryIsNotComputedAgain) {
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load({model_}, {.id = 1, .sequences = 2}));
    const auto first = generate(engine, story(2, opening));
    wire::Generate further = story(3, "");
    further.prompt = wire::TokenPrompt{first->finished.context};
    const auto second = generate(engine, further);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->started.reused_tokens, first->finished.context.size() - 1);
    further.id = 4;
    further.reuse_prefix = false;
    EXPECT_EQ(generate(engine, further)->text, second->text);
}

TEST_F(Stories, AStopStringOfWordsEndsTheStory) {
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load({model_}, {.id = 1}));
    wire::Generate request = story(2, opening);
    request.stop = {"named Lily"};
    const auto told = generate(engine, request);
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->text, ", there was a little girl ");
    EXPECT_EQ(told->finished.stopped_by, "named Lily");
}

TEST_F(Stories, AQuantizedStoryIsTold) {
    const std::filesystem::path quantized = testing_support::shared_model("stories260K-Q8_0.gguf");
    if (quantized.empty()) GTEST_SKIP() << "there is no models/stories260K-Q8_0.gguf";
    const std::string expected = said_by_llama(quantized);
    EngineProcess engine = start();
    ASSERT_TRUE(engine.load({quantized}, {.id = 1}));
    const auto told = generate(engine, story(2, opening));
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(told->text, testing::HasSubstr("there was a little girl named Lily"));
    if (!expected.empty()) {
        EXPECT_THAT(told->text, testing::StartsWith(expected));
    }
}

}  // namespace
}  // namespace lar::engine
