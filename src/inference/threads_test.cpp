#include "inference/threads.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <thread>

namespace lar::inference {
namespace {

class Threads : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "lar-threads-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    void write(const std::string& path, const std::string& text) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text << "\n";
    }
    void core(int processor, int package, int core) const {
        const std::string about = "sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/";
        write(about + "physical_package_id", std::to_string(package));
        write(about + "core_id", std::to_string(core));
    }
    std::filesystem::path root_;
};

TEST_F(Threads, TwoThreadsOfACoreCountOnce) {
    for (int processor = 0; processor < 4; ++processor) core(processor, 0, processor / 2);
    EXPECT_EQ(physical_cores(root_, {0, 1, 2, 3}), 2U);
    EXPECT_EQ(physical_cores(root_, {0, 2}), 2U);
    EXPECT_EQ(physical_cores(root_, {0, 1}), 1U);
    EXPECT_EQ(physical_cores(root_, {7, 8}), 2U) << "where nothing is told";
    EXPECT_EQ(physical_cores(root_, {}), 1U);
}

TEST_F(Threads, AQuotaOfAnyGroupAboveCounts) {
    write("proc/self/cgroup", "0::/a/b");
    write("sys/fs/cgroup/a/b/cpu.max", "max 100000");
    EXPECT_GT(granted_processors(root_), 1000U);
    write("sys/fs/cgroup/a/cpu.max", "150000 100000");
    EXPECT_EQ(granted_processors(root_), 2U);
    write("sys/fs/cgroup/a/b/cpu.max", "50000 100000");
    EXPECT_EQ(granted_processors(root_), 1U);
}

TEST_F(Threads, AnOlderControlGroupCountsToo) {
    write("proc/self/cgroup", "4:cpu,cpuacct:/box\n2:memory:/box");
    write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "300000");
    write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000");
    EXPECT_EQ(granted_processors(root_), 3U);
    write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "-1");
    EXPECT_GT(granted_processors(root_), 1000U);
}

// In a thread of its own, so that the others stay as they are.
TEST(Denormals, AreZeroInThisThreadAndThoseItBegins) {
    const auto halved = [] {
        const volatile float smallest = std::numeric_limits<float>::min();
        return smallest / 2;
    };
    std::thread([&] {
        EXPECT_GT(halved(), 0.0F);
        flush_denormals();
        EXPECT_EQ(halved(), 0.0F);
        std::thread([&] { EXPECT_EQ(halved(), 0.0F); }).join();
    }).join();
}

TEST_F(Threads, ThisMachineHasAtLeastOne) { EXPECT_GE(useful_threads(UINT64_MAX), 1U); }

TEST_F(Threads, ASmallModelIsComputedByOne) {
    EXPECT_EQ(useful_threads(0), 1U);
    EXPECT_EQ(useful_threads(2 * least_bytes_a_thread - 1), 1U);
    EXPECT_LE(useful_threads(2 * least_bytes_a_thread), 2U);
}

}  // namespace
}  // namespace lar::inference
