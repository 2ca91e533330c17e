#include "answer/route.h"

#include <gtest/gtest.h>

namespace lar::answer {
namespace {

TEST(Disagreement, IsThePartOfTheWordsThatOneAnswerAloneSays) {
    EXPECT_EQ(disagreement_of("The lease ends in May.", "in May the LEASE ends"), 0);
    EXPECT_EQ(disagreement_of("lighthouse", "narwhal"), 1);
    EXPECT_DOUBLE_EQ(disagreement_of("seven attempts", "nine attempts"), 1 - 1.0 / 3);
    EXPECT_EQ(disagreement_of("", ""), 0);
    EXPECT_EQ(disagreement_of("something", ""), 1);
}

TEST(Disagreement, KnowsWordsThatNoSpaceParts) {
    const double half = disagreement_of("七回まで試す", "七回まで待つ");
    EXPECT_GT(half, 0);
    EXPECT_LT(half, 1);
}

TEST(RouteWish, IsTheUsersQuestionOrTheUsersRule) {
    consent::Settings rules;
    const Facts facts{.consent = &rules};
    EXPECT_EQ(route_wish({}, {}), RouteWish::none);
    EXPECT_EQ(route_wish({}, facts), RouteWish::none);
    EXPECT_EQ(route_wish({.explain_route = true}, {}), RouteWish::told);
    rules.routing.provider = "big";
    EXPECT_EQ(route_wish({}, facts), RouteWish::proposal);
    EXPECT_FALSE(wants_second_answer({}, facts));
    rules.routing.disagreement_limit = 0.5;
    EXPECT_TRUE(wants_second_answer({}, facts));
    EXPECT_TRUE(wants_second_answer({.explain_route = true}, {}));
}

}  // namespace
}  // namespace lar::answer
