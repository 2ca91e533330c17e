#include "repositories.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "api/errors.h"
#include "base/build.h"
#include "base/format.h"
#include "base/text.h"
#include "worker_times.h"

namespace lar::lard {
namespace {

constexpr std::int64_t silence_ms = 120'000;  // between two events; hashing a large work tree takes a while
constexpr std::int64_t cancel_ms = 600;       // to stop at the next item, before it is killed
constexpr std::size_t limit_remembered = 256;
constexpr std::size_t limit_parents = 64;
constexpr std::size_t limit_reachable = 65'536;  // in one message
constexpr std::size_t limit_stashes = 1024;

bool is_object_id(std::string_view hex) {
    return (hex.size() == 40 || hex.size() == 64) &&
           hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
// Relative and below: it is shown, and joined to the repository's place, by people and programs that trust us.
bool is_path_within(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
    return std::ranges::none_of(split(path, '/'), [](std::string_view part) { return part == ".."; });
}

Result<> lie(std::string_view what) {
    return fail(Code::corrupt, lar::format("the reader sent {} and was stopped", what));
}

Result<> validate_files(const std::vector<wire::FileChange>& files) {
    if (files.size() > wire::limit_files_in_change) return lie("too many files");
    std::size_t bytes = 0;
    for (const wire::FileChange& file : files) {
        if (!is_path_within(file.path)) return lie("a path that leaves the repository");
        if (!file.old_path.empty() && !is_path_within(file.old_path)) return lie("a path that leaves the repository");
        for (const wire::Hunk& hunk : file.hunks) {
            if (hunk.text.size() > wire::limit_hunk_bytes) return lie("a hunk over its limit");
            bytes += hunk.text.size();
        }
    }
    return bytes > wire::limit_change_bytes ? lie("a change over its limit") : Result<>();
}

Result<> validate_commit(const wire::Commit& commit) {
    if (!is_object_id(commit.commit)) return lie("a commit without an id");
    if (commit.parents.size() > limit_parents || !std::ranges::all_of(commit.parents, is_object_id))
        return lie("parents that are none");
    if (commit.message.size() > wire::limit_message_bytes) return lie("a commit's message over its limit");
    return validate_files(commit.files);
}

struct Validator {
    Result<> operator()(const wire::ReaderReady&) const { return {}; }
    Result<> operator()(const wire::Opened& opened) const {
        if (opened.branches.size() > wire::limit_tips) return lie("too many branches");
        if (!opened.head_commit.empty() && !is_object_id(opened.head_commit)) return lie("a head that is no commit");
        for (const wire::Branch& branch : opened.branches)
            if (!is_object_id(branch.commit)) return lie("a branch that is no commit");
        return {};
    }
    Result<> operator()(const wire::Commits& batch) const {
        if (batch.commits.size() > wire::limit_commits_in_batch) return lie("too many commits at once");
        for (const wire::Commit& commit : batch.commits) TRY_VOID(validate_commit(commit));
        return {};
    }
    Result<> operator()(const wire::Reachable& batch) const {
        if (batch.commits.size() > limit_reachable || !std::ranges::all_of(batch.commits, is_object_id))
            return lie("commits that are none");
        return {};
    }
    Result<> operator()(const wire::WorkingTree& tree) const {
        TRY_VOID(validate_files(tree.staged));
        TRY_VOID(validate_files(tree.unstaged));
        if (tree.stashes.size() > limit_stashes) return lie("too many stashes");
        for (const wire::Stash& stash : tree.stashes) {
            if (!is_object_id(stash.commit)) return lie("a stash that is no commit");
            TRY_VOID(validate_files(stash.files));
        }
        return {};
    }
    Result<> operator()(const wire::Done&) const { return {}; }
    Result<> operator()(const wire::Failed&) const { return {}; }
};

std::uint64_t id_of(const wire::ReaderEvent& event) {
    return std::visit(
        []<class Message>(const Message& message) -> std::uint64_t {
            if constexpr (requires { message.id; })
                return message.id;
            else
                return 0;
        },
        event);
}

}  // namespace

Result<> validate(const wire::ReaderEvent& event) { return std::visit(Validator{}, event); }

class SpawnedRepository final : public ingest::Repository {
public:
    SpawnedRepository(SpawnedRepositories& owner, ipc::Worker reader, std::string git_dir,
                      const std::atomic<bool>& cancelled)
        : owner_(owner), reader_(std::move(reader)), git_dir_(std::move(git_dir)), cancelled_(cancelled) {}

