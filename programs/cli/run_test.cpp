// `lar run` against a lard that answers from a script: what it asks for and what it makes of the answers.
#include <gtest/gtest.h>

#include <deque>

#include "base/text.h"
#include "run_answer.h"
#include "run_model.h"

namespace lar::cli {
namespace {

class LinesLard final : public Connection {
public:
    struct Exchange {
        std::string target;
        Reply reply;
        std::vector<std::string> lines;
        bool breaks = false;  // the connection ends with an error
    };
    std::deque<Exchange> script;
    std::vector<std::string> bodies;

    Result<Reply> request(std::string_view method, std::string_view target, std::string_view body) override {
        return stream(method, target, body, [](const Event&) { return true; });
    }
    Result<Reply> stream(std::string_view, std::string_view target, std::string_view body,
                         const OnEvent& take) override {
        bodies.emplace_back(body);
        if (script.empty()) return fail(Code::internal, "not expected: " + std::string(target));
        const Exchange exchange = std::move(script.front());
        script.pop_front();
        EXPECT_EQ(target, exchange.target);
        for (const std::string& line : exchange.lines)
            if (!take(Event{.name = {}, .data = line})) break;
        if (exchange.breaks) return fail(Code::unavailable, "interrupted");
        return exchange.reply;
    }
};

std::string chatted(std::string_view text, std::string_view more = R"("done":false)") {
    return R"({"model":"tiny:latest","created_at":"","message":{"role":"assistant","content":")" + std::string(text) +
           R"("},)" + std::string(more) + "}";
}
constexpr std::string_view at_end =
    R"("done":true,"done_reason":"stop","total_duration":5,"load_duration":1,"prompt_eval_count":3,)"
    R"("prompt_eval_duration":2,"eval_count":4,"eval_duration":2)";

class RunModel : public testing::Test {
protected:
    LinesLard lard;
    std::atomic<bool> cancelled = false;
    ModelTalk talk{lard, cancelled};
    ModelSettings settings{.model = "tiny", .system = {}, .parameters = {}, .keep_alive = {}, .think = {}};
    std::string shown;
    ModelTalk::Take take = [this](std::string_view thought, std::string_view text) {
        shown += std::string(thought) + std::string(text);
        return true;
    };
};

TEST_F(RunModel, ATurnSendsTheConversationAndTheSettings) {
    settings.system = "Be brief.";
    settings.parameters = {{"seed", "7"}, {"stop", R"(["a"])"}};
    settings.keep_alive = wire::Json{R"("10m")"};
    lard.script = {{"/api/chat", {200, ""}, {chatted("Fo"), chatted("ur."), chatted("", at_end)}}};
    const auto answer = talk.chat(settings, {{"user", "2+2?"}}, take);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(shown, "Four.");
    EXPECT_EQ(answer->all.response, "Four.");
    EXPECT_EQ(answer->all.eval_count, 4U);
    EXPECT_EQ(
        lard.bodies[0],
        R"({"model":"tiny","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"}],)"
        R"("options":{"seed":7,"stop":["a"]},"keep_alive":"10m","stream":true})");
}

TEST_F(RunModel, ThoughtsAndTextAreToldApart) {
    lard.script = {
        {"/api/chat",
         {200, ""},
         {R"({"model":"m","created_at":"","message":{"role":"assistant","content":"","thinking":"hm"},"done":false})",
          chatted("Four."), chatted("", at_end)}}};
    const auto answer = talk.chat(settings, {{"user", "2+2?"}}, take);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->all.thinking, "hm");
    EXPECT_EQ(answer->all.response, "Four.");
}

TEST_F(RunModel, AnInterruptKeepsWhatHadCome) {
    lard.script = {{"/api/chat", {}, {chatted("Fo")}, true}};
    const auto answer = talk.chat(settings, {{"user", "2+2?"}}, [this](auto, auto) {
        cancelled = true;
        return true;
    });
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->stopped);
    EXPECT_EQ(answer->all.response, "Fo");
}

