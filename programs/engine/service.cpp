#include "service.h"

#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>
#include <utility>

#include "base/build.h"
#include "base/format.h"
#include "base/time.h"
#include "inference/backends.h"
#include "inference/facts.h"
#include "inference/threads.h"
#include "requests.h"

namespace lar::engine {
namespace {

// lard counts what it sends (limit_requests); cancelling comes on top.
constexpr std::size_t limit_waiting = 2 * wire::limit_requests;
constexpr float progress_step = 0.02F;

std::uint64_t id_of(const wire::EngineRequest& request) {
    return std::visit([](const auto& message) { return message.id; }, request);
}

wire::EngineFailed failure(std::uint64_t id, const Error& error) {
    return {.id = id, .code = std::string(to_string(error.code)), .message = error.message};
}

// A file may say that it is terabytes long, with nothing in most of it, and mapping it would never end.
// Of all files together; too_large for more than this machine's memory.
Result<std::uint64_t> bytes_of(const std::vector<Fd>& files) {
    struct sysinfo machine{};
    if (::sysinfo(&machine) != 0) return fail_errno("sysinfo", errno);
    const std::uint64_t memory = (std::uint64_t{machine.totalram} + machine.totalswap) * machine.mem_unit;
    std::uint64_t bytes = 0;
    for (const Fd& file : files) {
        struct stat about{};
        if (::fstat(file.number(), &about) != 0) return fail_errno("fstat", errno);
        bytes += static_cast<std::uint64_t>(about.st_size);
    }
    constexpr std::uint64_t megabyte = 1'000'000;
    if (bytes <= memory) return bytes;
    return fail(Code::too_large, lar::format("the model's files have {} MB, more than this machine's {} MB of memory",
                                             bytes / megabyte, memory / megabyte));
}

}  // namespace

Result<> Service::say(const wire::EngineEvent& event) {
    Result<> sent = ipc::send(channel_, event);
    if (!sent && sent.error().code != Code::too_large) channel_error_ = sent.error();
    return sent;
}

// What does not fit into a frame is an answer of its own; a channel that is gone ends the service.
void Service::tell(const wire::EngineEvent& event) {
    if (channel_error_) return;
    const Result<> sent = say(event);
    if (sent || channel_error_) return;
    const std::uint64_t id = std::visit(
        [](const auto& message) -> std::uint64_t {
            if constexpr (requires { message.id; })
                return message.id;
            else
                return 0;
        },
        event);
    if (const Result<> told = say(failure(id, sent.error())); !told) channel_error_ = told.error();
}

Result<> Service::failed(std::uint64_t id, const Error& error) { return say(failure(id, error)); }

Result<> Service::answer_facts(const wire::ReadFacts& request, const std::vector<Fd>& files) {
    if (files.size() != 1) return fail(Code::corrupt, "a request for facts brings one file");
    TRY_VOID(lock_.for_facts());
    Result<wire::Facts> facts = inference::read_facts(files[0].number(), request);
    return facts ? say(std::move(*facts)) : failed(request.id, facts.error());
}

Result<std::unique_ptr<inference::Model>> Service::prepare(const wire::LoadModel& request, std::vector<Fd> files,
                                                           wire::Loaded& loaded) {
    TRY_VOID(check_values(request));
    const std::uint64_t model_bytes = TRY(bytes_of(files));
    // What is looked up on this machine comes first; no byte of the model has been read.
    loaded.device = TRY(inference::load_backends(compute_libraries_));
    const std::uint32_t threads = request.threads != 0 ? request.threads : inference::useful_threads(model_bytes);
    inference::ModelFiles model;
    for (Fd& file : files)
        (model.parts.size() < request.parts ? model.parts : model.adapters).push_back(std::move(file));
    model.adapter_scales = request.adapter_scales;
    model.maps = TRY(open_read_only("/proc/self/maps"));
    const Memory memory = request.lock_memory ? Memory::is_locked : Memory::may_be_swapped;
    const bool split = model.parts.size() > 1;
    sandbox::Layers layers =
        TRY(split ? lock_.for_parts(inference::part_names(model), memory) : lock_.for_work(memory));
    float told = -progress_step;
    auto weights = TRY(inference::Weights::load(std::move(model), request.lock_memory, [&](float progress) {
        if (progress < told + progress_step && progress < 1) return;
        told = progress;
        tell(wire::Loading{.id = request.id, .progress = progress});
    }));
    // Before anything is computed: the threads that computing makes inherit it.
    if (split) layers = TRY(lock_.for_work(memory));
    loaded.layers = sandbox::to_string(layers);
    return inference::Model::make(
        std::move(weights), request, threads, [this](wire::EngineEvent event) { tell(event); }, loaded);
}

Result<> Service::load(const wire::LoadModel& request, std::vector<Fd> files) {
    if (files.size() != request.parts + request.adapter_scales.size())
        return fail(Code::corrupt, "a request to load brings other files than it says");
    const SystemClock clock;
    const std::int64_t begun_us = clock.monotonic_us();
    wire::Loaded loaded{.id = request.id};
    Result<std::unique_ptr<inference::Model>> model = prepare(request, std::move(files), loaded);
    // There is no second try: the process is locked down by now.
    if (!model) return failed(request.id, model.error());
    model_ = std::move(*model);
    loaded.load_us = clock.monotonic_us() - begun_us;
    TRY_VOID(say(loaded));
    return serve_model();
}

void Service::cancel(std::uint64_t id) {
    const auto waits = std::ranges::find(waiting_, id, id_of);
    if (waits != waiting_.end()) {
        waiting_.erase(waits);
        tell(failure(id, {Code::unavailable, "cancelled"}));
    } else {
        model_->cancel(id);  // one that is answered already is no mistake: lard cannot know yet
    }
}

void Service::receive_one(ipc::Patience patience) {
    Result<wire::EngineRequest> request = ipc::receive<wire::EngineRequest>(channel_, patience);
    if (!request) {
        channel_error_ = request.error();
    } else if (const auto* wanted = std::get_if<wire::CancelRequest>(&*request)) {
        cancel(wanted->id);
    } else if (const Result<> shape = check_shape(*request); !shape) {
        channel_error_ = shape.error();
    } else if (waiting_.size() >= limit_waiting ||
               std::ranges::find(waiting_, id_of(*request), id_of) != waiting_.end() ||
               model_->knows(id_of(*request))) {
        channel_error_ = Error{Code::corrupt, "too many requests at once, or one number twice"};
    } else {
        waiting_.push_back(std::move(*request));
    }
}

void Service::look() {
    while (!channel_error_) {
        receive_one({.timeout_ms = 0});
        if (channel_error_ && channel_error_->code == Code::timeout) {
            channel_error_.reset();
            return;
        }
    }
}

Result<> Service::take(wire::EngineRequest request) {
    if (const Result<> values = check_values(request); !values) return failed(id_of(request), values.error());
    return std::visit(
        [this](auto& wanted) -> Result<> {
            using Wanted = std::remove_cvref_t<decltype(wanted)>;
            if constexpr (std::is_same_v<Wanted, wire::ReadFacts> || std::is_same_v<Wanted, wire::LoadModel>)
                return fail(Code::corrupt, "a second file for an engine that has its model");
            else if constexpr (!std::is_same_v<Wanted, wire::CancelRequest>)  // done when it came
                model_->take(std::move(wanted));
            return {};
        },
        request);
}

Result<> Service::serve_model() {
    const std::function<void()> look_meanwhile = [this] { look(); };
    for (;;) {
        // With nothing to do it sleeps until a request comes; between two steps it only looks.
        if (model_->idle() && waiting_.empty()) receive_one({});
        look();
        while (!waiting_.empty() && !channel_error_) {
            wire::EngineRequest next = std::move(waiting_.front());
            waiting_.pop_front();
            TRY_VOID(take(std::move(next)));
        }
        if (channel_error_) return std::unexpected(*channel_error_);
        model_->step(look_meanwhile);
        if (channel_error_) return std::unexpected(*channel_error_);
    }
}

Result<> Service::serve() {
    TRY_VOID(say(wire::EngineReady{.build = std::string(build_id()), .library = inference::library_version()}));
    auto first = TRY(ipc::receive_with_descriptors<wire::EngineRequest>(channel_, ipc::limit_frame_descriptors));
    TRY_VOID(check_shape(first.message));
    if (const auto* request = std::get_if<wire::ReadFacts>(&first.message))
        return answer_facts(*request, first.descriptors);
    if (const auto* request = std::get_if<wire::LoadModel>(&first.message))
        return load(*request, std::move(first.descriptors));
    return fail(Code::corrupt, "a request before there is a model");
}

Result<> Service::run() {
    Result<> served = serve();
    // lard has closed the channel: that is how this process is meant to end.
    if (!served && served.error().code == Code::unavailable) return {};
    return served;
}

}  // namespace lar::engine
