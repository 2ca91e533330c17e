// The engine's conversation: facts of one file, or one model and then any number of requests at a time.
//
// What may be asked depends on the state, as in this table; anything else ends the process:
//     waiting   ReadFacts, LoadModel, with the descriptors that each brings
//     loaded    Generate, Embed, Score, Tokenize, Detokenize, Render, CancelRequest, without any
// A request that cannot be granted is answered with Failed and changes nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ipc/channel.h"
#include "sandbox.h"
#include "wire/engine.h"

namespace lar::engine {

class Service {
public:
    // The lock-downs are passed in so that tests can serve without ending their own freedom.
    struct LockDowns {
        std::function<Result<sandbox::Layers>()> for_facts;
        std::function<Result<sandbox::Layers>(const std::vector<std::string>&, Memory)> for_parts;
        std::function<Result<sandbox::Layers>(Memory)> for_work;
    };
    Service(ipc::Channel channel, std::filesystem::path compute_libraries, LockDowns lock_downs)
        : channel_(std::move(channel)),
          compute_libraries_(std::move(compute_libraries)),
          lock_(std::move(lock_downs)) {}

    // Until the channel closes or the one answer is given, which is no error.
    Result<> run();

private:
    Result<> serve();
    Result<> answer_facts(const wire::ReadFacts& request, const std::vector<Fd>& files);
    Result<> failed(std::uint64_t id, const Error& error);
    Result<> say(const wire::EngineEvent& event);

    ipc::Channel channel_;
    std::filesystem::path compute_libraries_;
    LockDowns lock_;
};

}  // namespace lar::engine
