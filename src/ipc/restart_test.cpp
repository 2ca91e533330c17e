#include <gtest/gtest.h>

#include "ipc/spawner.h"

namespace lar::ipc {
namespace {

TEST(Restart, TheFirstFailureIsFollowedAtOnceAndLaterOnesByGrowingPauses) {
    RestartPolicy policy;
    EXPECT_TRUE(policy.may_start(0));
    policy.failed(1000);
    EXPECT_TRUE(policy.may_start(1000));
    policy.failed(2000);
    EXPECT_FALSE(policy.may_start(2000));
    EXPECT_EQ(policy.next_start_us(), 2000 + RestartPolicy::first_pause_us);
    policy.failed(300'000);
    EXPECT_EQ(policy.next_start_us(), 300'000 + 2 * RestartPolicy::first_pause_us);
}

TEST(Restart, TooManyFailuresInAMinuteEndTheTriesUntilItIsOver) {
    RestartPolicy policy;
    for (int i = 0; i < RestartPolicy::limit_failures; ++i) policy.failed(1000 + i);
    EXPECT_FALSE(policy.may_start(RestartPolicy::window_us));
    EXPECT_TRUE(policy.may_start(1000 + RestartPolicy::window_us));
}

TEST(Restart, FailuresFarApartAreEachTheFirst) {
    RestartPolicy policy;
    std::int64_t now = 0;
    for (int i = 0; i < 20; ++i) {
        policy.failed(now);
        EXPECT_TRUE(policy.may_start(now));
        now += 2 * RestartPolicy::window_us;
    }
}

TEST(Restart, SuccessForgetsFailures) {
    RestartPolicy policy;
    policy.failed(0);
    policy.failed(0);
    policy.succeeded();
    policy.failed(10'000'000);
    EXPECT_TRUE(policy.may_start(10'000'000));
}

}  // namespace
}  // namespace lar::ipc
