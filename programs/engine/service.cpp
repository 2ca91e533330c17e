#include "service.h"

#include <utility>

#include "base/build.h"
#include "inference/backends.h"
#include "inference/facts.h"

namespace lar::engine {

Result<> Service::say(const wire::EngineEvent& event) { return ipc::send(channel_, event); }

Result<> Service::failed(std::uint64_t id, const Error& error) {
    return say(wire::EngineFailed{.id = id, .code = std::string(to_string(error.code)), .message = error.message});
}

Result<> Service::answer_facts(const wire::ReadFacts& request, const std::vector<Fd>& files) {
    if (files.size() != 1) return fail(Code::corrupt, "a request for facts brings one file");
    TRY_VOID(lock_.for_facts());
    Result<wire::Facts> facts = inference::read_facts(files[0].number(), request);
    return facts ? say(std::move(*facts)) : failed(request.id, facts.error());
}

Result<> Service::serve() {
    TRY_VOID(say(wire::EngineReady{.build = std::string(build_id()), .library = inference::library_version()}));
    const auto first = TRY(ipc::receive_with_descriptors<wire::EngineRequest>(channel_, ipc::limit_frame_descriptors));
    if (const auto* request = std::get_if<wire::ReadFacts>(&first.message))
        return answer_facts(*request, first.descriptors);
    return fail(Code::corrupt, "a request before there is a model");
}

Result<> Service::run() {
    Result<> served = serve();
    // lard has closed the channel: that is how this process is meant to end.
    if (!served && served.error().code == Code::unavailable) return {};
    return served;
}

}  // namespace lar::engine
