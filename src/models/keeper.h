// Which engine holds which model: loaded when asked for, shared by all who ask, kept a while, out when memory is short.
//
//     keeper.acquire({.model = loadable_of(model), .options = options}, [](Result<Lease> lease) {
//         lease->engine().request(…);      // the lease is kept until the answer is complete
//     });
//
// One engine for one set of files, whatever the names of the models made of them: texts and parameters go with each
// request. Those who ask while it loads wait for the one load. An engine with a lease is never ended; without
// any it lives as long as the latest request said (five minutes), and shorter when another model needs its memory: of
// those that nobody uses, the one used longest ago goes first. A model for which there is no room even then waits while
// leases could still give room, and is refused with the arithmetic when nothing can. Others overtake who waits so, for
// limit_overtaken_us.
//
// The window never makes an engine come and go. A request for a smaller one than is loaded, or for no particular one,
// is served in the loaded one. A request for a larger one is served in the loaded one too; only when the engine has
// said that its tokens do not fit, and the request comes back with `needed_tokens`, is the model loaded anew: once
// nothing runs in it, while those who came later wait. What else a request says about loading (batch, threads) counts
// at the next load.
//
// An engine that ends by itself fails its requests, and the next one starts another by ipc::RestartPolicy: at once,
// after growing pauses, and for a while not at all, which is `unavailable` with the reason. Others go on.
//
// All calls on one thread, which also runs the callbacks; some of them before acquire() returns. lard calls tick() at
// next_wake_us(). Refused: more than limit_waiting requests at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ipc/spawner.h"
#include "models/engine.h"
#include "models/fit.h"
#include "models/keep_alive.h"
#include "models/model.h"

namespace lar::models {

inline constexpr std::size_t limit_engines = 8;  // of the spawner's workers, which are for readers too
inline constexpr std::size_t limit_waiting = 512;
inline constexpr std::int64_t limit_overtaken_us = 30 * us_per_second;
inline constexpr std::int64_t limit_pause_us = 2 * us_per_second;  // before a restart that is worth waiting for
inline constexpr std::int64_t memory_poll_us = us_per_second;      // while somebody waits for memory

// What it takes to load a model: its files, and the numbers of its facts.
struct Loadable {
    std::string name;  // for people
    std::string key;   // the same for models of the same files
    std::vector<ModelFile> parts, adapters;
    wire::Facts facts;  // without texts
    std::uint64_t weights_bytes = 0;
};
Loadable loadable_of(const Model& model);

struct Wanted {
    Loadable model;
    wire::ModelOptions options;  // the request's over the model's
    Output output = Output::text;
    std::optional<std::uint32_t> needed_tokens;  // an engine said that so many do not fit its window
    std::optional<std::int64_t> keep_alive_us;   // none: the keeper's
};

class Keeper;

// The right to send requests to an engine, which lives at least as long. Ends before its Keeper does.
class Lease {
public:
    Lease(Lease&& other) noexcept : keeper_(std::exchange(other.keeper_, nullptr)), held_(other.held_) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();

    Engine& engine() const;
    const wire::Loaded& loaded() const;

private:
    friend class Keeper;
    Lease(Keeper& keeper, std::uint64_t held) : keeper_(&keeper), held_(held) {}
    void release();

    Keeper* keeper_;
    std::uint64_t held_;
};

enum class HeldState { loading, ready, ending };

// For `lar ps`.
struct Held {
    std::string name, key;
    HeldState state = HeldState::loading;
    float progress = 0;  // of loading
    Need need;
    std::uint32_t window_tokens = 0, sequences = 0;
    std::size_t leases = 0;
    std::optional<std::int64_t> expires_us;  // by the wall clock; none: in use, or for ever
    Output output = Output::text;
};

class Keeper {
public:
    struct Options {
        std::uint32_t sequences = 4;  // that one engine computes together, memory permitting
        wire::KvType kv_type = wire::KvType::f16;
        std::int64_t keep_alive_us = 5 * us_per_minute;
    };

    Keeper(EngineStarter& starter, const MemoryMeter& memory, const Clock& clock, Options options)
        : starter_(starter), memory_(memory), clock_(clock), options_(options) {}
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // Calls `ready` once, with a lease or with why there is none. The ticket is for give_up().
    using Ready = std::function<void(Result<Lease>)>;
    std::uint64_t acquire(Wanted wanted, Ready ready);
    // Who asked is gone: `ready` is not called any more. A load that is under way goes on.
    void give_up(std::uint64_t ticket);

    // Unloads the model once nothing runs in it: at once if nothing does. False: it is not loaded.
    bool stop(std::string_view key);

    std::vector<Held> held() const;
    // The moment (monotonic) at which tick() has something to do; none: only when something happens.
    std::optional<std::int64_t> next_wake_us() const;
    void tick();

private:
    friend class Lease;
    enum class State { loading, ready, ending, dead };  // dead: it ended and is still leased
    struct Entry {
        Loadable model;
        Output output = Output::text;
        State state = State::loading;
        std::unique_ptr<Engine> engine;
        Plan plan;
        wire::Loaded loaded;
        float progress = 0;
        std::size_t leases = 0;
        std::int64_t used_us = 0;  // monotonic
        std::int64_t keep_alive_us = 0;
    };
    struct Waiting {
        std::uint64_t ticket = 0;
        Wanted wanted;
        Ready ready;
        std::int64_t since_us = 0;
        bool for_memory = false;
        bool reloaded = false;  // the model was loaded anew for its tokens
    };
    struct Failures {
        ipc::RestartPolicy policy;
        std::string last;
    };
    // What is to be done about one who waits: a lease, a refusal, or nothing yet.
    using Verdict = std::optional<Result<Lease>>;

    void schedule();
    bool serve_one();
    Verdict look_at(Waiting& waiting);
    Verdict lease_or_reload(Waiting& waiting, std::uint64_t id, Entry& entry);
    Verdict load(Waiting& waiting);
    Verdict start(const Wanted& wanted, const Plan& plan);
    // A plan in what is free now; nothing while engines that were told to end for it still do.
    Result<std::optional<Plan>> make_room(const Wanted& wanted);
    // What there would be without engines, and what those that nobody may end take of it.
    struct Room {
        Memory memory;
        std::uint64_t all_bytes = 0, busy_bytes = 0;
    };
    Result<Room> room_now() const;
    Result<Plan> plan_in(const Wanted& wanted, const Room& room, std::uint64_t taken_bytes) const;
    std::optional<Error> not_now(const std::string& key) const;
    Wish wish_of(const Wanted& wanted) const;

    void hear(std::uint64_t id, EngineNews&& news);
    void ended(std::uint64_t id, const Error& error);
    void end(Entry& entry);
    void bury(std::uint64_t id);
    void end_expired();
    void release(std::uint64_t id);

    std::map<std::uint64_t, Entry>::iterator find(const std::string& key, Output output);
    std::vector<std::uint64_t> idle_by_use() const;
    bool any_in(State state) const;
    std::optional<std::int64_t> expires_us(const Entry& entry) const;

    EngineStarter& starter_;
    const MemoryMeter& memory_;
    const Clock& clock_;
    const Options options_;
    std::uint64_t last_id_ = 0;  // of entries and tickets
    std::map<std::uint64_t, Entry> entries_;
    std::vector<Waiting> waiting_;              // in the order in which they came
    std::map<std::string, Failures> failures_;  // of models whose engines ended badly lately
    // Engines that ended, kept until tick(): the news of it came from them and is still on the stack.
    std::vector<std::unique_ptr<Engine>> buried_;
    bool scheduling_ = false;
    bool again_ = false;
};

}  // namespace lar::models