TEST_F(RunModel, AnErrorInTheMiddleIsAFailure) {
    lard.script = {{"/api/chat", {200, ""}, {chatted("Fo"), R"({"error":"the engine ended"})"}}};
    const auto answer = talk.chat(settings, {{"user", "2+2?"}}, take);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().message, "the engine ended");
    EXPECT_EQ(answer.error().exit, Exit::error);
}

TEST_F(RunModel, AnAnswerThatIsCutOffIsAFailure) {
    lard.script = {{"/api/generate", {200, ""}, {}}};
    EXPECT_FALSE(talk.complete(settings, "hello", take).has_value());
}

TEST_F(RunModel, WhatDoesNotFitIsToldInTheDaemonsWordsAndEndsWithOne) {
    lard.script = {{"/api/generate", {400, R"({"error":"big needs 9 GB; 4 GB are free"})"}, {}}};
    const auto loaded = talk.load(settings);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().message, "big needs 9 GB; 4 GB are free");
    EXPECT_EQ(loaded.error().exit, Exit::error);
}

TEST_F(RunModel, AnUnknownModelNamesThoseThereAre) {
    const std::string tags =
        R"({"models":[{"name":"tiny:latest","model":"tiny:latest","modified_at":"","size":1,"digest":"","details":)"
        R"({"parent_model":"","format":"gguf","family":"","families":[],"parameter_size":"","quantization_level":""},)"
        R"("capabilities":[]}]})";
    lard.script = {{"/api/show", {404, R"({"error":"model 'tniy' not found"})"}, {}}, {"/api/tags", {200, tags}, {}}};
    const auto shown_model = talk.show("tniy");
    ASSERT_FALSE(shown_model.has_value());
    EXPECT_TRUE(shown_model.error().hint.contains("tiny:latest")) << shown_model.error().hint;
    EXPECT_TRUE(shown_model.error().hint.contains("lar pull"));
    lard.script = {{"/api/show", {404, R"({"error":"model 'x' not found"})"}, {}},
                   {"/api/tags", {200, R"({"models":[]})"}, {}}};
    EXPECT_TRUE(talk.show("x").error().hint.contains("no models yet"));
}

TEST_F(RunModel, SavingTakesTheSettingsAndWhatWasSaid) {
    settings.system = "Be brief.";
    settings.parameters = {{"seed", "7"}};
    lard.script = {{"/api/create", {200, R"({"status":"success"})"}, {}},
                   {"/api/create", {200, R"({"status":"success"})"}, {}}};
    ASSERT_TRUE(talk.save(settings, "mine", {{"user", "before"}}, {{"user", "now"}}).has_value());
    EXPECT_EQ(lard.bodies[0],
              R"({"model":"mine","from":"tiny","system":"Be brief.","parameters":{"seed":7},"messages":[)"
              R"({"role":"user","content":"before"},{"role":"user","content":"now"}],"stream":false})");
    // What the model itself begins with is the new one's too, without being said again.
    ASSERT_TRUE(talk.save(settings, "mine", {{"user", "before"}}, {}).has_value());
    EXPECT_FALSE(lard.bodies[1].contains("messages"));
}

TEST(RunThink, IsAskedOfModelsThatCanAndRefusedByNameOtherwise) {
    wire::OllamaShow plain, thinker;
    thinker.capabilities = {"completion", "thinking"};
    EXPECT_EQ(*think_json("tiny", plain, std::nullopt), std::nullopt);
    EXPECT_EQ(*think_json("tiny", plain, "false"), std::nullopt);
    const auto refused = think_json("tiny", plain, "high");
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().message.contains("tiny"));
    EXPECT_EQ((*think_json("deep", thinker, std::nullopt))->text, "true");
    EXPECT_EQ((*think_json("deep", thinker, "false"))->text, "false");
    EXPECT_EQ((*think_json("deep", thinker, "high"))->text, R"("high")");
}

}  // namespace
}  // namespace lar::cli
