// What the machine says of work and energy.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"

namespace lar::lard {

// Microseconds that a process has computed, all its threads together; 0: it is gone.
std::int64_t cpu_us_of(pid_t process);

// The energy of the processor packages as the kernel counts it (powercap, RAPL). Most systems let only root read that.
class PackageEnergy {
public:
    // `powercap`: /sys/class/powercap, or a test's.
    static PackageEnergy open(const std::filesystem::path& powercap);

    // Microjoules since open(), all packages together, whole processor and everybody's work; none: it cannot be read.
    std::optional<std::uint64_t> microjoules();

private:
    struct Package {
        Fd counter;
        std::uint64_t range = 0;  // where the counter begins again
        std::uint64_t last = 0;
    };
    std::vector<Package> packages_;
    std::uint64_t sum_ = 0;
};

}  // namespace lar::lard
