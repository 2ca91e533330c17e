// The reader's conversation: one repository opened, then requests answered one after the other; or documents.
//
// What may be asked depends on the state, as in this table; anything else ends the process:
//     waiting     OpenRepository, OpenDocuments
//     open        ReadCommits, ReadReachable, ReadWorkingTree, Cancel
//     documents   ReadDocument (documents.h)
// While a request is answered, further ones wait in a bounded queue and Cancel is looked for between items.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "base/result.h"
#include "documents/git_repository.h"
#include "ipc/channel.h"
#include "sandbox/policy.h"
#include "wire/reader.h"

namespace lar::reader {

inline constexpr std::size_t limit_waiting_requests = 16;
inline constexpr std::size_t limit_object_dirs = 64;
inline constexpr std::size_t limit_have = 8192;

// A request as it may stand: absolute paths without "..", ids of the right length, lists within their limits.
Result<> validate(const wire::ReaderRequest& request);

class Service {
public:
    // The lock-down is passed in so that tests can serve without ending their own freedom.
    struct LockDown {
        std::function<Result<sandbox::Layers>(const wire::OpenRepository&)> for_repository;
        std::function<Result<sandbox::Layers>()> for_documents;
    };
    Service(ipc::Channel channel, LockDown lock_down)
        : channel_(std::move(channel)), lock_down_(std::move(lock_down)) {}

    // Until the channel closes, which is no error.
    Result<> run();

private:
    Result<wire::ReaderRequest> next();
    Result<wire::ReaderRequest> receive(ipc::Patience patience);
    Result<bool> open(const wire::OpenRepository& request);
    Result<> answer(const wire::ReaderRequest& request);
    Result<> answer_commits(const wire::ReadCommits& request);
    Result<> answer_reachable(const wire::ReadReachable& request);
    Result<> answer_working_tree(const wire::ReadWorkingTree& request);
    // An error of the repository is the answer; one of the channel ends the service.
    Result<> failed(std::uint64_t id, const Error& error);
    Result<> between(std::uint64_t id);
    Result<> say(const wire::ReaderEvent& event);

    ipc::Channel channel_;
    LockDown lock_down_;
    std::optional<documents::GitRepository> repository_;
    std::deque<wire::ReaderRequest> waiting_;
    std::optional<Error> channel_error_;
};

}  // namespace lar::reader
