#include "ipc/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/build.h"
#include "base/format.h"
#include "base/time.h"

namespace lar::ipc {
namespace {

constexpr std::int64_t answer_ms = 10'000;  // of a spawner that has a fork and an exec to do, on a machine that swaps
constexpr std::int64_t step_ms = 50;        // others get a turn at the channel so often

std::string_view words(wire::Ending ending) {
    switch (ending) {
        case wire::Ending::finished: return "it finished";
        case wire::Ending::failed: return "it could not set itself up";
        case wire::Ending::killed: return "it was stopped on request";
        case wire::Ending::crashed: return "it crashed";
        case wire::Ending::violation:
            return "it tried a system call that its policy forbids and was stopped by the kernel";
        case wire::Ending::out_of_limit: return "it went over its limit of time or memory";
        case wire::Ending::not_started: return "it could not be started";
    }
    return "it ended";
}

struct SpawnAttributes {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    SpawnAttributes() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnAttributes() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
};

// Of its own session, so that Ctrl-C in the terminal of `lar serve` is lard's to answer; with no environment,
// so that no LD_* and no HOME reaches a worker; with its channel as descriptor 3 and none above.
Result<pid_t> execute(const std::filesystem::path& program, const Fd& channel) {
    SpawnAttributes with;
    ::posix_spawn_file_actions_addopen(&with.actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&with.actions, channel.number(), worker_channel);
    ::posix_spawn_file_actions_addclosefrom_np(&with.actions, worker_channel + 1);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&with.attributes, &none);
    sigset_t all;
    sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&with.attributes, &all);
    ::posix_spawnattr_setflags(&with.attributes,
                               static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    std::string name = program.string();
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    pid_t pid = 0;
    const int status =
        ::posix_spawn(&pid, name.c_str(), &with.actions, &with.attributes, arguments.data(), environment.data());
    if (status != 0) return fail_errno(lar::format("cannot start {}", name), status);
    return pid;
}

}  // namespace

// What Spawner and its Workers share. The mutex is held while the channel is read, in short steps.
class SpawnerState {
public:
    SpawnerState(Channel channel, pid_t pid) : channel_(std::move(channel)), pid_(pid) {}
    ~SpawnerState() { stop(); }

    Result<> greet();
    Result<std::pair<std::uint64_t, pid_t>> spawn(wire::Worker worker, int descriptor);
    void kill(std::uint64_t id);
    void forget(std::uint64_t id);
    std::optional<Ended> ended(std::uint64_t id);
    Result<Ended> wait_ended(std::uint64_t id, std::int64_t timeout_ms);
    bool alive();
    std::vector<pid_t> workers();
    void on_violation(std::function<void(wire::Worker)> tell);
    void stop();
    pid_t pid() const { return pid_; }
    std::string layers() const { return layers_; }
    Fd take_questions() { return std::move(questions_); }

private:
    struct Known {
        wire::Worker worker = wire::Worker::reader;
        pid_t pid = 0;  // 0: not running yet
        bool owned = true;
        std::optional<Ended> ended;
    };

    // Reads one event, or all that are there already. The mutex is held.
    Result<> take_event(std::int64_t timeout_ms);
    void take_all();
    Result<> handle(const wire::SpawnerEvent& event);
    std::unexpected<Error> gone(const Error& error);
    std::size_t running() const;

    std::mutex mutex_;
    Channel channel_;
    const pid_t pid_;
    std::string layers_;
    Fd questions_;
    bool gone_ = false;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Known> workers_;
    std::function<void(wire::Worker)> tell_violation_;
};

std::unexpected<Error> SpawnerState::gone(const Error& error) {
    gone_ = true;
    channel_.close();  // it ends itself and its workers when its channel ends
    return fail(Code::unavailable,
                "lar-spawner has stopped, so no worker can be started until lard is restarted ('lar shutdown'): " +
                    error.message);
}