    Result<> begin(wire::OpenRepository places);
    const wire::Opened& opened() const override { return opened_; }
    Result<wire::Done> commits(const wire::ReadCommits& request,
                               const std::function<Result<>(wire::Commits&&)>& take) override;
    Result<std::vector<std::string>> reachable() override;
    Result<wire::WorkingTree> working_tree() override;

private:
    using Take = std::function<Result<>(wire::ReaderEvent&&)>;

    // Sends it, gives every event before Done to `take`.
    template <class Request>
    Result<wire::Done> ask(Request request, const Take& take);
    Result<wire::Done> hear(std::uint64_t id, const Take& take);
    Result<wire::ReaderEvent> receive(std::int64_t timeout_ms, const std::atomic<bool>* cancelled);
    // The request is over for us: the reader is told, and killed if it does not listen.
    void abandon(std::uint64_t id);
    std::unexpected<Error> lost(const Error& error);

    SpawnedRepositories& owner_;
    ipc::Worker reader_;
    std::string git_dir_;
    const std::atomic<bool>& cancelled_;
    wire::Opened opened_;
    std::uint64_t last_id_ = 0;
    bool dead_ = false;
};

// Whatever went wrong on the channel: the reader is not used again, and how it ended is the reason given.
std::unexpected<Error> SpawnedRepository::lost(const Error& error) {
    dead_ = true;
    if (error.code == Code::corrupt) {
        reader_.kill();
        owner_.ended_badly(git_dir_);
        return std::unexpected(error);
    }
    if (error.code == Code::timeout) reader_.kill();
    reader_.channel().close();
    const Result<ipc::Ended> ended = reader_.wait_ended(end_ms);
    owner_.ended_badly(git_dir_);
    if (error.code == Code::timeout)
        return fail(Code::timeout, lar::format("the reader of this repository said nothing for {} s and was stopped",
                                               silence_ms / 1000));
    return fail(Code::unavailable,
                lar::format("the reader of this repository stopped: {}", ended ? sentence(*ended) : error.message));
}

Result<wire::ReaderEvent> SpawnedRepository::receive(std::int64_t timeout_ms, const std::atomic<bool>* cancelled) {
    wire::ReaderEvent event =
        TRY(ipc::receive<wire::ReaderEvent>(reader_.channel(), {.timeout_ms = timeout_ms, .cancelled = cancelled}));
    TRY_VOID(validate(event));
    return event;
}

void SpawnedRepository::abandon(std::uint64_t id) {
    const std::int64_t until_us = owner_.clock_.monotonic_us() + cancel_ms * 1000;
    bool listens = ipc::send<wire::ReaderRequest>(reader_.channel(), wire::Cancel{.id = id}, {.timeout_ms = cancel_ms})
                       .has_value();
    while (listens) {
        const std::int64_t left_ms = (until_us - owner_.clock_.monotonic_us()) / 1000;
        const Result<wire::ReaderEvent> event = receive(std::max<std::int64_t>(0, left_ms), nullptr);
        listens = event && left_ms > 0;
        if (listens && (std::holds_alternative<wire::Done>(*event) || std::holds_alternative<wire::Failed>(*event)))
            return;
    }
    reader_.kill();
    dead_ = true;
}

Result<wire::Done> SpawnedRepository::hear(std::uint64_t id, const Take& take) {
    for (;;) {
        Result<wire::ReaderEvent> event = receive(silence_ms, &cancelled_);
        if (!event && cancelled_.load()) {
            abandon(id);
            return fail(Code::unavailable, "cancelled");
        }
        if (!event) return lost(event.error());
        if (id_of(*event) != id)
            return lost(Error{Code::corrupt, "the reader answered what it was not asked and was stopped"});
        if (const auto* done = std::get_if<wire::Done>(&*event)) return *done;
        if (const auto* failed = std::get_if<wire::Failed>(&*event))
            return fail(api::code_named(failed->code), printable(failed->message));
        if (Result<> taken = take(std::move(*event)); !taken) {
            if (taken.error().code == Code::corrupt) return lost(taken.error());
            abandon(id);
            return std::unexpected(taken.error());
        }
    }
}

template <class Request>
Result<wire::Done> SpawnedRepository::ask(Request request, const Take& take) {
    if (dead_) return fail(Code::unavailable, "the reader of this repository has stopped");
    request.id = ++last_id_;
    if (Result<> sent = ipc::send<wire::ReaderRequest>(reader_.channel(), request, {.timeout_ms = send_ms}); !sent)
        return lost(sent.error());
    return hear(request.id, take);
}

// An event of a kind that this request does not bring.
Result<> unexpected_event() { return fail(Code::corrupt, "the reader answered what it was not asked and was stopped"); }

Result<> SpawnedRepository::begin(wire::OpenRepository places) {
    Result<wire::ReaderEvent> first = receive(ready_ms, &cancelled_);
    if (!first && cancelled_.load()) return fail(Code::unavailable, "cancelled");
    if (!first) return lost(first.error());
    const auto* ready = std::get_if<wire::ReaderReady>(&*first);
    if (!ready) return lost(Error{Code::corrupt, "the reader did not say that it is ready"});
    if (ready->build != build_id())
        return lost(Error{Code::corrupt, "lar-reader is of another build than lard; install them together"});
    places.id = ++last_id_;
    if (Result<> sent = ipc::send<wire::ReaderRequest>(reader_.channel(), places, {.timeout_ms = send_ms}); !sent)
        return lost(sent.error());
    Result<wire::ReaderEvent> event = receive(silence_ms, &cancelled_);
    if (!event && cancelled_.load()) return fail(Code::unavailable, "cancelled");
    if (!event) return lost(event.error());
    if (id_of(*event) != places.id) return lost(unexpected_event().error());
    if (const auto* failed = std::get_if<wire::Failed>(&*event))
        return fail(api::code_named(failed->code), printable(failed->message));
    auto* opened = std::get_if<wire::Opened>(&*event);
    if (!opened) return lost(unexpected_event().error());
    opened_ = std::move(*opened);
    return {};
}

Result<wire::Done> SpawnedRepository::commits(const wire::ReadCommits& request,
                                              const std::function<Result<>(wire::Commits&&)>& take) {
    const wire::Done done = TRY(ask(request, [&](wire::ReaderEvent&& event) -> Result<> {
        auto* batch = std::get_if<wire::Commits>(&event);
        return batch ? take(std::move(*batch)) : unexpected_event();
    }));
    owner_.went_well(git_dir_);
    return done;
}

Result<std::vector<std::string>> SpawnedRepository::reachable() {
    std::vector<std::string> ids;
    TRY(ask(wire::ReadReachable{}, [&](wire::ReaderEvent&& event) -> Result<> {
        auto* batch = std::get_if<wire::Reachable>(&event);
        if (!batch) return unexpected_event();
        std::ranges::move(batch->commits, std::back_inserter(ids));
        return {};
    }));
    return ids;
}

Result<wire::WorkingTree> SpawnedRepository::working_tree() {
    wire::WorkingTree tree;
    TRY(ask(wire::ReadWorkingTree{}, [&](wire::ReaderEvent&& event) -> Result<> {
        auto* read = std::get_if<wire::WorkingTree>(&event);
        if (!read) return unexpected_event();
        tree = std::move(*read);
        return {};
    }));
    return tree;
}

void SpawnedRepositories::ended_badly(const std::string& git_dir) {
    const std::lock_guard lock(mutex_);
    // Forgetting some only means that they are tried sooner.
    if (restarts_.size() >= limit_remembered) restarts_.clear();
    restarts_[git_dir].failed(clock_.monotonic_us());
}
void SpawnedRepositories::went_well(const std::string& git_dir) {
    const std::lock_guard lock(mutex_);
    restarts_.erase(git_dir);
}
Result<> SpawnedRepositories::may_start(const std::string& git_dir) const {
    const std::lock_guard lock(mutex_);
    const auto found = restarts_.find(git_dir);
    if (found == restarts_.end() || found->second.may_start(clock_.monotonic_us())) return {};
    return fail(Code::unavailable, "the reader of this repository keeps stopping; it is tried again in a minute");
}
std::string SpawnedRepositories::layers() const {
    const std::lock_guard lock(mutex_);
    return layers_;
}

Result<std::unique_ptr<ingest::Repository>> SpawnedRepositories::open(const wire::OpenRepository& places,
                                                                      const std::atomic<bool>& cancelled) {
    TRY_VOID(may_start(places.git_dir));
    ipc::Worker reader = TRY(spawner_.spawn(wire::Worker::reader));
    auto repository = std::make_unique<SpawnedRepository>(*this, std::move(reader), places.git_dir, cancelled);
    TRY_VOID(repository->begin(places));
    {
        const std::lock_guard lock(mutex_);
        layers_ = repository->opened().layers;
    }
    return repository;
}

}  // namespace lar::lard
