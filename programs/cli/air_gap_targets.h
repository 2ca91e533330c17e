// What attempts to get out are aimed at: sockets that listen on this machine and files of the user's, all made for it
// and gone with it. Nobody reads what arrives.
#pragma once

#include <filesystem>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "sandbox/attempts.h"

namespace lar::cli {

class AirGapTargets {
public:
    // In `home` and in the system's temporary folder.
    static Result<AirGapTargets> make(const std::filesystem::path& home);
    AirGapTargets(AirGapTargets&&) noexcept = default;
    AirGapTargets& operator=(AirGapTargets&&) noexcept = default;
    ~AirGapTargets();

    const sandbox::Targets& targets() const { return targets_; }

private:
    AirGapTargets() = default;
    Result<> listen();
    Result<> make_files(const std::filesystem::path& home);

    sandbox::Targets targets_;
    std::vector<Fd> sockets_;
    std::vector<std::filesystem::path> folders_;
};

}  // namespace lar::cli
