// The models and their engines as lard keeps them: the catalogue, the keeper on the I/O thread, and the keeper's alarm.
//
// The keeper wants to be woken at certain moments (a model nobody uses any more, memory that somebody waits for). It is
// asked after whatever may have changed that, and one timer is set; without a model in memory there is none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/model_rooms.h"
#include "base/paths.h"
#include "base/time.h"
#include "engines.h"
#include "http/server.h"
#include "machine.h"
#include "models/catalogue.h"
#include "models/keeper.h"
#include "models/memory.h"

namespace lar::lard {

class ModelKeeping {
public:
    struct Options {
        std::filesystem::path folder;               // Lar's own models
        std::vector<std::filesystem::path> others;  // Ollama's
        models::Keeper::Options keeper;
        std::string default_model;  // that answers where none is named; empty: the newest
    };
    static Result<std::unique_ptr<ModelKeeping>> open(Options options, ipc::Spawner& spawner, const Clock& clock,
                                                      const Zone& zone);

    // Before the server runs.
    void attach(http::Server& server);
    // The rooms for api/; as long as this lives.
    api::ModelRooms rooms();
    // On the I/O thread: looks when the keeper wants to be woken.
    void look();
    const SpawnedEngines& engines() const { return engines_; }
    // Before the server runs: a model came, changed or went. Any thread; it asks the catalogue nothing.
    void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
    void on_work(std::function<void(const EngineWork&)> tell) { engines_.on_work(std::move(tell)); }

private:
    ModelKeeping(const Options& options, ipc::Spawner& spawner, const Clock& clock, const Zone& zone)
        : engines_(spawner, clock, zone, {cpu_us_of, [this] { return energy_.microjoules(); }}),
          keeper_(engines_, memory_, clock, options.keeper),
          clock_(clock),
          default_model_(options.default_model) {}

    PackageEnergy energy_ = PackageEnergy::open("/sys/class/powercap");
    SpawnedEngines engines_;
    models::SystemMemory memory_;
    std::unique_ptr<models::Catalogue> catalogue_;
    models::Keeper keeper_;
    const Clock& clock_;
    std::string default_model_;
    std::function<void()> changed_;
    http::Server* server_ = nullptr;
    std::optional<std::int64_t> alarm_us_;  // monotonic
};

}  // namespace lar::lard
