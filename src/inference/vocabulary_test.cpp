#include "inference/vocabulary.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "inference/fixture.h"
#include "inference/sampler.h"

namespace lar::inference {
namespace {

class VocabularyTest : public ModelTest {
protected:
    void SetUp() override {
        ModelTest::SetUp();
        ModelFiles files;
        files.parts.push_back(std::move(open_read_only(testing_support::write_tiny_model(home_, {})[0]).value()));
        weights_ = std::move(Weights::load(std::move(files), false, {}).value());
    }
    const Vocabulary& vocabulary() const { return weights_->vocabulary(); }
    std::unique_ptr<Weights> weights_;
};

TEST_F(VocabularyTest, AnyTextSurvivesTheWayToTokensAndBack) {
    for (const char* text :
         {"the cat", "név 日本語 \xF0\x9F\x98\x80", "line\nline\t", "", "<|im_start|>", "  two  spaces "}) {
        const auto tokens = vocabulary().tokenize({.text = text, .add_special = false, .parse_special = false});
        ASSERT_TRUE(tokens);
        std::string back = *vocabulary().detokenize(*tokens, Vocabulary::Special::is_silent);
        // The tokenizer of this kind puts a space before the first word.
        if (back.starts_with(' ') && !std::string(text).starts_with(' ')) back.erase(0, 1);
        EXPECT_EQ(back, text[0] == ' ' ? std::string(text) : text);
    }
}

TEST_F(VocabularyTest, SpecialTokensAreReadAndSpelledOnlyWhenAsked) {
    const auto read = vocabulary().tokenize({.text = "<|im_end|>", .add_special = true, .parse_special = true});
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front(), 1);
    const auto letters = vocabulary().tokenize({.text = "<|im_end|>", .add_special = true, .parse_special = false});
    EXPECT_GT(letters->size(), 5U);
    EXPECT_EQ(vocabulary().piece(read->back(), Vocabulary::Special::is_spelled_out), "<|im_end|>");
    EXPECT_EQ(vocabulary().piece(read->back(), Vocabulary::Special::is_silent), "");
    EXPECT_TRUE(vocabulary().is_end(read->back()));
    EXPECT_EQ(vocabulary().beginning_text(), "<s>");
    EXPECT_EQ(vocabulary().end_text(), "</s>");
}

TEST_F(VocabularyTest, AGapIsMarkedWithTheModelsOwnTokens) {
    const auto tokens = vocabulary().infill({.before = "a", .after = "<|fim_middle|>"});
    ASSERT_TRUE(tokens) << tokens.error().message;
    EXPECT_EQ(tokens->front(), 1);
    const Token middle = vocabulary().tokenize({.text = "<|fim_middle|>", .add_special = false})->front();
    EXPECT_EQ(tokens->back(), middle);
    EXPECT_EQ(std::ranges::count(*tokens, middle), 1) << "what stands in the file is no mark";
}

constexpr const char* chat_template =
    "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

TEST_F(VocabularyTest, AConversationIsRenderedByTheModelsTemplateWithOneBeginning) {
    load({.chat_template = chat_template}, {});
    const wire::ChatPrompt chat{.messages = R"([{"role":"user","content":"the cat"}])"};
    model_->take(wire::Render{.id = 1, .prompt = chat});
    const std::string text = std::get<wire::Rendered>(others_.at(0)).text;
    EXPECT_EQ(text, "<s><|im_start|>user\nthe cat<|im_end|>\n<|im_start|>assistant\n");
    model_->take(wire::Tokenize{.id = 2, .prompt = chat});
    const std::vector<Token> tokens = std::get<wire::Tokens>(others_.at(1)).tokens;
    EXPECT_EQ(std::ranges::count(tokens, 1), 1);
    model_->take(wire::Detokenize{.id = 3, .tokens = tokens, .special = true});
    EXPECT_THAT(std::get<wire::Tokens>(others_.at(2)).text, testing::HasSubstr("the cat<|im_end|>"));
    wire::Generate request = greedy("", 4);
    request.prompt = chat;
    EXPECT_EQ(tell(request).finished->prompt_tokens, tokens.size());
    wire::ChatPrompt own = chat;
    own.tmpl = "{{ messages[0].content }}!";
    model_->take(wire::Render{.id = 4, .prompt = own});
    EXPECT_EQ(std::get<wire::Rendered>(others_.at(3)).text, "the cat!");
}

TEST_F(VocabularyTest, TheDayIsThatOfTheRequestsZone) {
    load({.chat_template = "{{ strftime_now('%F %R') }}"}, {});
    const auto told = [&](std::optional<std::int16_t> offset_min) {
        others_.clear();
        model_->take(wire::Render{.id = 1, .prompt = {.messages = "[]", .utc_offset_min = offset_min}});
        return std::get<wire::Rendered>(others_.at(0)).text;
    };
    std::string before, east, after;
    do {  // the minute may change between them
        before = told(std::nullopt);
        east = told(24 * 60);
        after = told(0);
    } while (before != after);
    EXPECT_EQ(east.substr(10), before.substr(10));
    EXPECT_NE(east.substr(0, 10), before.substr(0, 10)) << "a day to the east it is tomorrow";
}

TEST_F(VocabularyTest, AConversationThatCannotBeRenderedIsToldInWords) {
    load({}, {});
    model_->take(wire::Render{.id = 1, .prompt = {.messages = "[]"}});
    EXPECT_EQ(told_[1].failed->code, "invalid") << "this model has no template";
    model_->take(wire::Render{.id = 2, .prompt = {.messages = "[]", .tmpl = "{% for %}"}});
    EXPECT_EQ(told_[2].failed->code, "invalid");
    model_->take(wire::Render{.id = 3, .prompt = {.messages = "no JSON", .tmpl = "{{ messages }}"}});
    EXPECT_EQ(told_[3].failed->code, "invalid");
}

TEST_F(VocabularyTest, ATokenThatIsNotThereIsRefused) {
    EXPECT_EQ(vocabulary().detokenize(std::vector<Token>{5, 9999}, Vocabulary::Special::is_silent).error().code,
              Code::invalid);
    EXPECT_EQ(vocabulary().piece(-3, Vocabulary::Special::is_silent), "");
}

TEST_F(VocabularyTest, TheChancesOfAllTokensSumToOne) {
    std::vector<float> logits(vocabulary().size());
    for (std::size_t i = 0; i < logits.size(); ++i)
        logits[i] = static_cast<float>(std::sin(static_cast<double>(i)) * 7);
    const wire::ChosenToken all = chances(logits, 3, logits.size(), vocabulary());
    double sum = 0;
    for (const wire::TokenChance& chance : all.alternatives) sum += std::exp(chance.logprob);
    EXPECT_NEAR(sum, 1, 1e-4);
    logits[5] = -std::numeric_limits<float>::infinity();
    EXPECT_EQ(chances(logits, 5, 0, vocabulary()).chosen.logprob, wire::least_logprob);
}

}  // namespace
}  // namespace lar::inference
