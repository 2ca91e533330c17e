// Engines for the rooms: lar-engine processes, each with one model, or with one file to be looked at.
//
// An engine's channel is read and written on lard's I/O thread whenever it is ready, and nothing ever waits there:
// what does not fit into the socket is queued. Everything an engine says is checked first (ids of requests that are
// under way, counts, sizes, finite numbers, and whether it may be said in this state); one that lies is killed, its
// requests fail, and how it ended is told as news, after which models/keeper.h decides whether another is started.
//
// facts() is for any other thread and waits: a fresh engine looks at one file and ends, whatever the file does to it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "consent/computed.h"
#include "http/server.h"
#include "ipc/spawner.h"
#include "models/details.h"
#include "models/engine.h"
#include "wire/engine.h"
#include "work_meter.h"

namespace lar::lard {

// What a model computed for one request, also when it was cancelled half-way.
struct EngineWork {
    std::string model;
    consent::Output output = consent::Output::text;
    std::uint32_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
    Spent spent;
};

// What an engine says, before anybody believes it: sizes and numbers within what wire/engine.h promises.
Result<> validate(const wire::EngineEvent& event);

class SpawnedEngines final : public models::EngineStarter, public models::FactsReader {
public:
    SpawnedEngines(ipc::Spawner& spawner, const Clock& clock, const Zone& zone, WorkMeter meter)
        : spawner_(spawner), clock_(clock), zone_(zone), meter_(std::move(meter)) {}

    // Before the server runs: where channels are watched, and what is called on its thread after events came.
    void attach(http::Server& server, std::function<void()> after_events) {
        server_ = &server;
        after_events_ = std::move(after_events);
    }
    // Before the server runs: who hears, on its thread, of what was computed.
    void on_work(std::function<void(const EngineWork&)> tell) { tell_work_ = std::move(tell); }

    Result<std::unique_ptr<models::Engine>> start(const std::string& name, models::OpenModel files,
                                                  wire::LoadModel load, TellNews tell) override;
    Result<wire::Facts> facts(Fd file) override { return look_at(std::move(file), {}); }
    Result<std::vector<wire::TensorFact>> tensors(Fd file) override;

    // The engines that run, for status; from any thread.
    struct Running {
        pid_t pid = 0;
        std::string layers;  // of the sandbox, once it has said
    };
    std::vector<Running> running() const;

private:
    friend class SpawnedEngine;
    Result<wire::Facts> look_at(Fd file, wire::ReadFacts how);
    ipc::Spawner& spawner_;
    const Clock& clock_;
    const Zone& zone_;
    http::Server* server_ = nullptr;
    std::function<void()> after_events_;
    std::function<void(const EngineWork&)> tell_work_;
    WorkMeter meter_;  // of the I/O thread
    mutable std::mutex mutex_;
    std::vector<Running> running_;
};

}  // namespace lar::lard
