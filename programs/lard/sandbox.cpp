#include "sandbox.h"

namespace lar::lard {

sandbox::Policy policy(const Paths& paths) {
    sandbox::Policy policy;
    policy.allow_common_runtime()
        .allow_threads()
        // Indexing yields to whatever the person is doing.
        .allow_lower_priority()
        // Sources are the user's folders, named while we run, so reading is everywhere the user may read …
        .allow_read_only_open()
        .read_beneath("/")
        // … and writing only where Lar keeps its own things.
        .allow_file_writing()
        .allow_sqlite_files()
        .write_beneath(paths.data)
        .write_beneath(paths.state)
        .write_beneath(paths.cache)
        .write_beneath(paths.runtime)
        // Clients come to the sockets that main opened; there is no verb to make another or to connect.
        .allow_event_loop()
        .allow_accept()
        // The spawner and its workers.
        .allow_ipc_with_descriptors()
        // Whether a courier may make a socket is lard's to say; lard itself may not.
        .allow_giving_leave()
        .allow_inotify()
        // Status tells how much memory we use.
        .allow_own_facts();
    return policy;
}

}  // namespace lar::lard
