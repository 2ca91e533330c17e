// lar-spawner: the first child of lard, made before lard locks itself down. It starts Lar's own workers, each with the
// descriptor that lard sends for it, and says how each ended. It is not for people to start.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/fd.h"
#include "become.h"
#include "ipc/spawner.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "service.h"

namespace lar::spawner {
namespace {

std::vector<std::filesystem::path> workers_in(const std::filesystem::path& programs) {
    using enum wire::Worker;
    return {program_of(programs, reader), program_of(programs, engine), program_of(programs, courier)};
}

Result<> run() {
    // A second rope: the first is the end of the channel.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail(Code::internal, "prctl(PR_SET_PDEATHSIG)");
    // So that neither this nor a worker keeps a file system busy that the user wants to unmount.
    if (::chdir("/") != 0) return fail(Code::internal, "chdir");
    const std::filesystem::path programs = TRY(ipc::programs_directory());
    Service service = TRY(Service::make(programs, ipc::Channel(Fd(ipc::worker_channel))));
    Fd questions;
    const sandbox::Layers layers = TRY(lock_down(workers_in(programs), &questions));
    const Result<> served = service.run(sandbox::to_string(layers), std::move(questions));
    service.end_workers();
    // lard has closed the channel: that is how this process is meant to end.
    if (!served && served.error().code == Code::unavailable) return {};
    return served;
}

// `lar doctor --air-gap` starts it so: "spawner" is tried itself, and a worker is started as lard's workers are, under
// the policy that it inherits, to be tried under its own.
Result<int> prove_policy(const std::string& role, const std::string& targets) {
    const std::filesystem::path programs = TRY(ipc::programs_directory());
    // Nobody is there to be asked for sockets, as for whoever has no leave.
    const auto lock_down_here = [&] { return lock_down(workers_in(programs)); };
    if (role == "spawner") return sandbox::prove_to(sandbox::proof_descriptor, lock_down_here, targets);
    const std::size_t slash = role.find('/');
    const std::string program = role.substr(0, slash);
    if (slash == std::string::npos || (program != "reader" && program != "engine" && program != "courier"))
        return fail(Code::invalid, "there is no such policy");
    const wire::Worker worker = program == "reader"   ? wire::Worker::reader
                                : program == "engine" ? wire::Worker::engine
                                                      : wire::Worker::courier;
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return fail_errno("cannot open /dev/null", errno);
    TRY_VOID(lock_down_here());
    become({.program = program_of(programs, worker),
            .arguments = {std::string(sandbox::proof_flag), role.substr(slash + 1), targets},
            .worker = worker,
            .channel = sandbox::proof_descriptor,
            .null = null.number(),
            .report = sandbox::proof_descriptor,
            .parent = ::getppid()});
}

}  // namespace
}  // namespace lar::spawner

int main(int argc, char** argv) {
    using lar::sandbox::proof_descriptor;
    static_assert(proof_descriptor == lar::ipc::worker_channel);
    if (!lar::sandbox::close_inherited(proof_descriptor + 1)) return 1;
    if (argc == 4 && argv[1] == lar::sandbox::proof_flag) {
        const lar::Result<int> status = lar::spawner::prove_policy(argv[2], argv[3]);
        if (status) return *status;
        std::fprintf(stderr, "lar-spawner: %s\n", status.error().message.c_str());
        return 1;
    }
    const lar::Result<> result = lar::spawner::run();
    if (result) return 0;
    std::fprintf(stderr, "lar-spawner: %s\n", result.error().message.c_str());
    return 1;
}
