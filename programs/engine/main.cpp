// lar-engine: one model, computing for any number of requests, or the reading of what one model file says of itself.
// Started by lar-spawner, told by lard on its channel (descriptor 3); it is not for people to start.
#include <unistd.h>

#include <cstdio>
#include <new>

#include "inference/threads.h"
#include "ipc/spawner.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "service.h"

namespace lar::engine {
namespace {

// Beside the program once it is installed; in the build environment before.
Result<std::filesystem::path> compute_libraries() {
    const std::filesystem::path installed = TRY(ipc::programs_directory()) / "lib" / "ggml";
    std::error_code error;
    return std::filesystem::is_directory(installed, error) ? installed : std::filesystem::path(LAR_GGML_BACKENDS);
}

Result<> run() {
    inference::flush_denormals();
    Service service(
        ipc::Channel(Fd(ipc::worker_channel)), TRY(compute_libraries()),
        {.for_facts = lock_down_for_facts, .for_parts = lock_down_for_parts, .for_work = lock_down_for_work});
    return service.run();
}

constexpr int exit_no_such_policy = 2;

// `lar doctor --air-gap` has lar-spawner start it so.
int prove_policy(std::string_view role, std::string_view targets) {
    sandbox::LockDown policy;
    if (role == "work") policy = [] { return lock_down_for_work(Memory::may_be_swapped); };
    if (role == "facts") policy = lock_down_for_facts;
    if (role == "parts") policy = [] { return lock_down_for_parts({}, Memory::may_be_swapped); };
    return policy ? sandbox::prove_to(sandbox::proof_descriptor, policy, targets) : exit_no_such_policy;
}

}  // namespace
}  // namespace lar::engine

int main(int argc, char** argv) {
    if (argc == 4 && argv[1] == lar::sandbox::proof_flag) return lar::engine::prove_policy(argv[2], argv[3]);
    try {
        const lar::Result<> result = lar::engine::run();
        if (result) return 0;
        std::fprintf(stderr, "lar-engine: %s\n", result.error().message.c_str());
        return 1;
    } catch (const std::bad_alloc&) {
        // The supervisor tells this from a mistake by the status. What libllama asks for in vain is caught nearer.
        return lar::ipc::exit_out_of_memory;
    }
}
