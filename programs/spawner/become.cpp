#include "become.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "ipc/spawner.h"
#include "sandbox/policy.h"

namespace lar::spawner {
namespace {

constexpr int exit_not_executed = 127;
constexpr int exit_orphaned = 126;

// What a worker may use. A reader's own memory is its cache, one commit's changes and what zlib needs; the packs it
// maps are not counted. A history of a million commits takes minutes, not an hour.
sandbox::Limits limits_of(wire::Worker worker) {
    switch (worker) {
        case wire::Worker::reader:
            return {.memory_bytes = 512 << 20, .cpu_s = 3600, .file_bytes = 0, .open_files = 1024};
        // How much memory a model takes its engine knows and limits itself; it computes for as long as lard runs.
        case wire::Worker::engine: return {.file_bytes = 0, .open_files = 64};
        // How large its file may become its order says, and the courier sets that as its limit. Hashing and deciphering
        // a terabyte takes hours.
        case wire::Worker::courier: return {.memory_bytes = 256 << 20, .cpu_s = 86'400, .open_files = 64};
    }
    return {};
}

// Read by libraries before the first line of the worker's own. OpenMP's threads soon sleep while they wait for each
// other: spinning on, they take the cores from whoever else computes (docs/decisions/0008). A ggml that gives up must
// not start a debugger.
std::vector<const char*> environment_of(wire::Worker worker) {
    switch (worker) {
        case wire::Worker::reader:
        case wire::Worker::courier: return {};
        case wire::Worker::engine: return {"GOMP_SPINCOUNT=10000", "OMP_WAIT_POLICY=passive", "GGML_NO_BACKTRACE=1"};
    }
    return {};
}

}  // namespace

std::filesystem::path program_of(const std::filesystem::path& programs, wire::Worker worker) {
    switch (worker) {
        case wire::Worker::reader: return programs / "lar-reader";
        case wire::Worker::engine: return programs / "lar-engine";
        case wire::Worker::courier: return programs / "lar-courier";
    }
    return {};
}

void become(const Start& start) {
    const auto give_up = [&](int status) {
        const int error = errno;
        static_cast<void>(!::write(start.report, &error, sizeof(error)));
        ::_exit(status);
    };
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) give_up(exit_not_executed);
    if (::getppid() != start.parent) give_up(exit_orphaned);  // it ended before the signal was asked for
    if (!sandbox::apply(limits_of(start.worker))) give_up(exit_not_executed);
    // What a worker that reads foreign bytes prints may be foreign bytes: nobody's terminal sees it.
    for (const int standard : {0, 1, 2})
        if (::dup2(start.null, standard) < 0) give_up(exit_not_executed);
    if (::dup2(start.channel, ipc::worker_channel) < 0) give_up(exit_not_executed);
    if (::close_range(ipc::worker_channel + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up(exit_not_executed);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string name = start.program.string();
    std::vector<const char*> arguments{name.c_str()};
    for (const std::string& argument : start.arguments) arguments.push_back(argument.c_str());
    arguments.push_back(nullptr);
    std::vector<const char*> environment = environment_of(start.worker);
    environment.push_back(nullptr);
    // execve does not write to them; its type is older than const.
    ::execve(name.c_str(), const_cast<char* const*>(arguments.data()), const_cast<char* const*>(environment.data()));
    give_up(exit_not_executed);
    ::_exit(exit_not_executed);
}

}  // namespace lar::spawner
