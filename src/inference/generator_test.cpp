#include "inference/generator.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/text.h"
#include "inference/fixture.h"

namespace lar::inference {
namespace {

using testing_support::Architecture;
using enum wire::FinishReason;

class GeneratorTest : public ModelTest {};

TEST_F(GeneratorTest, AmongSevenNeighboursARequestSaysWhatItSaysAlone) {
    load({}, {.sequences = 8, .batch_tokens = 64});
    std::vector<wire::Generate> requests;
    for (const char* text : {"once upon a time", "the cat", "a dog sat on the mat, and the cat", "x", "név",
                             "the the the the the the the the the the", "12345", "日本語"})
        requests.push_back(greedy(text, 24));
    std::vector<std::string> alone;
    for (const wire::Generate& request : requests) {
        wire::Generate fresh = request;
        fresh.reuse_prefix = false;
        alone.push_back(tell(fresh).text);
    }
    const std::vector<Told> together = tell(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(together[i].text, alone[i]) << i;
        EXPECT_EQ(together[i].finished->generated_tokens, 24U);
    }
}

TEST_F(GeneratorTest, HowUnsureTheModelIsIsToldToThoseWhoAskAndDoesNotDependOnHowTokensAreDrawn) {
    load({}, {.sequences = 1});
    EXPECT_EQ(tell(greedy("the cat", 4)).finished->entropy, std::nullopt);
    wire::Generate request = greedy("the cat", 1);
    request.entropy = true;
    request.logprobs = wire::limit_logprobs;
    const Told told = tell(request);
    // What the likeliest tokens have of it is known; the rest of the chances has at most what even ones would have.
    double entropy = 0, rest = 1;
    for (const wire::TokenChance& chance : told.pieces.at(0).logprobs.at(0).alternatives) {
        entropy -= std::exp(chance.logprob) * chance.logprob;
        rest -= std::exp(chance.logprob);
    }
    EXPECT_GT(entropy, 0.1);
    EXPECT_GE(told.finished->entropy.value(), entropy);
    EXPECT_LE(told.finished->entropy.value(), entropy - rest * std::log(rest / (288 - wire::limit_logprobs)));
    request.sampling = drawn("", 1, 7).sampling;
    EXPECT_NEAR(tell(request).finished->entropy.value(), told.finished->entropy.value(), 1e-6);
    request.max_tokens = 0;
    EXPECT_EQ(tell(request).finished->entropy, std::nullopt) << "nothing was generated";
}

TEST_F(GeneratorTest, MoreRequestsThanSequencesWaitAndAreAnswered) {
    load({}, {.sequences = 2});
    std::vector<wire::Generate> requests;
    for (int i = 0; i < 9; ++i) requests.push_back(greedy("the cat " + std::to_string(i), 6));
    for (const Told& told : tell(requests)) EXPECT_EQ(told.finished->reason, length);
}

TEST_F(GeneratorTest, WhoWaitsIsTakenByPriority) {
    load({}, {.sequences = 1});
    std::vector<wire::Generate> requests;
    for (const std::uint8_t priority : std::initializer_list<std::uint8_t>{1, 2, 1, 0, 2, 0}) {
        requests.push_back(greedy("a cat", 3));
        requests.back().priority = priority;
    }
    tell(requests);
    EXPECT_THAT(order_, testing::ElementsAre(4, 6, 1, 3, 2, 5));
}

// Whatever the memory is like, what is remembered must not change what is said.
class Remembering : public ModelTest, public testing::WithParamInterface<Architecture> {};

TEST_P(Remembering, AReusedBeginningGivesTheTextOfAColdRun) {
    load({.architecture = GetParam()}, {.sequences = 2, .batch_tokens = 32});
    const std::string shared = "once upon a time the cat sat on the mat and the dog sat on the cat, ";
    const std::vector<std::string> prompts{shared + "x", shared + "yes", shared + "y", "other", shared, shared + "x"};
    std::vector<std::string> cold;
    for (const std::string& prompt : prompts) {
        wire::Generate request = greedy(prompt, 16);
        request.reuse_prefix = false;
        const Told told = tell(request);
        EXPECT_EQ(told.finished->reused_tokens, 0U);
        cold.push_back(told.text);
    }
    std::uint32_t reused = 0;
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            const Told told = tell(greedy(prompts[i], 16));
            EXPECT_EQ(told.text, cold[i]) << i;
            reused += told.finished->reused_tokens;
        }
    if (GetParam() == Architecture::llama) {
        EXPECT_GT(reused, 200U);
    }
}

TEST_P(Remembering, AnAnswerCanBeGoneOnFrom) {
    load({.architecture = GetParam()}, {.sequences = 1});
    const Told first = tell(greedy("the cat sat on", 10));
    wire::Generate further = greedy("", 8);
    further.prompt = wire::TokenPrompt{first.finished->context};
    const Told second = tell(further);
    EXPECT_EQ(second.finished->reused_tokens, first.finished->context.size() - 1);
    further.reuse_prefix = false;
    EXPECT_EQ(tell(further).text, second.text);
}

INSTANTIATE_TEST_SUITE_P(Memories, Remembering,
                         testing::Values(Architecture::llama, Architecture::gemma3, Architecture::mamba));

TEST_F(GeneratorTest, ABeginningThatAnotherSequenceHoldsIsCopied) {
    load({}, {.sequences = 3, .batch_tokens = 64});
    const std::string system = "the cat sat on the mat and the dog sat on the cat once upon a time and so on. ";
    wire::Generate cold = greedy(system + "B", 12);
    cold.reuse_prefix = false;
    const std::string expected = tell(cold).text;
    load({}, {.sequences = 3, .batch_tokens = 64});
    const std::uint64_t first = ++last_id_, second = ++last_id_;
    wire::Generate a = greedy(system + "A", 40), b = greedy(system + "B", 12);
    a.id = first;
    b.id = second;
    model_->take(a);
    for (int i = 0; i < 10; ++i) model_->step(look_);
    model_->take(b);
    run();
    EXPECT_GT(told_[second].finished->reused_tokens, 30U);
    EXPECT_EQ(told_[second].text, expected);
}

TEST_F(GeneratorTest, ACancelledRequestEndsAndItsNeighbourGoesOn) {
    load({}, {.sequences = 2});
    const std::string alone = tell(greedy("a dog", 30)).text;
    std::size_t pieces = 0;
    on_piece_ = [&](const wire::Piece& piece) {
        if (piece.id == 2 && ++pieces == 5) model_->cancel(2);
    };
    const std::vector<Told> told = tell({greedy("the cat", 200), greedy("a dog", 30)});
    EXPECT_EQ(told[0].finished->reason, cancelled);
    EXPECT_LE(told[0].finished->generated_tokens, 7U);
    EXPECT_EQ(told[1].finished->reason, length);
    EXPECT_EQ(told[1].text, alone);
}

TEST_F(GeneratorTest, AComputationThatIsGivenUpLeavesTheOthersAsTheyWere) {
    for (const Architecture architecture : {Architecture::llama, Architecture::gemma3, Architecture::mamba}) {
        const testing_support::TinyModel tiny{.architecture = architecture, .context_tokens = 2048};
        load(tiny, {.sequences = 2, .batch_tokens = 2048});
        const std::string alone = tell(greedy("a dog", 20)).text;
        load(tiny, {.sequences = 2, .batch_tokens = 2048});
        std::string large;
        for (int i = 0; i < 1500; ++i) large += "z";
        // In the middle of the first long computation.
        bool done = false;
        look_ = [&] {
            if (!std::exchange(done, true)) model_->cancel(last_id_ - 1);
        };
        const std::vector<Told> told = tell({greedy(large, 20), greedy("a dog", 20)});
        EXPECT_EQ(told[0].finished->reason, cancelled);
        EXPECT_EQ(told[0].finished->generated_tokens, 0U);
        EXPECT_EQ(told[1].text, alone);
        look_ = [] {};
    }
}

TEST_F(GeneratorTest, OneThatWaitsIsCancelledWithoutHavingBegun) {
    load({}, {.sequences = 1});
    bool cancelled_once = false;
    on_piece_ = [&](const wire::Piece&) {
        if (!std::exchange(cancelled_once, true)) {
            EXPECT_TRUE(model_->cancel(2));
        }
    };
    const std::vector<Told> told = tell({greedy("the cat", 10), greedy("a dog", 10)});
    EXPECT_EQ(told[0].finished->reason, length);
    EXPECT_FALSE(told[1].finished);
    EXPECT_EQ(told[1].failed->code, "unavailable");
    EXPECT_FALSE(model_->cancel(2));
}

TEST_F(GeneratorTest, AStopStringEndsTheTextBeforeItAndIsNamed) {
    load({}, {.sequences = 1});
    const std::string whole = tell(greedy("the mat", 40)).text;
    ASSERT_GT(whole.size(), 30U);
    // Somewhere in the middle, so that it runs across tokens.
    for (std::size_t place = 8; place + 9 < whole.size(); place += 5) {
        const std::string_view middle = utf8_prefix(std::string_view(whole).substr(place), 9);
        if (!is_utf8(middle) || middle.find("\xEF\xBF\xBD") != std::string_view::npos) continue;
        wire::Generate request = greedy("the mat", 40);
        request.stop = {"never said", std::string(middle)};
        const Told told = tell(request);
        EXPECT_EQ(told.finished->reason, stop);
        EXPECT_EQ(told.finished->stopped_by, middle);
        EXPECT_EQ(told.text, whole.substr(0, whole.find(middle)));
    }
}

TEST_F(GeneratorTest, EveryPieceIsWholeCharactersAndTheTokensAddUp) {
    load({}, {.sequences = 1});
    for (std::uint32_t seed = 1; seed < 12; ++seed) {
        const Told told = tell(drawn("név", 60, seed));
        std::uint32_t tokens = 0;
        for (const wire::Piece& piece : told.pieces) {
            EXPECT_TRUE(is_utf8(piece.text));
            tokens += piece.tokens;
        }
        EXPECT_LE(tokens, told.finished->generated_tokens);
        EXPECT_EQ(told.finished->generated_tokens, 60U);
    }
}

TEST_F(GeneratorTest, ASeedGivesTheSameTextAgainWhoeverIsBeside) {
    load({}, {.sequences = 4});
    const Told first = tell(drawn("the cat", 30, 42));
    EXPECT_EQ(first.finished->seed, 42U);
    EXPECT_EQ(tell(drawn("the cat", 30, 42)).text, first.text);
    EXPECT_NE(tell(drawn("the cat", 30, 43)).text, first.text);
    const std::vector<Told> together =
        tell({drawn("a dog", 30, 7), drawn("the cat", 30, 42), drawn("time", 30, 42), drawn("the cat", 30, 1)});
    EXPECT_EQ(together[1].text, first.text);
    EXPECT_NE(together[3].text, first.text);
    const Told chosen = tell(drawn("the cat", 30, 0xFFFFFFFF));
    EXPECT_NE(chosen.finished->seed, 0xFFFFFFFF);
    EXPECT_EQ(tell(drawn("the cat", 30, chosen.finished->seed)).text, chosen.text) << "a random seed is told";
}

TEST_F(GeneratorTest, LogprobsAreTheModelsOwnAndSorted) {
    load({}, {.sequences = 1});
    wire::Generate request = greedy("the cat", 10);
    request.logprobs = 5;
    const Told told = tell(request);
    std::size_t count = 0;
    for (const wire::Piece& piece : told.pieces) {
        EXPECT_EQ(piece.logprobs.size(), piece.tokens);
        for (const wire::ChosenToken& token : piece.logprobs) {
            ++count;
            ASSERT_EQ(token.alternatives.size(), 5U);
            EXPECT_EQ(token.alternatives[0].token, token.chosen.token) << "the likeliest was taken";
            double sum = 0;
            for (std::size_t i = 0; i < 5; ++i) {
                sum += std::exp(token.alternatives[i].logprob);
                EXPECT_GE(token.alternatives[i > 0 ? i - 1 : 0].logprob, token.alternatives[i].logprob);
            }
            EXPECT_LE(sum, 1.0001);
            EXPECT_GT(sum, 0);
        }
    }
    EXPECT_GE(count, 8U);
    // Temperature changes what is drawn, not what the model thought.
    wire::Generate hot = drawn("the cat", 1, 5);
    hot.logprobs = 1;
    const Told drawn_once = tell(hot);
    ASSERT_FALSE(drawn_once.pieces.empty());
    EXPECT_FLOAT_EQ(drawn_once.pieces[0].logprobs[0].alternatives[0].logprob,
                    told.pieces[0].logprobs[0].chosen.logprob);
}

TEST_F(GeneratorTest, ABiasForcesATokenOrForbidsIt) {
    load({}, {.sequences = 1});
    const wire::Token wanted = testing_support::token_of_byte_0 + 'q';
    wire::Generate request = greedy("the cat", 5);
    request.sampling.logit_bias = {{wanted, 1000}};
    EXPECT_EQ(tell(request).text, "qqqqq");
    request = greedy("the cat", 20);
    const std::vector<wire::Token> usual = tell(request).finished->context;
    request.sampling.logit_bias = {{usual.back(), wire::no_token}};
    const std::vector<wire::Token> other = tell(request).finished->context;
    EXPECT_THAT(std::vector(other.end() - 20, other.end()), testing::Not(testing::Contains(usual.back())));
}

TEST_F(GeneratorTest, AnEndIsTakenUnlessItIsTooEarlyOrIgnored) {
    load({}, {.sequences = 1});
    wire::Generate request = greedy("the cat", 12);
    request.sampling.logit_bias = {{2, 1000}};  // </s>
    request.ignore_end = false;
    EXPECT_EQ(tell(request).finished->reason, end);
    EXPECT_EQ(tell(request).finished->generated_tokens, 0U);
    request.min_tokens = 4;
    EXPECT_EQ(tell(request).finished->reason, end);
    EXPECT_EQ(tell(request).finished->generated_tokens, 4U);
    request.ignore_end = true;
    EXPECT_EQ(tell(request).finished->reason, length);
}

TEST_F(GeneratorTest, AGrammarIsKeptToAndABrokenOneIsTold) {
    load({}, {.sequences = 2});
    for (std::uint32_t seed = 1; seed < 8; ++seed) {
        wire::Generate request = drawn("the cat", 30, seed);
        request.ignore_end = false;
        request.sampling.grammar = R"(root ::= ("yes" | "no") " " [0-9] [0-9])";
        const Told told = tell(request);
        EXPECT_THAT(told.text, testing::MatchesRegex("(yes|no) [0-9][0-9]"));
        EXPECT_EQ(told.finished->reason, end);
    }
    for (const char* broken : {"root ::= (", "nothing", "root ::= missing", "root ::= root \"a\"", "x ::= \"a\""}) {
        wire::Generate request = greedy("the cat", 5);
        request.sampling.grammar = broken;
        const Told told = tell(request);
        ASSERT_TRUE(told.failed) << broken;
        EXPECT_EQ(told.failed->code, "invalid") << told.failed->message;
    }
    EXPECT_EQ(tell(greedy("the cat", 5)).finished->reason, length) << "and the engine goes on";
}

TEST_F(GeneratorTest, EverySamplerOfLlamaRuns) {
    load({}, {.sequences = 1});
    std::vector<wire::Sampling> kinds(10);
    kinds[0] = {.seed = 1, .temperature = 0.7F, .top_k = 5};
    kinds[1] = {.seed = 1, .dynamic_temperature_range = 0.5F};
    kinds[2] = {.seed = 1, .typical_p = 0.5F};
    kinds[3] = {.seed = 1, .top_n_sigma = 1};
    kinds[4] = {.seed = 1, .xtc_probability = 0.9F};
    kinds[5] = {.seed = 1, .repeat_penalty = 1.5F, .frequency_penalty = 0.5F, .presence_penalty = 0.5F};
    kinds[6] = {.seed = 1, .dry_multiplier = 1};
    kinds[7] = {.seed = 1, .mirostat = 1};
    kinds[8] = {.seed = 1, .mirostat = 2};
    kinds[9] = {.seed = 1, .temperature = 0, .repeat_last_n = -1, .repeat_penalty = 2};
    for (const wire::Sampling& sampling : kinds) {
        wire::Generate request = greedy("the cat the cat the cat", 20);
        request.sampling = sampling;
        const Told told = tell(request);
        EXPECT_EQ(told.finished->generated_tokens, 20U);
        EXPECT_EQ(tell(request).text, told.text);
    }
}

TEST_F(GeneratorTest, APromptThatDoesNotFitIsRefusedWithTheCounts) {
    load({.context_tokens = 256}, {.context_tokens = 64, .sequences = 1});
    const std::string text(200, 'z');
    const Told told = tell(greedy(text, 5));
    ASSERT_TRUE(told.failed);
    EXPECT_EQ(told.failed->code, "too_large");
    EXPECT_GE(told.failed->prompt_tokens, 200U);
    EXPECT_EQ(told.failed->context_tokens, 64U);
    wire::Generate shortened = greedy(text + "the end", 5);
    shortened.overflow = wire::Overflow::drop_oldest;
    shortened.keep_tokens = 1;
    const Told shorter = tell(shortened);
    ASSERT_TRUE(shorter.finished);
    EXPECT_EQ(shorter.finished->reason, length);
    EXPECT_EQ(shorter.finished->prompt_tokens, 64U - 5U);
    EXPECT_EQ(shorter.finished->context.front(), 1) << "the beginning is kept";
    EXPECT_GT(shorter.finished->dropped_tokens, 140U);
}

TEST_F(GeneratorTest, AFullWindowEndsTheAnswerOrSlides) {
    load({.context_tokens = 256}, {.context_tokens = 64, .sequences = 2});
    wire::Generate request = greedy("the cat", 0);
    request.max_tokens.reset();
    const Told full = tell(request);
    EXPECT_EQ(full.finished->reason, window);
    EXPECT_EQ(full.finished->prompt_tokens + full.finished->generated_tokens, 65U)
        << "the last is said and not computed";
    request.max_tokens = 300;
    request.shift = true;
    request.keep_tokens = 2;
    const Told slid = tell(request);
    EXPECT_EQ(slid.finished->reason, length);
    EXPECT_EQ(slid.finished->generated_tokens, 300U);
    EXPECT_LE(slid.finished->context.size(), 64U);
    EXPECT_EQ(slid.finished->context.front(), 1);
    EXPECT_THAT(slid.text, testing::StartsWith(full.text.substr(0, 20)));
}

TEST_F(GeneratorTest, APromptCanBeComputedAheadOfTheQuestion) {
    load({}, {.sequences = 1});
    const Told ahead = tell(greedy("once upon a time the cat", 0));
    EXPECT_EQ(ahead.finished->reason, length);
    EXPECT_EQ(ahead.text, "");
    const Told told = tell(greedy("once upon a time the cat sat", 4));
    EXPECT_GE(told.finished->reused_tokens, ahead.finished->prompt_tokens - 1);
}

TEST_F(GeneratorTest, TokensThatTheModelDoesNotHaveAreRefused) {
    load({}, {.sequences = 1});
    for (const wire::Token wrong : {-1, 288, 1'000'000'000}) {
        wire::Generate request = greedy("", 4);
        request.prompt = wire::TokenPrompt{{1, wrong}};
        EXPECT_EQ(tell(request).failed->code, "invalid");
        request.prompt = wire::TextPrompt{"the cat"};
        request.sampling.logit_bias = {{wrong, 5}};
        EXPECT_TRUE(tell(request).finished);
    }
    wire::Generate nothing = greedy("", 4);
    nothing.prompt = wire::TokenPrompt{};
    EXPECT_EQ(tell(nothing).failed->code, "invalid");
}

}  // namespace
}  // namespace lar::inference
