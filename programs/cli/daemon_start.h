// Getting lard to run: `lar` starts it when nobody listens on the socket.
//
// lard is found beside this program (/proc/self/exe), never on the search path. It holds a lock, so that two
// that start at the same moment come down to one; whoever waits sees the winner.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/paths.h"
#include "connection.h"
#include "failure.h"

namespace lar::cli {

inline constexpr int start_deadline_ms = 5000;

// Where lard is; not_found when it is not beside this program.
Outcome<std::filesystem::path> find_lard();

// The running lard, started in the background when there is none.
Outcome<std::unique_ptr<Connection>> connect_or_start(const Paths& paths, const std::atomic<bool>& cancelled);
// The running lard, or a Failure that says it does not run.
Outcome<std::unique_ptr<Connection>> connect_running(const Paths& paths, const std::atomic<bool>& cancelled);

// A lard of our own under another LAR_HOME, which ends with us: for measuring. Ends it when destroyed.
class PrivateDaemon {
public:
    static Outcome<PrivateDaemon> start(const std::filesystem::path& home, const std::atomic<bool>& cancelled);
    PrivateDaemon(PrivateDaemon&& other) noexcept;
    PrivateDaemon& operator=(PrivateDaemon&&) = delete;
    ~PrivateDaemon();

    Connection& connection() { return *connection_; }

private:
    PrivateDaemon(pid_t pid, std::unique_ptr<Connection> connection) : pid_(pid), connection_(std::move(connection)) {}
    pid_t pid_ = -1;
    std::unique_ptr<Connection> connection_;
};

}  // namespace lar::cli
