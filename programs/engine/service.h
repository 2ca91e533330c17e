// The engine's conversation: facts of one file, or one model and then any number of requests at a time.
//
// What may be asked depends on the state, as in this table; anything else ends the process:
//     waiting   ReadFacts, LoadModel, with the descriptors that each brings
//     loaded    Generate, Embed, Score, Tokenize, Detokenize, Render, CancelRequest, without any
// A request that cannot be granted is answered with Failed and changes nothing.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "inference/model.h"
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
    Result<> load(const wire::LoadModel& request, std::vector<Fd> files);
    Result<std::unique_ptr<inference::Model>> prepare(const wire::LoadModel& request, std::vector<Fd> files,
                                                      wire::Loaded& loaded);
    Result<> serve_model();
    // What came meanwhile, without waiting; cancelling is done at once, the rest waits for its turn.
    void look();
    void receive_one(ipc::Patience patience);
    void cancel(std::uint64_t id);
    Result<> take(wire::EngineRequest request);
    Result<> answer_facts(const wire::ReadFacts& request, const std::vector<Fd>& files);
    Result<> failed(std::uint64_t id, const Error& error);
    Result<> say(const wire::EngineEvent& event);
    void tell(const wire::EngineEvent& event);

    ipc::Channel channel_;
    std::filesystem::path compute_libraries_;
    LockDowns lock_;
    std::unique_ptr<inference::Model> model_;
    std::deque<wire::EngineRequest> waiting_;
    std::optional<Error> channel_error_;  // ends the service at the next opportunity
};

}  // namespace lar::engine
