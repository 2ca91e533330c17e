// An engine as the rooms of lard see it: one process with a model in it. Implemented by programs/lard over lar-engine;
// all calls and all callbacks are on one thread, lard's I/O thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/result.h"
#include "models/model.h"
#include "wire/engine.h"

namespace lar::models {

class Engine {
public:
    virtual ~Engine() = default;  // ends the process if it runs, and tells nobody

    // Events of the request come in order, never before this returns. The last is Finished, Embedded with `last`,
    // Scored, Tokens, Rendered or EngineFailed, which also comes when the engine ends. The id is the engine's; the
    // request's own is not looked at.
    using TakeEvent = std::function<void(wire::EngineEvent&&)>;
    virtual std::uint64_t request(wire::EngineRequest request, TakeEvent take) = 0;
    virtual void cancel(std::uint64_t id) = 0;

    // Asks the process to end; EngineEnded follows. May be called from within any callback.
    virtual void end() = 0;
    // Memory that it holds for itself: what would be available if it ended, mapped files aside.
    virtual std::uint64_t private_bytes() const = 0;
};

struct EngineEnded {
    Error error;  // how it ended, for people: "the engine stopped: it ran out of memory"
};
using EngineNews = std::variant<wire::Loading, wire::Loaded, EngineEnded>;

class EngineStarter {
public:
    virtual ~EngineStarter() = default;
    // Starts a process and has it load. What becomes of it is told later, never before this returns: any number of
    // Loading, then Loaded or not, at last EngineEnded exactly once, if the Engine still exists.
    using TellNews = std::function<void(EngineNews&&)>;
    virtual Result<std::unique_ptr<Engine>> start(const std::string& name, OpenModel files, wire::LoadModel load,
                                                  TellNews tell) = 0;
};

}  // namespace lar::models
