#include "eval_store.h"

#include <stdlib.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include "base/fd.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t batch_documents = 1000;
constexpr std::size_t batch_bytes = 2 * 1024 * 1024;  // of text; well under the limit of a request
static_assert(batch_documents <= wire::limit_pushed_documents);

}  // namespace

std::string place_name(const fs::path& place) {
    const fs::path whole = fs::absolute(place).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

Result<TemporaryFolder> TemporaryFolder::make() {
    std::string pattern = (fs::temp_directory_path() / "lar-eval-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return fail_errno("making a temporary folder", errno);
    return TemporaryFolder(std::move(pattern));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
}

Outcome<EvalStore> EvalStore::open(const Session& session) {
    TemporaryFolder home = TRY(TemporaryFolder::make());
    PrivateDaemon daemon = TRY(PrivateDaemon::start(home.path(), session.cancelled));
    return EvalStore(std::move(home), std::move(daemon));
}

Outcome<std::unique_ptr<Connection>> EvalStore::connect_again(const Session& session) const {
    return TRY(connect(home_.path() / "run" / "lar.sock", session.cancelled));
}

Outcome<> EvalStore::add_pushed(const std::string& source) {
    TRY_VOID(call<wire::ApiSource>(lard(), "POST", "/lar/v1/sources",
                                   wire::to_json(wire::ApiAddSource{"pushed:" + source, source})));
    return {};
}

Outcome<> EvalStore::settle(const Session& session) {
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    for (;;) {
        const auto status = TRY(call<wire::ApiStatus>(lard(), "GET", "/lar/v1/status"));
        const wire::ApiSpace& space = status.space;
        if (space.state == "failed") return failed(Code::internal, "the space of terms: " + space.detail);
        if (space.looked_at == status.passages && (space.state == "ready" || space.state == "none")) return {};
        if (session.cancelled) return failed(Code::unavailable, "interrupted");
        ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    }
}

Pusher::Pusher(const Session& session, Connection& lard, std::string source, Progress& progress, std::uint64_t total)
    : session_(session), lard_(lard), source_(std::move(source)), progress_(progress), total_(total) {}

Result<> Pusher::put(wire::ApiPushedDocument document) {
    if (session_.cancelled) return fail(Code::unavailable, "interrupted");
    const std::size_t bytes = document.text.size() + document.title.size();
    if (bytes_ + bytes > batch_bytes || batch_.documents.size() == batch_documents) TRY_VOID(send());
    bytes_ += bytes;
    batch_.documents.push_back(std::move(document));
    return {};
}

Result<> Pusher::finish() { return send(); }

Result<> Pusher::send() {
    if (batch_.documents.empty()) return {};
    auto pushed = call<wire::ApiPushed>(lard_, "POST", "/lar/v1/sources/" + url_encoded(source_) + "/documents",
                                        wire::to_json(batch_));
    if (!pushed) {
        refused_ = std::move(pushed).error();
        return fail(Code::internal, refused_->message);
    }
    documents_ += batch_.documents.size();
    progress_.show("indexing", documents_, total_, "documents");
    batch_.documents.clear();
    bytes_ = 0;
    return {};
}

Outcome<> Pusher::outcome(Result<> result) {
    if (refused_) return std::unexpected(std::move(*refused_));
    if (!result) return std::unexpected(std::move(result).error());
    return {};
}

}  // namespace lar::cli
