#include "inference/embedder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "inference/fixture.h"

namespace lar::inference {
namespace {

using testing_support::Architecture;

class EmbedderTest : public ModelTest {
protected:
    std::vector<wire::Embedded> embed(wire::Embed request) {
        others_.clear();
        request.id = ++last_id_;
        model_->take(request);
        run();
        std::vector<wire::Embedded> result;
        for (wire::EngineEvent& event : others_) result.push_back(std::get<wire::Embedded>(std::move(event)));
        return result;
    }
    wire::Scored score(const std::string& query, const std::vector<std::string>& texts) {
        others_.clear();
        model_->take(wire::Score{.id = ++last_id_, .query = query, .texts = texts});
        run();
        return std::get<wire::Scored>(others_.at(0));
    }
};

double length_of(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

std::vector<std::string> many_texts() {
    std::vector<std::string> texts;
    for (int i = 0; i < 150; ++i)
        texts.push_back("the cat sat on a mat " + std::string(static_cast<std::size_t>(i % 17), 'a'));
    return texts;
}

TEST_F(EmbedderTest, InputsTogetherHaveTheVectorsThatTheyHaveAlone) {
    for (const Architecture architecture : {Architecture::bert, Architecture::llama}) {
        load({.architecture = architecture}, {.embeddings = true});
        const std::vector<std::string> texts = many_texts();
        const auto together = embed({.texts = texts});
        ASSERT_EQ(together.size(), texts.size());
        for (std::size_t i = 0; i < texts.size(); i += 13) {
            const auto alone = embed({.texts = {texts[i]}});
            EXPECT_EQ(together[i].index, i);
            EXPECT_EQ(together[i].last, i + 1 == texts.size());
            ASSERT_EQ(alone[0].values.size(), 64U);
            EXPECT_NEAR(length_of(alone[0].values), 1, 1e-5);
            for (std::size_t d = 0; d < 64; ++d) EXPECT_NEAR(together[i].values[d], alone[0].values[d], 1e-4);
        }
    }
    EXPECT_EQ(loaded_.pooling, "last") << "what a model that names no pooling is given";
}

TEST_F(EmbedderTest, AQuantizedModelsVectorsAreThoseOfTheWholeOne) {
    const std::vector<std::string> texts{"the cat", "the cat sat on a mat, once upon a time"};
    for (const Architecture architecture : {Architecture::bert, Architecture::llama, Architecture::mamba}) {
        std::vector<std::vector<float>> vectors;
        for (const bool quantized : {false, true}) {
            load({.architecture = architecture, .quantized = quantized}, {.embeddings = true});
            for (wire::Embedded& one : embed({.texts = texts})) vectors.push_back(std::move(one.values));
        }
        ASSERT_EQ(vectors.size(), 4U);
        for (std::size_t i : {0U, 1U}) {
            const double cosine = std::inner_product(vectors[i].begin(), vectors[i].end(), vectors[i + 2].begin(), 0.0);
            EXPECT_GT(cosine, 0.99) << static_cast<int>(architecture) << ": " << texts[i];
        }
    }
}

TEST_F(EmbedderTest, VectorsKeepTheirLengthUnlessAskedOtherwise) {
    load({.architecture = Architecture::bert}, {.embeddings = true});
    EXPECT_EQ(loaded_.pooling, "mean");
    const auto raw = embed({.texts = {"the cat"}, .normalise = false});
    const auto unit = embed({.texts = {"the cat"}});
    EXPECT_GT(std::abs(length_of(raw[0].values) - 1), 0.01);
    for (std::size_t d = 0; d < 64; ++d)
        EXPECT_NEAR(raw[0].values[d] / length_of(raw[0].values), unit[0].values[d], 1e-5);
}

TEST_F(EmbedderTest, AnInputBeyondTheWindowIsCutOrRefused) {
    load({.architecture = Architecture::bert, .context_tokens = 64}, {.embeddings = true});
    std::string text;
    for (int i = 0; i < 200; ++i) text += " cat";
    const auto cut = embed({.texts = {text}});
    EXPECT_TRUE(cut[0].truncated);
    EXPECT_EQ(cut[0].tokens, 64U);
    model_->take(wire::Embed{.id = ++last_id_, .texts = {"a", text}, .truncate = false});
    EXPECT_EQ(told_[last_id_].failed->code, "too_large");
    EXPECT_EQ(told_[last_id_].failed->prompt_tokens, 202U) << "of the longest, with the marks around it";
    EXPECT_EQ(told_[last_id_].failed->context_tokens, 64U);
    EXPECT_TRUE(model_->idle());
}

// Whoever sets a quantized cache for all models has no vectors otherwise (a small window does without flash attention).
TEST_F(EmbedderTest, AQuantizedCacheIsNoReasonToMakeNoVectors) {
    for (const wire::KvType type : {wire::KvType::q8_0, wire::KvType::q4_0}) {
        load({.context_tokens = 64}, {.kv_type = type, .embeddings = true});
        EXPECT_NEAR(length_of(embed({.texts = {"the cat"}})[0].values), 1, 1e-5);
        EXPECT_FALSE(loaded_.flash_attention);
    }
}

TEST_F(EmbedderTest, ARerankingModelScoresEachTextAlike) {
    load({.architecture = Architecture::bert_rank}, {.embeddings = true});
    const wire::Scored together = score("the cat", {"the cat sat", "a dog", "time", "the cat sat"});
    ASSERT_EQ(together.scores.size(), 4U);
    EXPECT_NEAR(together.scores[0], together.scores[3], 1e-5);
    EXPECT_NE(together.scores[0], together.scores[1]);
    EXPECT_NEAR(score("the cat", {"a dog"}).scores[0], together.scores[1], 1e-5);
    model_->take(wire::Embed{.id = ++last_id_, .texts = {"a"}});
    EXPECT_EQ(told_[last_id_].failed->code, "invalid");
}

TEST_F(EmbedderTest, ARequestThatWaitsCanBeCancelled) {
    load({.architecture = Architecture::bert}, {.embeddings = true});
    model_->take(wire::Embed{.id = 1, .texts = many_texts()});
    model_->take(wire::Embed{.id = 2, .texts = {"a"}, .priority = 0});
    model_->step(look_);
    EXPECT_EQ(std::get<wire::Embedded>(others_.at(0)).id, 2U) << "who is more urgent comes first";
    EXPECT_TRUE(model_->cancel(1));
    EXPECT_TRUE(model_->idle());
    EXPECT_EQ(told_[1].failed->code, "unavailable");
}

TEST_F(EmbedderTest, AModelDoesWhatItWasLoadedFor) {
    load({.architecture = Architecture::bert}, {.embeddings = true});
    wire::Generate request = greedy("a", 1);
    request.id = 5;
    model_->take(request);
    EXPECT_EQ(told_[5].failed->code, "invalid");
    load({}, {});
    model_->take(wire::Embed{.id = 6, .texts = {"a"}});
    EXPECT_EQ(told_[6].failed->code, "invalid");
    model_->take(wire::Score{.id = 7, .query = "a", .texts = {"a"}});
    EXPECT_EQ(told_[7].failed->code, "invalid");
}

}  // namespace
}  // namespace lar::inference
