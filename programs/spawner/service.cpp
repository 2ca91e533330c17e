#include "service.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/build.h"
#include "become.h"
#include "ipc/spawner.h"
#include "sandbox/policy.h"

namespace lar::spawner {
namespace {

constexpr std::int64_t request_ms = 5000;  // lard sends a request in one piece

wire::Ended ending_of(std::uint64_t id, int status, bool on_request) {
    using enum wire::Ending;
    if (WIFEXITED(status)) {
        const int code = WEXITSTATUS(status);
        if (code == ipc::exit_out_of_memory)
            return {.id = id, .how = out_of_limit, .status = code, .detail = "out of memory"};
        return {.id = id, .how = code == 0 ? finished : failed, .status = code};
    }
    const int signal = WTERMSIG(status);
    if (on_request) return {.id = id, .how = killed, .status = signal};
    switch (signal) {
        case SIGSYS: return {.id = id, .how = violation, .status = signal};
        case SIGXCPU: return {.id = id, .how = out_of_limit, .status = signal, .detail = "CPU time"};
        case SIGXFSZ:
            return {.id = id, .how = out_of_limit, .status = signal, .detail = "it tried to write more than it may"};
        // Nobody here sent it: the kernel ran out of memory, or somebody typed kill -9.
        case SIGKILL:
            return {.id = id,
                    .how = out_of_limit,
                    .status = signal,
                    .detail = "killed from outside, as the kernel does when memory runs out"};
        default: return {.id = id, .how = crashed, .status = signal};
    }
}

void on_child(int) {}  // there only to end ppoll

}  // namespace

Result<Service> Service::make(std::filesystem::path programs, ipc::Channel channel) {
    Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return fail_errno("cannot open /dev/null", errno);
    // Blocked but within ppoll, so that no end of a worker is missed between looking and waiting.
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (::sigprocmask(SIG_BLOCK, &child, nullptr) != 0) return fail_errno("sigprocmask", errno);
    struct sigaction action{};
    action.sa_handler = on_child;
    if (::sigaction(SIGCHLD, &action, nullptr) != 0) return fail_errno("sigaction", errno);
    return Service(std::move(programs), std::move(channel), std::move(null));
}

Result<> Service::run(const std::string& layers, Fd questions) {
    const wire::SpawnerEvent greeting = wire::SpawnerReady{.build = std::string(build_id()), .layers = layers};
    const int descriptor = questions.number();
    TRY_VOID(channel_.send(wire::to_json(greeting), {}, {}, std::span(&descriptor, questions ? 1 : 0)));
    questions.reset();  // only lard may answer
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        TRY_VOID(reap());
        pollfd item{channel_.descriptor(), POLLIN, 0};
        const int ready = ::ppoll(&item, 1, nullptr, &none);
        if (ready < 0 && errno != EINTR) return fail_errno("ppoll", errno);
        if (ready > 0) TRY_VOID(take_request());
    }
}

Result<> Service::take_request() {
    auto request = TRY(ipc::receive_with_descriptors<wire::SpawnerRequest>(channel_, 1, {.timeout_ms = request_ms}));
    if (const auto* spawn = std::get_if<wire::Spawn>(&request.message)) {
        if (request.descriptors.size() != 1)
            return fail(Code::corrupt, "a request to start a worker brings no channel for it");
        return start(*spawn, std::move(request.descriptors[0]));
    }
    if (!request.descriptors.empty()) return fail(Code::corrupt, "a request to end a worker brings a descriptor");
    return kill(std::get<wire::Kill>(request.message));
}

Result<> Service::start(const wire::Spawn& request, Fd channel) {
    const auto not_started = [&](int error) {
        return say(wire::Ended{
            .id = request.id, .how = wire::Ending::not_started, .status = error, .detail = std::strerror(error)});
    };
    if (running_.size() >= ipc::limit_workers) return not_started(EAGAIN);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(errno);
    Fd outcome(ends[0]);
    Fd report(ends[1]);
    const std::filesystem::path program = program_of(programs_, request.worker);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return not_started(errno);
    if (pid == 0)
        become({.program = program,
                .worker = request.worker,
                .channel = channel.number(),
                .null = null_.number(),
                .report = report.number(),
                .parent = parent});
    report.reset();
    // exec closes the pipe; an errno in it says that there was none.
    int error = 0;
    ssize_t n = -1;
    do n = ::read(outcome.number(), &error, sizeof(error));
    while (n < 0 && errno == EINTR);
    if (n != 0) {
        ::waitpid(pid, nullptr, 0);
        return not_started(n == sizeof(error) ? error : EIO);
    }
    running_[pid] = {.id = request.id};
    return say(wire::Spawned{.id = request.id, .pid = pid});
}

Result<> Service::kill(const wire::Kill& request) {
    // One that has ended meanwhile is no mistake: lard cannot know yet.
    for (auto& [pid, worker] : running_) {
        if (worker.id != request.id) continue;
        worker.killed = true;
        ::kill(pid, SIGKILL);
    }
    return {};
}

Result<> Service::reap() {
    for (;;) {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid <= 0) return {};
        const auto worker = running_.find(pid);
        if (worker == running_.end()) continue;
        const wire::Ended ended = ending_of(worker->second.id, status, worker->second.killed);
        running_.erase(worker);
        TRY_VOID(say(ended));
    }
}

Result<> Service::say(wire::SpawnerEvent event) { return ipc::send(channel_, event); }

void Service::end_workers() {
    for (const auto& [pid, worker] : running_) ::kill(pid, SIGKILL);
}

}  // namespace lar::spawner
