// lar-courier: carries out one order of lard's, one HTTP request to one host, and ends. The only program of Lar's that
// connects to anything but this machine's own lard. Started by lar-spawner, with its channel as descriptor 3. It is not
// for people to start.
#include <unistd.h>

#include <cstdio>
#include <new>
#include <string_view>

#include "ipc/spawner.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "service.h"
#include "transfer.h"

namespace lar::courier {
namespace {

Result<> run() {
    // What the libraries read of the system comes before the lock-down; what servers send, after it.
    TRY_VOID(prepare_libraries());
    Service service(ipc::Channel(Fd(ipc::worker_channel)),
                    {.to_look_up = lock_down_to_look_up, .to_talk = lock_down_to_talk});
    return service.run();
}

constexpr int exit_no_such_policy = 2;

// `lar doctor --air-gap` has lar-spawner start it so, with an order that nobody gave leave for.
int prove_policy(std::string_view role, std::string_view targets) {
    const wire::Order order{.host = "models.example", .target = "/"};
    sandbox::LockDown policy;
    if (role == "looks-up") policy = [&] { return lock_down_to_look_up(order); };
    if (role == "talks") policy = [&] { return lock_down_to_talk(order); };
    return policy ? sandbox::prove_to(sandbox::proof_descriptor, policy, targets) : exit_no_such_policy;
}

}  // namespace
}  // namespace lar::courier

int main(int argc, char** argv) {
    if (argc == 4 && argv[1] == lar::sandbox::proof_flag) return lar::courier::prove_policy(argv[2], argv[3]);
    // The supervisor tells this from a mistake by the status.
    std::set_new_handler([] { ::_exit(lar::ipc::exit_out_of_memory); });
    const lar::Result<> result = lar::courier::run();
    if (result) return 0;
    std::fprintf(stderr, "lar-courier: %s\n", result.error().message.c_str());
    return 1;
}
