// How much memory is left for models: what the kernel calls available, or less where a cgroup limits this process.
//
// Pages of files that nobody holds count as free, as they do for the kernel: a model's mapped weights give way.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace lar::models {

enum class Bound { machine, cgroup };  // what leaves the least

struct Memory {
    std::uint64_t available_bytes = 0;
    std::uint64_t total_bytes = 0;  // of the machine, or the limit
    Bound bound = Bound::machine;
};

class MemoryMeter {
public:
    virtual ~MemoryMeter() = default;
    virtual Result<Memory> now() const = 0;
};

// Reads /proc and the cgroup's files, of version 2 or 1, at every level above this process.
class SystemMemory final : public MemoryMeter {
public:
    explicit SystemMemory(std::filesystem::path proc = "/proc", std::filesystem::path cgroups = "/sys/fs/cgroup")
        : proc_(std::move(proc)), cgroups_(std::move(cgroups)) {}
    Result<Memory> now() const override;

private:
    std::filesystem::path proc_, cgroups_;
};

}  // namespace lar::models
