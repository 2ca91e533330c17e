#include "machine.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

namespace lar::lard {
namespace {

class Powercap : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "lar-powercap-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void zone(const std::string& folder, const std::string& name, const std::string& energy) {
        std::filesystem::create_directory(folder_ / folder);
        std::ofstream(folder_ / folder / "name") << name << "\n";
        std::ofstream(folder_ / folder / "max_energy_range_uj") << "1000\n";
        if (!energy.empty()) std::ofstream(folder_ / folder / "energy_uj") << energy << "\n";
    }
    std::filesystem::path folder_;
};

TEST_F(Powercap, PackagesAreAddedUpAndWhatIsPartOfThemIsNot) {
    zone("intel-rapl:0", "package-0", "100");
    zone("intel-rapl:0:0", "core", "50");
    zone("intel-rapl:1", "package-1", "900");
    zone("intel-rapl:2", "psys", "1");
    PackageEnergy energy = PackageEnergy::open(folder_);
    EXPECT_EQ(energy.microjoules(), 0U);
    zone("intel-rapl:0", "package-0", "130");
    zone("intel-rapl:0:0", "core", "90");
    EXPECT_EQ(energy.microjoules(), 30U);
    zone("intel-rapl:1", "package-1", "20");  // began again at 1000
    EXPECT_EQ(energy.microjoules(), 30U + 120U);
}

TEST_F(Powercap, WhatCannotBeReadIsNotGuessed) {
    EXPECT_EQ(PackageEnergy::open(folder_ / "none").microjoules(), std::nullopt);
    zone("intel-rapl:0", "package-0", "100");
    zone("intel-rapl:1", "package-1", "");
    EXPECT_EQ(PackageEnergy::open(folder_).microjoules(), std::nullopt);
}

TEST(Machine, ProcessHasComputedSomethingAndOneThatIsGoneNothing) {
    volatile unsigned work = 0;
    while (cpu_us_of(::getpid()) == 0) work = work + 1;
    EXPECT_GT(cpu_us_of(::getpid()), 0);
    EXPECT_EQ(cpu_us_of(0x7ffffff0), 0);
}

}  // namespace
}  // namespace lar::lard
