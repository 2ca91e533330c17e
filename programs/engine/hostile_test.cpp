// What comes from outside and is damaged: model files that are loaded, and frames that lard would never send. Each
// costs one engine at most, and lard's side sees a value. LAR_MUTATIONS and LAR_FRAMES say how many; without them it is
// what a test run can wait for. `LAR_MUTATIONS=2000 LAR_FRAMES=100000 ./dev test -R '^engine$'` takes minutes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "engine_process.h"
#include "tiny_model.h"

namespace lar::engine {
namespace {

using testing_support::Architecture;
using testing_support::EngineProcess;
using testing_support::patience_ms;

int count_of(const char* variable, int otherwise) {
    const char* wanted = std::getenv(variable);
    return wanted ? std::atoi(wanted) : otherwise;
}

class Hostile : public testing::Test {
protected:
    void SetUp() override {
#ifdef LAR_SANITIZED
        GTEST_SKIP() << "the sanitizers' own system calls do not fit a policy";
#endif
        std::string pattern = testing::TempDir() + "lar-hostile-XXXXXX";
        home_ = ::mkdtemp(pattern.data());
        spawner_ = std::move(ipc::Spawner::start(*ipc::programs_directory()).value());
    }
    void TearDown() override {
        if (!home_.empty()) std::filesystem::remove_all(home_);
    }

    // Loads it and, if that works, generates; "loaded", the code of the refusal, or how the engine ended.
    std::string fate_of(const std::filesystem::path& file) {
        EngineProcess engine = std::move(EngineProcess::start(*spawner_).value());
        const auto loaded = engine.load({file}, {.id = 1, .context_tokens = 64});
        if (!loaded && loaded.error().code != Code::unavailable) return std::string(to_string(loaded.error().code));
        if (loaded) {
            const auto told = testing_support::generate(
                engine, wire::Generate{.id = 2, .prompt = wire::TextPrompt{"the cat"}, .max_tokens = 4});
            if (told) return "spoke";
            if (told.error().code != Code::unavailable) return std::string(to_string(told.error().code));
        }
        const auto ended = engine.worker().wait_ended(patience_ms);
        EXPECT_TRUE(ended) << "an engine that neither answers nor ends";
        return ended ? ipc::sentence(*ended) : "silent";
    }

    std::filesystem::path home_;
    std::unique_ptr<ipc::Spawner> spawner_;
};

TEST_F(Hostile, ADamagedModelCostsNoMoreThanItsEngine) {
    const int count = count_of("LAR_MUTATIONS", 40);
    std::ifstream stream(testing_support::write_tiny_model(home_, {})[0], std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    std::mt19937 random(11);
    std::map<std::string, int> fates;
    for (int i = 0; i < count; ++i) {
        std::string bytes = whole;
        // Mostly the header, sometimes the weights.
        const std::size_t reach = random() % 5 == 0 ? bytes.size() : 12'000;
        for (unsigned k = 0; k <= random() % 6; ++k) {
            const std::size_t place = random() % std::min(bytes.size(), reach);
            bytes[place] = random() % 3 == 0 ? '\xff' : static_cast<char>(bytes[place] ^ (1 << (random() % 8)));
        }
        if (random() % 6 == 0) bytes.resize(random() % bytes.size());
        std::ofstream(home_ / "damaged", std::ios::binary) << bytes;
        ++fates[fate_of(home_ / "damaged")];
    }
    EXPECT_TRUE(spawner_->alive());
    EXPECT_EQ(fates["silent"], 0);
    for (const auto& [fate, times] : fates) std::printf("%6d %s\n", times, fate.c_str());
}

// libllama's reader would make four billion rules of it.
TEST_F(Hostile, AGrammarThatRepeatsBackwardsIsRefusedAndOneThatOnlySaysSoIsNot) {
    const auto files = testing_support::write_tiny_model(home_, {});
    EngineProcess engine = std::move(EngineProcess::start(*spawner_).value());
    ASSERT_TRUE(engine.load(files, {.id = 1, .context_tokens = 64}));
    std::uint64_t id = 1;
    const auto fate = [&](const std::string& grammar) {
        const auto told = testing_support::generate(
            engine,
            wire::Generate{
                .id = ++id, .prompt = wire::TextPrompt{"a"}, .sampling = {.grammar = grammar}, .max_tokens = 2});
        return told ? std::string("spoke") : std::string(to_string(told.error().code));
    };
    EXPECT_EQ(fate(R"(root ::= "a"{5,2})"), "invalid");
    EXPECT_EQ(fate(R"(root ::= "a"{ 7 , 3 } "b")"), "invalid");
    EXPECT_EQ(fate(R"(root ::= "\"{5,2}" [{5,2}] # {5,2})"), "spoke");
    EXPECT_EQ(fate(R"(root ::= "a"{2,5})"), "spoke");
}

std::vector<std::string> valid_requests() {
    std::vector<std::string> texts;
    for (const wire::EngineRequest& request : std::vector<wire::EngineRequest>{
             wire::Generate{
                 .id = 5, .prompt = wire::TextPrompt{"the cat"}, .sampling = {.temperature = 0}, .max_tokens = 1},
             wire::Tokenize{.id = 5, .prompt = wire::InfillPrompt{"a", "b"}}, wire::Render{.id = 5},
             wire::Embed{.id = 5, .texts = {"a"}}, wire::Score{.id = 5, .texts = {"a"}},
             wire::Detokenize{.id = 5, .tokens = {1, 2}}, wire::ReadFacts{.id = 5}, wire::LoadModel{.id = 5}})
        texts.push_back(wire::to_json(request));
    return texts;
}

// Asks before there is a model, and now and then a model at work.
TEST_F(Hostile, FramesThatLardWouldNotSendEndTheEngineAndNothingElse) {
    const int count = count_of("LAR_FRAMES", 1000);
    const auto files = testing_support::write_tiny_model(home_, {});
    const std::vector<std::string> valid = valid_requests();
    std::mt19937 random(13);
    std::optional<EngineProcess> engine;
    bool at_work = false;
    std::map<std::string, int> fates;
    for (int i = 0; i < count; ++i) {
        if (!engine) {
            engine.emplace(std::move(EngineProcess::start(*spawner_).value()));
            at_work = random() % 16 == 0;
            if (at_work) {
                ASSERT_TRUE(engine->load(files, {.id = 1, .context_tokens = 64}));
            }
        }
        std::string json = valid[random() % valid.size()];
        for (unsigned k = 0; k <= random() % 3; ++k) json[random() % json.size()] = static_cast<char>(random());
        if (random() % 8 == 0) json.resize(random() % json.size());
        ASSERT_TRUE(engine->worker().channel().send(json, {.timeout_ms = patience_ms}));
        // Either it is a request after all and is answered to its end, or the engine ends.
        for (bool over = false; !over;) {
            const auto event = engine->next();
            over = !event ||
                   !(std::holds_alternative<wire::Started>(*event) || std::holds_alternative<wire::Piece>(*event));
            if (over) ++fates[event ? "answered" : ipc::sentence(engine->worker().wait_ended(patience_ms).value())];
            if (!event) engine.reset();
        }
    }
    EXPECT_TRUE(spawner_->alive());
    for (const auto& [fate, times] : fates) {
        std::printf("%6d %s\n", times, fate.c_str());
        EXPECT_EQ(fate.find("signal"), std::string::npos) << "refused, not crashed";
    }
}

}  // namespace
}  // namespace lar::engine
