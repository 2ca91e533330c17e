#include "work_meter.h"

#include <gtest/gtest.h>

namespace lar::lard {
namespace {

struct Readings {
    std::map<pid_t, std::int64_t> cpu_us;
    std::optional<std::uint64_t> energy_uj = 0;
    WorkMeter meter{[this](pid_t engine) { return cpu_us[engine]; }, [this] { return energy_uj; }};
};

TEST(WorkMeter, OneRequestHasAllThatWasComputedMeanwhile) {
    Readings now;
    now.cpu_us[7] = 500;
    now.energy_uj = 90;
    now.meter.begin(7, 1);
    now.cpu_us[7] = 800;
    now.energy_uj = 100;
    const Spent spent = now.meter.end(7, 1);
    EXPECT_EQ(spent.cpu_us, 300);
    EXPECT_EQ(spent.energy_uj, 10);
    EXPECT_TRUE(spent.energy_known);
}

TEST(WorkMeter, WhatSeveralHaveTogetherIsSharedAndNothingIsCountedTwice) {
    Readings now;
    now.meter.begin(7, 1);
    now.cpu_us[7] = 100, now.energy_uj = 10;
    now.meter.begin(7, 2);
    now.cpu_us[7] = 300, now.energy_uj = 30;
    now.meter.begin(8, 2);  // another engine: its processor time is its own, the energy is everybody's
    now.cpu_us[7] = 500, now.cpu_us[8] = 50, now.energy_uj = 60;
    const Spent first = now.meter.end(7, 1), other = now.meter.end(8, 2), second = now.meter.end(7, 2);
    EXPECT_EQ(first.cpu_us, 100 + 100 + 100);
    EXPECT_EQ(second.cpu_us, 100 + 100);
    EXPECT_EQ(other.cpu_us, 50);
    EXPECT_DOUBLE_EQ(first.energy_uj + second.energy_uj + other.energy_uj, 60);
}

TEST(WorkMeter, WhatHappensBetweenRequestsIsNobodys) {
    Readings now;
    now.meter.begin(7, 1);
    now.meter.end(7, 1);
    now.cpu_us[7] = 1000, now.energy_uj = 1000;
    now.meter.begin(7, 2);
    EXPECT_EQ(now.meter.end(7, 2).cpu_us, 0);
}

TEST(WorkMeter, EnergyThatWasNotReadTheWholeTimeIsNotKnown) {
    Readings now;
    now.meter.begin(7, 1);
    now.energy_uj = std::nullopt;
    now.meter.begin(7, 2);
    now.energy_uj = 5;
    EXPECT_FALSE(now.meter.end(7, 1).energy_known);
    EXPECT_FALSE(now.meter.end(7, 2).energy_known);
    EXPECT_FALSE(now.meter.end(7, 3).energy_known) << "one that never began";
}

TEST(WorkMeter, EngineThatIsGoneTakesItsRequestsAlong) {
    Readings now;
    now.cpu_us[7] = 1000;
    now.meter.begin(7, 1);
    now.meter.forget(7);
    now.cpu_us[7] = 20;  // another process of that number
    now.meter.begin(7, 2);
    now.cpu_us[7] = 50;
    EXPECT_EQ(now.meter.end(7, 2).cpu_us, 30);
    EXPECT_EQ(now.meter.end(7, 1).cpu_us, 0);
}

}  // namespace
}  // namespace lar::lard