Result<> SpawnerState::take_event(std::int64_t timeout_ms) {
    if (gone_)
        return fail(Code::unavailable,
                    "lar-spawner has stopped, so no worker can be started until lard is restarted ('lar shutdown')");
    Result<wire::SpawnerEvent> event = receive<wire::SpawnerEvent>(channel_, {.timeout_ms = timeout_ms});
    if (!event && event.error().code == Code::timeout) return std::unexpected(event.error());
    if (!event) return gone(event.error());
    if (Result<> handled = handle(*event); !handled) return gone(handled.error());
    return {};
}

void SpawnerState::take_all() {
    while (take_event(0)) {
    }
}

Result<> SpawnerState::handle(const wire::SpawnerEvent& event) {
    if (const auto* spawned = std::get_if<wire::Spawned>(&event)) {
        const auto known = workers_.find(spawned->id);
        if (known == workers_.end() || known->second.pid != 0 || spawned->pid <= 0)
            return fail(Code::corrupt, "it started what nobody asked for");
        known->second.pid = spawned->pid;
        return {};
    }
    if (const auto* ended = std::get_if<wire::Ended>(&event)) {
        const auto known = workers_.find(ended->id);
        if (known == workers_.end() || known->second.ended) return fail(Code::corrupt, "it ended what nobody started");
        if (ended->how == wire::Ending::violation && tell_violation_) tell_violation_(known->second.worker);
        if (known->second.owned) {
            known->second.ended = Ended{ended->how, ended->status, ended->detail};
        } else {
            workers_.erase(known);
        }
        return {};
    }
    return fail(Code::corrupt, "it said again that it is ready");
}

Result<> SpawnerState::greet() {
    auto event = TRY(receive_with_descriptors<wire::SpawnerEvent>(channel_, 1, {.timeout_ms = answer_ms}));
    const auto* ready = std::get_if<wire::SpawnerReady>(&event.message);
    if (!ready) return fail(Code::corrupt, "lar-spawner did not say that it is ready");
    if (ready->build != build_id())
        return fail(Code::conflict,
                    lar::format("lar-spawner is of another build ({}) than lard ({}); install them together",
                                ready->build, build_id()));
    layers_ = ready->layers;
    if (!event.descriptors.empty()) questions_ = std::move(event.descriptors.front());
    return {};
}

std::size_t SpawnerState::running() const {
    std::size_t count = 0;
    for (const auto& [id, known] : workers_) count += known.ended ? 0U : 1U;
    return count;
}

Result<std::pair<std::uint64_t, pid_t>> SpawnerState::spawn(wire::Worker worker, int descriptor) {
    const std::lock_guard lock(mutex_);
    take_all();
    if (running() >= limit_workers)
        return fail(Code::unavailable, lar::format("{} workers run already", limit_workers));
    const std::uint64_t id = ++last_id_;
    workers_[id] = {.worker = worker};
    const std::array<int, 1> descriptors{descriptor};
    const wire::SpawnerRequest request = wire::Spawn{.id = id, .worker = worker};
    if (Result<> sent = channel_.send(wire::to_json(request), {.timeout_ms = answer_ms}, {}, descriptors); !sent) {
        workers_.erase(id);
        return gone(sent.error());
    }
    for (;;) {
        const Known& known = workers_[id];
        if (known.ended) {
            const Ended how = *known.ended;
            workers_.erase(id);
            return fail(Code::unavailable, lar::format("a worker stopped: {}", sentence(how)));
        }
        if (known.pid != 0) return std::pair(id, known.pid);
        if (Result<> event = take_event(answer_ms); !event) {
            workers_.erase(id);
            return event.error().code == Code::timeout ? gone(event.error()) : std::unexpected(event.error());
        }
    }
}

void SpawnerState::kill(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    if (gone_ || !workers_.contains(id) || workers_[id].ended) return;
    if (Result<> sent = send<wire::SpawnerRequest>(channel_, wire::Kill{.id = id}, {.timeout_ms = answer_ms}); !sent)
        static_cast<void>(gone(sent.error()));
}

void SpawnerState::forget(std::uint64_t id) {
    kill(id);
    const std::lock_guard lock(mutex_);
    const auto known = workers_.find(id);
    if (known == workers_.end()) return;
    if (known->second.ended || gone_) {
        workers_.erase(known);
    } else {
        known->second.owned = false;
    }
}

