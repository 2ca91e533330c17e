// One request for text, from the plan to the last byte: an engine is had, prompts are sent, events become the family's
// answer.
//
// All but the first step is done on lard's I/O thread, where keeper and engines are; nothing waits, no thread is held
// while a model computes. What a client leaves unread is bounded by http's queue of a stream: beyond it the client is
// dropped, which cancels. A client that goes away cancels at once: its requests at the engine, or its place in line.
//
// A prompt that does not fit is tried again in a larger window if the model can have one (models/keeper.h); when it
// cannot, the oldest messages or tokens are dropped if the plan allows, and otherwise it is refused with the counts.
#pragma once

#include <functional>
#include <memory>

#include "api/plan.h"
#include "api/shape.h"
#include "base/time.h"
#include "http/responder.h"
#include "models/keeper.h"

namespace lar::api {

struct EngineRoom {
    models::Keeper& keeper;  // of the I/O thread
    const Clock& clock;
    std::function<void(std::function<void()>)> post;  // runs it on the I/O thread, soon; from any thread
};

// From any thread: goes to the I/O thread first.
void generate(const EngineRoom& room, models::Loadable model, Plan plan, std::unique_ptr<Shape> shape,
              http::Responder responder);

}  // namespace lar::api
