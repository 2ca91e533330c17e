// The channel between lard and lar-spawner: start one of Lar's own workers, end it, hear how it ended.
//
// Spawn carries exactly one descriptor, the worker's end of a socketpair, which the worker finds as
// descriptor 3. The spawner starts nothing but the programs in Worker, from its own directory.
//
// SpawnerReady brings one descriptor upward, the only one that any process of Lar's does: from it lard answers whether
// a process may make a socket (sandbox/leave.h). Without one nobody may.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace lar::wire {

enum class Worker : std::uint8_t { reader, engine, courier };

// How a worker ended. Whoever supervises must handle each.
enum class Ending : std::uint8_t {
    finished,      // exit status 0
    failed,        // another exit status: its own setup did not succeed
    killed,        // by us, on request
    crashed,       // a signal of its own making (SEGV, ABRT, …)
    violation,     // SIGSYS: it tried a system call its policy forbids
    out_of_limit,  // CPU time, file size or memory limit
    not_started,   // fork or exec did not succeed
};

struct Spawn {
    std::uint64_t id = 0;
    Worker worker = Worker::reader;
};
struct Kill {
    std::uint64_t id = 0;
};
using SpawnerRequest = std::variant<Spawn, Kill>;

struct SpawnerReady {
    std::string build;
    std::string layers;  // of its sandbox, for status: "seccomp, landlock 7"
};
struct Spawned {
    std::uint64_t id = 0;
    std::int32_t pid = 0;
};
struct Ended {
    std::uint64_t id = 0;
    Ending how = Ending::not_started;
    std::int32_t status = 0;  // exit status, or the signal's number
    std::string detail;
};
using SpawnerEvent = std::variant<SpawnerReady, Spawned, Ended>;

}  // namespace lar::wire
