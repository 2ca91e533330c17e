// The spawner's one loop: take a request, start or end a worker; see a worker end, say how.
//
// It trusts lard and reads no foreign byte: a request that does not parse means that something is badly
// wrong, and run() returns the error. When lard's end of the channel closes, run() returns and the
// workers are ended, each of which would also end by itself: its parent's death is a signal to it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "ipc/channel.h"
#include "wire/spawner.h"

namespace lar::spawner {

class Service {
public:
    // Makes ready what workers need (/dev/null, the signal of their end) while that is still allowed.
    static Result<Service> make(std::filesystem::path programs, ipc::Channel channel);
    // Says that it is ready and hands over what lard answers for sockets from, if there is any; then serves until the
    // channel closes.
    Result<> run(const std::string& layers, Fd questions);
    void end_workers();

private:
    struct Running {
        std::uint64_t id = 0;
        bool killed = false;  // on request
    };

    Service(std::filesystem::path programs, ipc::Channel channel, Fd null)
        : programs_(std::move(programs)), channel_(std::move(channel)), null_(std::move(null)) {}
    Result<> take_request();
    Result<> start(const wire::Spawn& request, Fd channel);
    Result<> kill(const wire::Kill& request);
    Result<> reap();
    Result<> say(wire::SpawnerEvent event);

    std::filesystem::path programs_;
    ipc::Channel channel_;
    Fd null_;
    std::map<pid_t, Running> running_;
};

}  // namespace lar::spawner
