#include "consent/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::consent {
namespace {

using ::testing::HasSubstr;

const Settings settings{.providers = {{.name = "big", .host = "api.example", .model = "m"}},
                        .routing = {.provider = "big", .tasks = {Task::code}}};

RoutingFacts small(std::string question) {
    return {.question = std::move(question), .with_sources = true, .wanted_tokens = 1000, .window_tokens = 4096};
}

TEST(Routing, LocalIsTheDefaultAndEverythingThatWasLookedAtIsToldWithItsLimit) {
    const Route route = decide(small("when does the lease end?"), settings);
    EXPECT_FALSE(route.proposes);
    EXPECT_EQ(route.task, Task::answer);
    ASSERT_EQ(route.reasons.size(), 5U);
    EXPECT_EQ(route.reasons[0].limit, "your rules name code");
    EXPECT_EQ(route.reasons[2].value, "1000 tokens wanted");
    EXPECT_EQ(route.reasons[2].limit, "4096 tokens");
    EXPECT_EQ(route.reasons[3].value, "not measured");
    EXPECT_EQ(route.reasons[3].limit, "2.50");
    EXPECT_EQ(route.reasons[4].limit, "0.60");
    EXPECT_THAT(route.why, HasSubstr("here"));
}

TEST(Routing, EachReasonAloneProposesAndSaysSo) {
    EXPECT_EQ(decide(small("please refactor this"), settings).why, "big could be asked: your rules name the task code");
    RoutingFacts facts = small("when?");
    facts.wanted_tokens = 4097;
    EXPECT_EQ(decide(facts, settings).why,
              "big could be asked: the local window does not hold it: 4097 tokens wanted, 4096 tokens there are");
    facts.wanted_tokens = 4096;
    EXPECT_FALSE(decide(facts, settings).proposes);
    facts.model = LocalModel::too_small;
    EXPECT_TRUE(decide(facts, settings).proposes) << "the model's own count is better than an estimate";
    facts = small("when?");
    facts.uncertainty = {.token_entropy = 2.51};
    EXPECT_THAT(decide(facts, settings).why, HasSubstr("unsure"));
    facts.uncertainty = {.token_entropy = 2.5, .disagreement = 0.61};
    EXPECT_THAT(decide(facts, settings).why, HasSubstr("disagreed"));
    facts.uncertainty = {.token_entropy = 2.5, .disagreement = 0.6};
    EXPECT_FALSE(decide(facts, settings).proposes);
}

TEST(Routing, AModelThatIsNotThereOrFailedIsAReasonAndOneThatNobodyWantedIsNone) {
    RoutingFacts facts = small("when?");
    for (const auto& [model, words] : {std::pair(LocalModel::missing, "there is no model here"),
                                       std::pair(LocalModel::failed, "could not write an answer")}) {
        facts.model = model;
        const Route route = decide(facts, settings);
        EXPECT_TRUE(route.proposes);
        EXPECT_THAT(route.why, HasSubstr(words));
        EXPECT_EQ(route.reasons[2].value, "not measured");
    }
    facts.model = LocalModel::not_asked;
    EXPECT_FALSE(decide(facts, settings).proposes);
}

TEST(Routing, TheUsersOwnLimitsCountInsteadOfTheDefaults) {
    Settings strict = settings;
    strict.routing.entropy_limit = 0.5;
    strict.routing.disagreement_limit = 0.1;
    RoutingFacts facts = small("when?");
    facts.uncertainty = {.token_entropy = 0.6};
    EXPECT_TRUE(decide(facts, strict).proposes);
    facts.uncertainty = {.disagreement = 0.2};
    EXPECT_TRUE(decide(facts, strict).proposes);
    EXPECT_FALSE(decide(facts, settings).proposes);
}

TEST(Routing, WithoutAProviderOfTheUsersNothingIsProposed) {
    RoutingFacts facts = small("when?");
    facts.model = LocalModel::missing;
    for (const std::string_view nobody : {"", "unknown"}) {
        Settings none = settings;
        none.routing.provider = nobody;
        const Route route = decide(facts, none);
        EXPECT_FALSE(route.proposes);
        EXPECT_EQ(route.provider, "");
        EXPECT_THAT(route.why, HasSubstr("names nobody"));
    }
}

TEST(Routing, TasksAreToldByWholeWords) {
    EXPECT_EQ(task_of("Summarise the notes of last week", true), Task::summarise);
    EXPECT_EQ(task_of("extract the dates as JSON", true), Task::extract);
    EXPECT_EQ(task_of("Classify this mail", false), Task::classify);
    EXPECT_EQ(task_of("why?\n```c\nint a;\n```", true), Task::code);
    EXPECT_EQ(task_of("Prove it, step-by-step", false), Task::reasoning);
    EXPECT_EQ(task_of("what improves a planet?", true), Task::answer);
    EXPECT_EQ(task_of("hello", false), Task::talk);
    EXPECT_EQ(task_of("", false), Task::talk);
    for (const Task task : {Task::classify, Task::embed, Task::talk, Task::reasoning})
        EXPECT_EQ(task_named(to_string(task)), task);
    EXPECT_EQ(task_named("poetry"), std::nullopt);
    EXPECT_THAT(task_names(), HasSubstr("code, reasoning"));
}

}  // namespace
}  // namespace lar::consent
