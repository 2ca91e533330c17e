// What files say of themselves, through a real engine under its lock-down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "base/build.h"
#include "engine_process.h"
#include "tiny_model.h"

namespace lar::engine {
namespace {

using testing_support::Architecture;
using testing_support::EngineProcess;
using testing_support::patience_ms;

class Facts : public testing::Test {
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
        std::string pattern = testing::TempDir() + "lar-facts-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }

    // What an engine of its own says, or how it ended without a word.
    static Result<wire::Facts> ask(const std::filesystem::path& file, bool tensors = false) {
        EngineProcess engine = TRY(EngineProcess::start(*spawner_));
        TRY_VOID(engine.send(wire::ReadFacts{.id = 3, .tensors = tensors}, {file}));
        const Result<wire::EngineEvent> event = engine.next();
        const ipc::Ended ended = TRY(engine.worker().wait_ended(patience_ms));
        if (!event) return fail(Code::unavailable, ipc::sentence(ended));
        EXPECT_EQ(ended.how, wire::Ending::finished);
        if (const auto* failed = std::get_if<wire::EngineFailed>(&*event))
            return std::unexpected(testing_support::error_of(*failed));
        return std::get<wire::Facts>(*event);
    }
    std::filesystem::path write(const std::string& bytes) const {
        std::ofstream(home_ / "hostile", std::ios::binary) << bytes;
        return home_ / "hostile";
    }

    static inline std::unique_ptr<ipc::Spawner> spawner_;
    std::filesystem::path home_;
};

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(Facts, AnEngineSaysWhichBuildAndLibraryItIs) {
    ipc::Worker worker = *spawner_->spawn(wire::Worker::engine);
    const auto ready = ipc::receive<wire::EngineEvent>(worker.channel(), {.timeout_ms = patience_ms});
    ASSERT_TRUE(ready) << ready.error().message;
    EXPECT_EQ(std::get<wire::EngineReady>(*ready).build, build_id());
    EXPECT_THAT(std::get<wire::EngineReady>(*ready).library, testing::StartsWith("llama "));
}

TEST_F(Facts, AModelsShapeVocabularyAndTemplateAreTold) {
    const auto files =
        testing_support::write_tiny_model(home_, {.context_tokens = 128, .chat_template = "{{ messages }}"});
    const auto facts = ask(files[0], true);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->id, 3U);
    EXPECT_EQ(facts->architecture, "llama");
    EXPECT_EQ(facts->name, "Tiny llama");
    EXPECT_EQ(facts->quantization, "all F32");
    EXPECT_EQ(facts->file_bytes, std::filesystem::file_size(files[0]));
    EXPECT_EQ(facts->context_tokens, 128U);
    EXPECT_EQ(facts->embedding_length, 64U);
    EXPECT_EQ(facts->layers, 2U);
    EXPECT_EQ(facts->heads, 4U);
    EXPECT_EQ(facts->kv_heads, 2U);
    EXPECT_EQ(facts->head_length_k, 16U);
    EXPECT_EQ(facts->vocabulary, 288U);
    EXPECT_EQ(facts->parts, 1U);
    EXPECT_EQ(facts->chat_template, "{{ messages }}");
    EXPECT_TRUE(facts->infill);
    EXPECT_FALSE(facts->adapter);
    std::uint64_t parameters = 0;
    for (const wire::TensorFact& tensor : facts->tensors) {
        std::uint64_t elements = 1;
        for (const std::uint64_t length : tensor.shape) elements *= length;
        parameters += elements;
        EXPECT_EQ(tensor.type, "F32");
    }
    EXPECT_EQ(facts->parameters, parameters);
    const auto entry = std::ranges::find(facts->metadata, "llama.block_count", &wire::MetadataEntry::key);
    ASSERT_NE(entry, facts->metadata.end());
    EXPECT_EQ(entry->type, "uint32");
    EXPECT_EQ(entry->value, "2");
    const auto tokens = std::ranges::find(facts->metadata, "tokenizer.ggml.tokens", &wire::MetadataEntry::key);
    EXPECT_EQ(tokens->type, "array of string");
    EXPECT_EQ(tokens->length, 288U);
    EXPECT_EQ(tokens->value, "");
    EXPECT_TRUE(ask(files[0])->tensors.empty());
}

TEST_F(Facts, PoolingAndPartsAreTold) {
    EXPECT_EQ(ask(testing_support::write_tiny_model(home_, {.architecture = Architecture::bert})[0])->pooling, "mean");
    EXPECT_EQ(ask(testing_support::write_tiny_model(home_, {.architecture = Architecture::bert_rank})[0])->pooling,
              "rank");
    EXPECT_EQ(ask(testing_support::write_tiny_model(home_, {.parts = 2})[0])->parts, 2U);
}

TEST_F(Facts, AForeignFileIsRefusedInWords) {
    for (const std::string& bytes : {std::string(), std::string("GGUF"), std::string("not a model at all"),
                                     std::string("GGUF\x03\0\0\0", 8) + std::string(16, '\xff'),
                                     std::string("GGUF\x63\0\0\0", 8) + std::string(400, '\0')}) {
        const auto facts = ask(write(bytes));
        ASSERT_FALSE(facts);
        EXPECT_EQ(facts.error().code, Code::corrupt) << facts.error().message;
    }
}

TEST_F(Facts, ATruncatedHeaderIsRefusedWhereverItIsCut) {
    const std::string whole = bytes_of(testing_support::write_tiny_model(home_, {})[0]);
    for (std::size_t size = 8; size < 9000; size = size * 3 / 2) {
        const auto facts = ask(write(whole.substr(0, size)));
        ASSERT_FALSE(facts) << size;
        EXPECT_EQ(facts.error().code, Code::corrupt) << facts.error().message;
    }
}

TEST_F(Facts, AFileWhoseTensorsAreCutShortIsRefusedWithTheCounts) {
    const std::string whole = bytes_of(testing_support::write_tiny_model(home_, {})[0]);
    const auto facts = ask(write(whole.substr(0, whole.size() * 3 / 4)));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, Code::corrupt);
    EXPECT_THAT(facts.error().message,
                testing::HasSubstr("cut short: it has " + std::to_string(whole.size() * 3 / 4) + " of"));
    EXPECT_TRUE(ask(write(whole)));
}

