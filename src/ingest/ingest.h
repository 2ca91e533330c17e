// Keeping the store true to the sources: adding, syncing, watching, forgetting, each as a job.
//
// One thread works the jobs off, oldest first; a job is a row in the store, so an interrupted one is
// taken up again at the next start. Work is committed in small transactions, so a search sees it grow
// and a crash loses at most the last fraction of a second, which the next sync repeats. Paths that
// watching saw change are synced by themselves, between two steps of a long job if there is one; they
// are no jobs, because every source is synced once at the start anyway.
//
// Plain text is read here; git objects come from a Repository and documents from a DocumentReader (declared here,
// implemented over lar-reader by programs/lard), so that no foreign format is parsed in this process.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ingest/documents.h"
#include "store/store.h"
#include "wire/api.h"
#include "wire/reader.h"

namespace lar::ingest {

// One opened repository: a conversation with one lar-reader. Calls wait; a cancelled one returns unavailable.
class Repository {
public:
    virtual ~Repository() = default;
    virtual const wire::Opened& opened() const = 0;
    // Batches in order until Done; `take` returning an error ends the request with it.
    virtual Result<wire::Done> commits(const wire::ReadCommits& request,
                                       const std::function<Result<>(wire::Commits&&)>& take) = 0;
    virtual Result<std::vector<std::string>> reachable() = 0;
    virtual Result<wire::WorkingTree> working_tree() = 0;
};
class RepositoryOpener {
public:
    virtual ~RepositoryOpener() = default;
    virtual Result<std::unique_ptr<Repository>> open(const wire::OpenRepository& places,
                                                     const std::atomic<bool>& cancelled) = 0;
};

// What Derived::retain() did.
struct Erased {
    std::vector<std::string> looked_at;  // a sentence each
    std::vector<std::string> remains;    // of what should be gone, likewise
    std::vector<std::string> pieces;     // of the bytes of what is gone, to be looked for
};

// What is made from passages and kept beside the store, such as vectors. Implemented by programs/lard.
class Derived {
public:
    virtual ~Derived() = default;
    // A source was forgotten: nothing made from any passage but these is on the disk any more when it returns.
    virtual Result<Erased> retain(std::span<const store::PassageRange> live) = 0;
    // Where any of these, or a piece of a long one, still stands in the bytes of its files, a sentence each.
    virtual Result<std::vector<std::string>> find_remains(std::span<const std::string> pieces) = 0;
};

class Ingest {
public:
    struct Options {
        std::uint64_t file_size_limit_bytes = 4 * 1024 * 1024;  // larger files are left out, and said so
        bool watch = true;
        std::int64_t debounce_us = 300'000;
        std::int64_t poll_us = 60 * us_per_second;  // for what inotify's limit leaves unwatched, and paused sources
        std::int64_t working_tree_us = 2 * us_per_second;  // an uncommitted diff is read at most this often
        std::int64_t retry_us = 30 * us_per_second;        // after a full disk
        std::vector<std::string> private_folders;          // Lar's own, absolute: never a source nor part of one
        std::filesystem::path user_ignore_file;            // ~/.config/git/ignore; empty: none
        Derived* derived = nullptr;                        // outlives this; none: nothing is made from passages
    };
    // Called (on the ingest thread) at every change of a job, for progress streams.
    using JobListener = std::function<void(const wire::ApiJob&)>;

    static Result<std::unique_ptr<Ingest>> start(store::Store& store, RepositoryOpener& repositories,
                                                 DocumentReader& documents, const Clock& clock, const Zone& zone,
                                                 Options options, JobListener listener);
    virtual ~Ingest() = default;  // stops: the running job stays unfinished and is resumed at the next start

    // Any thread. Adds the source and queues its first sync; the source is returned at once.
    virtual Result<wire::ApiSource> add(const wire::ApiAddSource& request) = 0;
    virtual Result<wire::ApiJob> sync(std::string_view source_name) = 0;
    virtual Result<wire::ApiForgotten> forget(std::string_view source_name, bool prove) = 0;
    virtual Result<wire::ApiPushed> push(std::string_view source_name, const wire::ApiPush& documents) = 0;
    virtual Result<wire::ApiSources> sources() = 0;
    virtual Result<wire::ApiWhy> why(const std::filesystem::path& path) = 0;
    virtual Result<wire::ApiJobs> jobs() = 0;
    virtual Result<wire::ApiJob> cancel(std::string_view job_id) = 0;

    // For status: sentences about what is wrong now (watch limit, full disk), and how many watches there are.
    virtual std::vector<std::string> problems() = 0;
    virtual std::uint64_t watches() const = 0;
    virtual bool idle() const = 0;
};

}  // namespace lar::ingest
