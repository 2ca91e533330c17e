// A real lar-engine under a real spawner, as lard would have it: what it is asked, what it answers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ipc/spawner.h"
#include "wire/engine.h"

namespace lar::testing_support {

inline constexpr std::int64_t patience_ms = 60'000;

class EngineProcess {
public:
    // Waits for EngineReady.
    static Result<EngineProcess> start(ipc::Spawner& spawner);

    Result<> send(const wire::EngineRequest& request, const std::vector<std::filesystem::path>& files = {});
    Result<wire::EngineEvent> next();
    // Loads it and waits for Loaded; an EngineFailed becomes its error.
    Result<wire::Loaded> load(const std::vector<std::filesystem::path>& files, wire::LoadModel how);

    ipc::Worker& worker() { return worker_; }

private:
    explicit EngineProcess(ipc::Worker worker) : worker_(std::move(worker)) {}
    ipc::Worker worker_;
};

// What a generation came to: its text, its pieces and its end.
struct Generated {
    std::string text;
    std::vector<wire::Piece> pieces;
    wire::Started started;
    wire::Finished finished;
};
// Sends them all at once and waits for each end, in the order of the requests. An EngineFailed becomes its error.
Result<std::vector<Generated>> generate(EngineProcess& engine, std::vector<wire::Generate> requests);
Result<Generated> generate(EngineProcess& engine, wire::Generate request);

Error error_of(const wire::EngineFailed& failed);

}  // namespace lar::testing_support
