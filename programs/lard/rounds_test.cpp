#include "rounds.h"

#include <gtest/gtest.h>

#include <semaphore>

namespace lar::lard {
namespace {

using namespace std::chrono_literals;

// Nobody waits that long: stop() ends it, or the test never ends.
constexpr auto for_ever = 24h;

TEST(Rounds, OneIsDoneAtOnceAndOneAfterEachWaking) {
    std::counting_semaphore<> done(0);
    Rounds rounds;
    ASSERT_TRUE(rounds.start({.name = "a test", .round = [&]() -> Result<> {
                                  done.release();
                                  return {};
                              }}));
    done.acquire();
    for (int i = 0; i < 100; ++i) {
        rounds.wake();
        done.acquire();
    }
    rounds.stop();
    EXPECT_TRUE(rounds.idle());
    rounds.wake();
    EXPECT_FALSE(done.try_acquire());
}

TEST(Rounds, AFailureIsToldAndThePauseAfterItEndsWithStopping) {
    std::binary_semaphore told(0);
    std::string message;
    Rounds rounds;
    ASSERT_TRUE(rounds.start({.name = "a test",
                              .round = []() -> Result<> { return fail(Code::unavailable, "not today"); },
                              .failed =
                                  [&](const Error& error) {
                                      message = error.message;
                                      told.release();
                                  }}));
    told.acquire();
    rounds.stop();
    EXPECT_EQ(message, "not today");
}

TEST(Rounds, APauseWithinARoundEndsWithStoppingAndItsFailureIsNotTold) {
    std::binary_semaphore begun(0);
    bool went_on = true;
    int failures = 0;
    Rounds rounds;
    ASSERT_TRUE(rounds.start({.name = "a test",
                              .round = [&]() -> Result<> {
                                  begun.release();
                                  went_on = rounds.pause(for_ever);
                                  return fail(Code::unavailable, "stopped");
                              },
                              .failed = [&](const Error&) { ++failures; }}));
    begun.acquire();
    EXPECT_FALSE(rounds.idle());
    rounds.stop();
    EXPECT_FALSE(went_on);
    EXPECT_EQ(failures, 0);
}

TEST(Rounds, OnesThatWereNeverStartedStop) {
    Rounds rounds;
    rounds.wake();
    rounds.stop();
    EXPECT_TRUE(rounds.stopping());
}

}  // namespace
}  // namespace lar::lard
