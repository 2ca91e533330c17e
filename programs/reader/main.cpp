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

}  // namespace
}  // namespace lar::reader

int main() {
    // The supervisor tells this from a mistake by the status.
    std::set_new_handler([] { ::_exit(lar::ipc::exit_out_of_memory); });
    const lar::Result<> result = lar::reader::run();
    if (result) return 0;
    std::fprintf(stderr, "lar-reader: %s\n", result.error().message.c_str());
    return 1;
}
