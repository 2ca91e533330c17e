// Repositories for ingest, each read by a lar-reader of its own.
//
// open() starts a reader through the spawner, checks that it is of this build, tells it which places it may see and
// waits until it has opened them. The reader lives as long as the Repository. A reader that says something it may not
// is killed and the call returns `corrupt`; one that ends returns `unavailable` with how it ended; a cancelled call
// returns `unavailable` within a second, and the reader stays usable if it stopped in time. A repository whose readers
// keep ending badly is left alone for a while, so that it cannot keep the machine busy.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "ingest/ingest.h"
#include "ipc/spawner.h"

namespace lar::lard {

// What a reader says, before anybody believes it: ids, counts, sizes and paths within what wire/reader.h promises.
Result<> validate(const wire::ReaderEvent& event);

class SpawnedRepositories final : public ingest::RepositoryOpener {
public:
    explicit SpawnedRepositories(ipc::Spawner& spawner) : spawner_(spawner) {}
    Result<std::unique_ptr<ingest::Repository>> open(const wire::OpenRepository& places,
                                                     const std::atomic<bool>& cancelled) override;

    // The layers that hold in readers, as the latest one said; empty before the first.
    std::string layers() const;

private:
    friend class SpawnedRepository;
    void ended_badly(const std::string& git_dir);
    void went_well(const std::string& git_dir);
    Result<> may_start(const std::string& git_dir) const;

    ipc::Spawner& spawner_;
    SystemClock clock_;
    mutable std::mutex mutex_;
    std::map<std::string, ipc::RestartPolicy> restarts_;  // by git directory; only those that ended badly lately
    std::string layers_;
};

}  // namespace lar::lard
