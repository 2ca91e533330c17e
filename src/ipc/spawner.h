// lard's side of lar-spawner: the only way to a new process once lard has locked itself down.
//
//     auto spawner = TRY(Spawner::start(TRY(programs_directory())));   // before the policy is applied
//     Worker worker = TRY(spawner->spawn(wire::Worker::reader));       // any thread, any time later
//     send(worker.channel(), ...); receive<...>(worker.channel());
//     worker.wait_ended(1000)                                          // how it ended, as a value
//
// The spawner lives as long as its channel: it ends with lard, however lard ends, and its workers end
// with it. A Worker that goes out of scope is killed. There is no thread here and nothing wakes up:
// whoever asks about a worker reads what the spawner has said meanwhile.
//
// What it refuses: a spawner of another build, one that answers nonsense (it is left alone from then
// on, and every call is unavailable), more than limit_workers at once.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "ipc/channel.h"
#include "wire/spawner.h"

namespace lar::ipc {

inline constexpr std::size_t limit_workers = 16;
// A worker finds its channel here; so does the spawner.
inline constexpr int worker_channel = 3;
// Exit status of a worker that ran out of memory: only it can tell that from a mistake.
inline constexpr int exit_out_of_memory = 77;

struct Ended {
    wire::Ending how = wire::Ending::not_started;
    std::int32_t status = 0;
    std::string detail;
};
// "it crashed (signal 11)", to complete "the reader stopped: …".
std::string sentence(const Ended& ended);

// The folder of the running program: all of Lar's programs are in one.
Result<std::filesystem::path> programs_directory();

class Spawner;

class Worker {
public:
    Worker(Worker&&) noexcept = default;
    Worker& operator=(Worker&&) noexcept = default;
    ~Worker();

    Channel& channel() { return *channel_; }
    pid_t pid() const { return pid_; }
    // Asks for its end; wait_ended says when it came.
    void kill();
    // nullopt while it runs, as far as the spawner has said.
    std::optional<Ended> ended();
    // Waits for the end, at most so long; timeout beyond, unavailable when the spawner is gone.
    Result<Ended> wait_ended(std::int64_t timeout_ms);

private:
    friend class Spawner;
    Worker(std::shared_ptr<class SpawnerState> state, std::uint64_t id, pid_t pid, Channel channel);

    std::shared_ptr<class SpawnerState>
        state_;  // shared: a Worker may outlive its Spawner and then just reports it gone
    std::uint64_t id_ = 0;
    pid_t pid_ = 0;
    std::unique_ptr<Channel> channel_;
};

class Spawner {
public:
    static Result<std::unique_ptr<Spawner>> start(const std::filesystem::path& programs);
    ~Spawner();  // ends the spawner and its workers

    // Any thread. Waits until the program runs (milliseconds).
    Result<Worker> spawn(wire::Worker worker);

    // What lard answers for sockets from (sandbox/leave.h), once; empty where the kernel cannot ask, and then nobody
    // has leave. Whoever takes it must answer: a process that asks waits.
    Fd take_questions();

    // Called when a worker was ended by its filter, on whatever thread hears of it: it must be quick, and not ask the
    // spawner anything.
    void on_violation(std::function<void(wire::Worker)> tell);

    pid_t pid() const;
    // Of the spawner itself: "seccomp, landlock 7".
    std::string layers() const;
    // False once it has ended or said nonsense. It cannot be started again: lard has no exec.
    bool alive();
    // Workers that run, as far as is known: id by id, their pids.
    std::vector<pid_t> workers();

private:
    explicit Spawner(std::shared_ptr<class SpawnerState> state) : state_(std::move(state)) {}
    std::shared_ptr<class SpawnerState> state_;
};

// When to try again after a worker ended badly: at once the first time, then after a growing pause, and not
// any more within the window once it has ended badly too often. Time is passed in.
class RestartPolicy {
public:
    static constexpr int limit_failures = 5;
    static constexpr std::int64_t window_us = 60'000'000;
    static constexpr std::int64_t first_pause_us = 250'000;

    void failed(std::int64_t now_us);
    void succeeded() { failures_ = 0; }
    // The moment from which a start is reasonable; not after now when it is at once.
    std::int64_t next_start_us() const { return next_start_us_; }
    bool may_start(std::int64_t now_us) const { return now_us >= next_start_us_; }

private:
    int failures_ = 0;
    std::int64_t first_failure_us_ = 0;
    std::int64_t next_start_us_ = 0;
};

}  // namespace lar::ipc