// With nothing in most of it: mapping it would take for ever.
TEST_F(Facts, AFileLargerThanTheMachineIsNotLoaded) {
    const auto files = testing_support::write_tiny_model(home_, {});
    std::filesystem::resize_file(files[0], std::uintmax_t{1} << 43);
    EngineProcess engine = *EngineProcess::start(*spawner_);
    const auto loaded = engine.load(files, {.id = 1, .context_tokens = 64});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Code::too_large);
    EXPECT_THAT(loaded.error().message, testing::HasSubstr("more than this machine's"));
}

// Counts and lengths that promise far more than there is must cost neither memory nor time.
TEST_F(Facts, AHostileFileYieldsAnAnswerOrAnEndButNeverSilence) {
    const char* wanted = std::getenv("LAR_MUTATIONS");
    const int count = wanted ? std::atoi(wanted) : 60;
    const std::string whole = bytes_of(testing_support::write_tiny_model(home_, {})[0]);
    std::mt19937 random(7);
    int answered = 0;
    for (int i = 0; i < count; ++i) {
        std::string bytes = whole;
        const int changes = 1 + static_cast<int>(random() % 4);
        for (int k = 0; k < changes; ++k) {
            const std::size_t place = random() % std::min<std::size_t>(bytes.size(), 12'000);
            bytes[place] = random() % 3 == 0 ? '\xff' : static_cast<char>(bytes[place] ^ (1 << (random() % 8)));
        }
        if (random() % 8 == 0) bytes.resize(random() % bytes.size());
        const auto facts = ask(write(bytes), true);
        if (facts || facts.error().code == Code::corrupt)
            ++answered;
        else
            EXPECT_EQ(facts.error().code, Code::unavailable) << facts.error().message;
    }
    EXPECT_GT(answered, count * 9 / 10) << "most damage should be told, not crash the reader";
}

TEST_F(Facts, WhatIsNoFirstRequestEndsTheEngine) {
    for (const wire::EngineRequest& request :
         std::vector<wire::EngineRequest>{wire::Generate{.id = 1, .prompt = wire::TextPrompt{"x"}},
                                          wire::CancelRequest{1}, wire::ReadFacts{.id = 1}}) {
        EngineProcess engine = *EngineProcess::start(*spawner_);
        ASSERT_TRUE(engine.send(request));
        EXPECT_EQ(engine.worker().wait_ended(patience_ms)->how, wire::Ending::failed);
    }
}

}  // namespace
}  // namespace lar::engine
