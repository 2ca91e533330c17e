// What `lar doctor --air-gap` reports: each of Lar's processes under its policy, and each attempt to get out of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lar::wire {

struct AirGapAttempt {
    std::string name;            // "tcp4"
    std::string group;           // network, processes or files
    std::string what;            // "connect over TCP, IPv4, on this machine"
    std::string without_policy;  // through: it works on this machine; impossible; not_made: it would leave it
};
struct AirGapOutcome {
    std::string attempt;
    std::string outcome;  // refused, its_work, through, impossible (without a policy, too), unclear
    std::string how;      // "SIGSYS", "EACCES"; by what it was refused
};
struct AirGapProcess {
    std::string process;  // "lar-reader"
    std::string policy;   // which of its policies: "documents"; empty where there is one
    std::string layers;   // "seccomp, landlock 7"
    std::vector<AirGapOutcome> outcomes;
    bool holds = false;
};
struct AirGapReport {
    std::string version, build;
    std::string time;    // RFC 3339
    std::string kernel;  // "Linux 6.18.5 x86_64"
    std::uint32_t user_id = 0;
    bool root = false;
    std::vector<std::string> missing;  // layers that this kernel lacks
    std::vector<AirGapAttempt> attempts;
    std::vector<AirGapProcess> processes;
    bool holds = false;  // every promise
};

// {"report":…,"sha256":"…"}, the hash of the bytes of the report as they stand there.
std::string document_of(const AirGapReport& report);

}  // namespace lar::wire
