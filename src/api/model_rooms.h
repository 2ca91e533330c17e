// What /api and /v1 reach: the catalogue of models, and the engines that hold them.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/generation.h"
#include "base/result.h"
#include "models/catalogue.h"
#include "models/keeper.h"
#include "wire/ollama.h"

namespace lar::api {

struct ModelRooms {
    models::Catalogue& catalogue;  // any thread
    EngineRoom engines;            // its keeper on the I/O thread only; see on_io
    std::string default_model;     // the user's setting; empty: none
};

// Which of them answers where no model is named: the one that the settings name, else the newest that writes text.
const models::Listed* default_of(const ModelRooms& rooms, const std::vector<models::Listed>& all);

// Why none of them does, where default_of() names none.
std::string no_default_text(const ModelRooms& rooms);

// not_found with Ollama's words, which clients look for: "model 'x' not found".
Result<models::Model> find_model(models::Catalogue& catalogue, std::string_view name);

// What the call returns, run on the I/O thread while this thread waits. It may come when nobody waits any more, so it
// holds nothing of the caller's. unavailable when lard stops meanwhile.
template <class T>
Result<T> on_io(const EngineRoom& room, std::function<T()> call) {
    const auto answer = std::make_shared<std::promise<T>>();  // shared with a call that may come too late
    std::future<T> future = answer->get_future();
    room.post([answer, call = std::move(call)] { answer->set_value(call()); });
    if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready)
        return fail(Code::unavailable, "Lar is stopping");
    return future.get();
}

wire::OllamaDetails details_of(const models::Details& details);

}  // namespace lar::api
