#include "service.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "base/build.h"
#include "documents.h"

namespace lar::reader {
namespace {

bool is_place(const std::string& path) {
    if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) return false;
    return std::ranges::none_of(std::filesystem::path(path),
                                [](const std::filesystem::path& part) { return part == ".."; });
}
bool is_object_id(const std::string& hex) {
    return (hex.size() == 40 || hex.size() == 64) && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<> validate_open(const wire::OpenRepository& open) {
    if (!open.work_tree.empty() && !is_place(open.work_tree))
        return fail(Code::corrupt, "a work tree that is no absolute path");
    if (!is_place(open.git_dir) || !is_place(open.common_dir))
        return fail(Code::corrupt, "a git directory that is no absolute path");
    if (open.object_dirs.size() > limit_object_dirs || !std::ranges::all_of(open.object_dirs, is_place))
        return fail(Code::corrupt, "object directories that are too many or no absolute paths");
    return {};
}

}  // namespace

Result<> validate(const wire::ReaderRequest& request) {
    if (const auto* open = std::get_if<wire::OpenRepository>(&request)) return validate_open(*open);
    if (const auto* read = std::get_if<wire::ReadCommits>(&request))
        if (read->have.size() > limit_have || !std::ranges::all_of(read->have, is_object_id))
            return fail(Code::corrupt, "commits that are too many or no object ids");
    return {};
}

Result<wire::ReaderRequest> Service::receive(ipc::Patience patience) {
    wire::ReaderRequest request = TRY(ipc::receive<wire::ReaderRequest>(channel_, patience));
    TRY_VOID(validate(request));
    return request;
}

Result<wire::ReaderRequest> Service::next() {
    if (waiting_.empty()) return receive({});
    wire::ReaderRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    return request;
}

Result<> Service::say(const wire::ReaderEvent& event) {
    Result<> sent = ipc::send(channel_, event);
    if (!sent && sent.error().code != Code::too_large) channel_error_ = sent.error();
    return sent;
}

Result<> Service::failed(std::uint64_t id, const Error& error) {
    if (channel_error_) return std::unexpected(*channel_error_);
    return say(wire::Failed{.id = id, .code = std::string(to_string(error.code)), .message = error.message});
}

// What came meanwhile, without waiting.
Result<> Service::between(std::uint64_t id) {
    for (;;) {
        Result<wire::ReaderRequest> request = receive({.timeout_ms = 0});
        if (!request && request.error().code == Code::timeout) return {};
        if (request && waiting_.size() >= limit_waiting_requests)
            request = fail(Code::corrupt, "too many requests at once");
        if (request && std::holds_alternative<wire::OpenRepository>(*request))
            request = fail(Code::corrupt, "a second repository");
        if (request && std::holds_alternative<wire::OpenDocuments>(*request))
            request = fail(Code::corrupt, "documents as well");
        if (!request) {
            channel_error_ = request.error();
            return std::unexpected(request.error());
        }
        const auto* cancel = std::get_if<wire::Cancel>(&*request);
        if (!cancel) {
            waiting_.push_back(std::move(*request));
        } else if (cancel->id == id) {
            return fail(Code::unavailable, "cancelled");
        } else {
            // Of one that waits; or of one that is answered already, and then there is nothing to do.
            std::erase_if(waiting_, [&](const wire::ReaderRequest& other) {
                return std::visit([](const auto& message) { return message.id; }, other) == cancel->id;
            });
        }
    }
}

Result<bool> Service::open(const wire::OpenRepository& request) {
    const auto try_open = [&]() -> Result<wire::Opened> {
        const sandbox::Layers layers = TRY(lock_down_.for_repository(request));
        repository_ = TRY(documents::GitRepository::open(request));
        wire::Opened opened = TRY(repository_->describe(request.id));
        opened.layers = sandbox::to_string(layers);
        return opened;
    };
    Result<wire::Opened> opened = try_open();
    if (opened) {
        TRY_VOID(say(*opened));
        return true;
    }
    // There is no second try: the places are fixed by now.
    TRY_VOID(failed(request.id, opened.error()));
    return false;
}

Result<> Service::answer_commits(const wire::ReadCommits& request) {
    const Result<wire::Done> done = repository_->read_commits(
        request, [&](wire::Commits&& batch) { return say(std::move(batch)); }, [&] { return between(request.id); });
    return done ? say(*done) : failed(request.id, done.error());
}

Result<> Service::answer_reachable(const wire::ReadReachable& request) {
    const Result<> read = repository_->read_reachable(
        request.id, [&](wire::Reachable&& batch) { return say(std::move(batch)); },
        [&] { return between(request.id); });
    return read ? say(wire::Done{.id = request.id}) : failed(request.id, read.error());
}

Result<> Service::answer_working_tree(const wire::ReadWorkingTree& request) {
    Result<wire::WorkingTree> tree = repository_->read_working_tree(request.id, [&] { return between(request.id); });
    if (!tree) return failed(request.id, tree.error());
    TRY_VOID(say(std::move(*tree)));
    return say(wire::Done{.id = request.id});
}

Result<> Service::answer(const wire::ReaderRequest& request) {
    struct Visitor {
        Service& service;
        Result<> operator()(const wire::OpenRepository&) const { return fail(Code::corrupt, "a second repository"); }
        Result<> operator()(const wire::ReadCommits& read) const { return service.answer_commits(read); }
        Result<> operator()(const wire::ReadReachable& read) const { return service.answer_reachable(read); }
        Result<> operator()(const wire::ReadWorkingTree& read) const { return service.answer_working_tree(read); }
        Result<> operator()(const wire::Cancel&) const { return {}; }  // of what is answered already
        Result<> operator()(const wire::OpenDocuments&) const { return fail(Code::corrupt, "documents as well"); }
    };
    return std::visit(Visitor{*this}, request);
}

Result<> Service::run() {
    const auto serve = [&]() -> Result<> {
        TRY_VOID(say(wire::ReaderReady{.build = std::string(build_id())}));
        const wire::ReaderRequest first = TRY(next());
        if (std::holds_alternative<wire::OpenDocuments>(first)) {
            const sandbox::Layers layers = TRY(lock_down_.for_documents());
            return DocumentService(channel_).run(sandbox::to_string(layers));
        }
        const auto* request = std::get_if<wire::OpenRepository>(&first);
        if (!request) return fail(Code::corrupt, "a request before any repository is open");
        if (!TRY(open(*request))) return {};
        for (;;) TRY_VOID(answer(TRY(next())));
    };
    Result<> served = serve();
    // lard has closed the channel: that is how this process is meant to end.
    if (!served && served.error().code == Code::unavailable) return {};
    return served;
}

}  // namespace lar::reader
