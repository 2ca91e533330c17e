// lar-reader: turns foreign bytes into text for lard, those of one git repository or those of documents. Started by
// lar-spawner; which of the two it is for it is told on its channel (descriptor 3). It is not for people to start.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <new>

#include "documents/git_repository.h"
#include "documents/pdf.h"
#include "ipc/spawner.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "service.h"

namespace lar::reader {
namespace {

Result<> run() {
    // Everything that the libraries read of the system comes before the lock-down, every foreign byte after it.
    // A large blob goes back to the system when it is done with, and does not raise the threshold for the next.
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    ::mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
    TRY_VOID(documents::prepare_git());
    documents::prepare_pdf();
    Service service(ipc::Channel(Fd(ipc::worker_channel)),
                    {.for_repository = lock_down, .for_documents = lock_down_for_documents});
    return service.run();
}

constexpr int exit_no_such_policy = 2;

// `lar doctor --air-gap` has lar-spawner start it so, and then a repository is an empty folder.
int prove_policy(std::string_view role, std::string_view targets) {
    sandbox::LockDown policy;
    if (role == "documents") policy = lock_down_for_documents;
    if (role == "repository")
        policy = [&]() -> Result<sandbox::Layers> {
            const std::filesystem::path socket = TRY(sandbox::targets_of(targets)).unix_path;
            const std::string folder = socket.parent_path().string();
            return lock_down({.git_dir = folder, .common_dir = folder});
        };
    return policy ? sandbox::prove_to(sandbox::proof_descriptor, policy, targets) : exit_no_such_policy;
}

}  // namespace
}  // namespace lar::reader

int main(int argc, char** argv) {
    if (argc == 4 && argv[1] == lar::sandbox::proof_flag) return lar::reader::prove_policy(argv[2], argv[3]);
    // The supervisor tells this from a mistake by the status.
    std::set_new_handler([] { ::_exit(lar::ipc::exit_out_of_memory); });
    const lar::Result<> result = lar::reader::run();
    if (result) return 0;
    std::fprintf(stderr, "lar-reader: %s\n", result.error().message.c_str());
    return 1;
}
