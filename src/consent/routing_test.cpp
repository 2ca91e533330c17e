#include "consent/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lar::consent {
namespace {

using ::testing::HasSubstr;

const Settings settings{.providers = {{.name = "big", .host = "api.example", .model = "m"}}};
const RoutingRules rules{.provider = "big", .tasks = {Task::code}};

RoutingFacts small(std::string question) {
    return {.question = std::move(question),
            .with_sources = true,
            .prompt_tokens = 900,
            .answer_tokens = 100,
            .window_tokens = 4096};
}

TEST(Routing, LocalIsTheDefaultAndEverythingThatWasLookedAtIsTold) {
    const Route route = decide(small("when does the lease end?"), rules, settings);
    EXPECT_FALSE(route.proposes);
    EXPECT_EQ(route.task, Task::answer);
    ASSERT_EQ(route.reasons.size(), 5U);
    EXPECT_EQ(route.reasons[2].found, "1000 tokens wanted, 4096 there are");
    EXPECT_EQ(route.reasons[3].found, "not measured");
    EXPECT_THAT(route.why, HasSubstr("here"));
}

TEST(Routing, EachReasonAloneProposesAndSaysSo) {
    RoutingFacts facts = small("when?");
    facts.user_asks = true;
    EXPECT_EQ(decide(facts, rules, settings).why, "big could be asked: you asked for it");
    EXPECT_THAT(decide(small("please refactor this"), rules, settings).why, HasSubstr("your rules name this task"));
    facts = small("when?");
    facts.prompt_tokens = 5000;
    EXPECT_THAT(decide(facts, rules, settings).why, HasSubstr("5100 tokens wanted"));
    facts = small("when?");
    facts.window_tokens = 0;
    EXPECT_TRUE(decide(facts, rules, settings).proposes);
    facts = small("when?");
    facts.uncertainty = {.token_entropy = 2.51};
    EXPECT_THAT(decide(facts, rules, settings).why, HasSubstr("unsure"));
    facts.uncertainty = {.token_entropy = 2.5, .disagreement = 0.61};
    EXPECT_THAT(decide(facts, rules, settings).why, HasSubstr("disagreed"));
    facts.uncertainty = {.token_entropy = 2.5, .disagreement = 0.6};
    EXPECT_FALSE(decide(facts, rules, settings).proposes);
}

TEST(Routing, WithoutAProviderOfTheUsersNothingIsProposed) {
    RoutingFacts facts = small("when?");
    facts.user_asks = true;
    for (const RoutingRules& none : {RoutingRules{}, RoutingRules{.provider = "unknown"}}) {
        const Route route = decide(facts, none, settings);
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
}

}  // namespace
}  // namespace lar::consent
