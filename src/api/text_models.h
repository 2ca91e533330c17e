// answer's models over lard's: a model by name, an engine for it, text from that engine, for a thread that waits.
//
// Keeper and engines are on the I/O thread, so every step is posted there and its outcome waited for here; whoever
// waits looks several times a second whether anybody still wants it. What comes too late finds nobody and is dropped:
// the lease is let go, the request cancelled. Must outlive the answers; not the I/O thread's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "answer/text_model.h"
#include "api/model_rooms.h"

namespace lar::api {

class EngineTextModels final : public answer::TextModels {
public:
    explicit EngineTextModels(ModelRooms rooms) : rooms_(std::move(rooms)) {}

    Result<std::string> name_of(std::string_view name) override;
    Result<std::unique_ptr<answer::TextModel>> open(std::string_view name, const answer::Gone& gone) override;

private:
    // By default the one that the settings name, or the newest of those that can write.
    Result<models::Model> find(std::string_view name);

    ModelRooms rooms_;
};

}  // namespace lar::api
