// lar-spawner: the first child of lard, made before lard locks itself down. It starts Lar's own workers, each with the
// descriptor that lard sends for it, and says how each ended. It is not for people to start.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

#include "ipc/spawner.h"
#include "sandbox.h"
#include "service.h"

namespace lar::spawner {
namespace {

Result<> run() {
    // A second rope: the first is the end of the channel.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail(Code::internal, "prctl(PR_SET_PDEATHSIG)");
    // So that neither this nor a worker keeps a file system busy that the user wants to unmount.
    if (::chdir("/") != 0) return fail(Code::internal, "chdir");
    const std::filesystem::path programs = TRY(ipc::programs_directory());
    Service service = TRY(Service::make(programs, ipc::Channel(Fd(ipc::worker_channel))));
    const sandbox::Layers layers =
        TRY(lock_down({program_of(programs, wire::Worker::reader), program_of(programs, wire::Worker::engine)}));
    const Result<> served = service.run(sandbox::to_string(layers));
    service.end_workers();
    // lard has closed the channel: that is how this process is meant to end.
    if (!served && served.error().code == Code::unavailable) return {};
    return served;
}

}  // namespace
}  // namespace lar::spawner

int main() {
    const lar::Result<> result = lar::spawner::run();
    if (result) return 0;
    std::fprintf(stderr, "lar-spawner: %s\n", result.error().message.c_str());
    return 1;
}