std::optional<Ended> SpawnerState::ended(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    take_all();
    const auto known = workers_.find(id);
    if (known != workers_.end() && known->second.ended) return known->second.ended;
    if (gone_) return Ended{.how = wire::Ending::killed, .detail = "lar-spawner has stopped, and its workers with it"};
    return std::nullopt;
}

Result<Ended> SpawnerState::wait_ended(std::uint64_t id, std::int64_t timeout_ms) {
    const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
    for (;;) {
        if (std::optional<Ended> how = ended(id)) return *how;
        const std::int64_t left = deadline_ms - monotonic_ms();
        if (left <= 0) return fail(Code::timeout, "the worker still runs");
        const std::lock_guard lock(mutex_);
        // Another thread may have read the event meanwhile; the next round sees it.
        static_cast<void>(take_event(std::min(left, step_ms)));
    }
}

bool SpawnerState::alive() {
    const std::lock_guard lock(mutex_);
    take_all();
    return !gone_;
}

std::vector<pid_t> SpawnerState::workers() {
    const std::lock_guard lock(mutex_);
    take_all();
    std::vector<pid_t> pids;
    for (const auto& [id, known] : workers_)
        if (known.pid != 0 && !known.ended) pids.push_back(known.pid);
    return pids;
}

void SpawnerState::on_violation(std::function<void(wire::Worker)> tell) {
    const std::lock_guard lock(mutex_);
    tell_violation_ = std::move(tell);
}

void SpawnerState::stop() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    channel_.close();
}

std::string sentence(const Ended& ended) {
    std::string text(words(ended.how));
    if (ended.how == wire::Ending::crashed) text += lar::format(" (signal {})", ended.status);
    if (ended.how == wire::Ending::failed) text += lar::format(" (exit status {})", ended.status);
    if (!ended.detail.empty()) text += ": " + ended.detail;
    return text;
}

Result<std::filesystem::path> programs_directory() {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error)
        return fail(Code::unavailable,
                    "cannot tell where Lar's programs are: /proc/self/exe is not readable; is /proc mounted?");
    return program.parent_path();
}

Worker::Worker(std::shared_ptr<SpawnerState> state, std::uint64_t id, pid_t pid, Channel channel)
    : state_(std::move(state)), id_(id), pid_(pid), channel_(std::make_unique<Channel>(std::move(channel))) {}
Worker::~Worker() {
    if (state_) state_->forget(id_);
}
void Worker::kill() { state_->kill(id_); }
std::optional<Ended> Worker::ended() { return state_->ended(id_); }
Result<Ended> Worker::wait_ended(std::int64_t timeout_ms) { return state_->wait_ended(id_, timeout_ms); }

Result<std::unique_ptr<Spawner>> Spawner::start(const std::filesystem::path& programs) {
    auto [channel, theirs] = TRY(Channel::make_pair());
    const pid_t pid = TRY(execute(programs / "lar-spawner", theirs));
    theirs.reset();
    auto state = std::make_shared<SpawnerState>(std::move(channel), pid);
    if (Result<> greeted = state->greet(); !greeted) {
        state->stop();
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return std::unexpected(greeted.error());
    }
    return std::unique_ptr<Spawner>(new Spawner(std::move(state)));
}
Spawner::~Spawner() { state_->stop(); }

Result<Worker> Spawner::spawn(wire::Worker worker) {
    auto [channel, theirs] = TRY(Channel::make_pair());
    const auto [id, pid] = TRY(state_->spawn(worker, theirs.number()));
    return Worker(state_, id, pid, std::move(channel));
}
void Spawner::on_violation(std::function<void(wire::Worker)> tell) { state_->on_violation(std::move(tell)); }
pid_t Spawner::pid() const { return state_->pid(); }
Fd Spawner::take_questions() { return state_->take_questions(); }
std::string Spawner::layers() const { return state_->layers(); }
bool Spawner::alive() { return state_->alive(); }
std::vector<pid_t> Spawner::workers() { return state_->workers(); }

}  // namespace lar::ipc
