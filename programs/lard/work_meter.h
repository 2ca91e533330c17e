// What requests to engines cost, shared among those under way: an engine computes several at once, and nobody can say
// which of its instructions were whose.
//
// Whenever a request begins or ends, what the engine has computed since the last time is given in equal parts to the
// requests that it had meanwhile; so is the energy of the processor, to the requests of all engines. A request that
// waits within the engine counts as one it has. What the machine spends while nobody asks is nobody's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace lar::lard {

struct Spent {
    double cpu_us = 0;
    double energy_uj = 0;
    bool energy_known = true;  // the whole time
};

class WorkMeter {
public:
    using ReadCpu = std::function<std::int64_t(pid_t)>;                // microseconds that a process has computed
    using ReadEnergy = std::function<std::optional<std::uint64_t>()>;  // microjoules so far; never less than before

    WorkMeter(ReadCpu read_cpu, ReadEnergy read_energy)
        : read_cpu_(std::move(read_cpu)), read_energy_(std::move(read_energy)) {}

    void begin(pid_t engine, std::uint64_t request);
    Spent end(pid_t engine, std::uint64_t request);  // nothing of one that never began
    void forget(pid_t engine);                       // with its requests: it is gone

private:
    using Key = std::pair<pid_t, std::uint64_t>;
    void share_out(pid_t engine);

    const ReadCpu read_cpu_;
    const ReadEnergy read_energy_;
    std::map<Key, Spent> under_way_;
    std::map<pid_t, std::int64_t> cpu_us_;
    std::optional<std::uint64_t> energy_uj_;
};

}  // namespace lar::lard
