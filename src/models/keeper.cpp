#include "models/keeper.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/sha256.h"

namespace lar::models {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

// What an engine takes, once it has said.
Need need_as_loaded(Need planned, const wire::Loaded& loaded) {
    if (loaded.weights_bytes != 0) planned.weights_bytes = loaded.weights_bytes;
    if (loaded.kv_bytes != 0) planned.window_bytes = loaded.kv_bytes;
    if (loaded.compute_bytes != 0) planned.computing_bytes = loaded.compute_bytes;
    return planned;
}

std::uint32_t tokens(std::int64_t option) { return static_cast<std::uint32_t>(option); }  // in range since it was set

}  // namespace

Loadable loadable_of(const Model& model) {
    Loadable out{.name = short_form(model.reference), .parts = model.parts, .adapters = model.adapters};
    Sha256 key;
    for (const ModelFile& file : model.parts) {
        key.add(file.hex);
        out.weights_bytes += file.size_bytes;
    }
    for (const ModelFile& file : model.adapters) {
        key.add("+" + file.hex);
        out.weights_bytes += file.size_bytes;
    }
    out.key = key.finish();
    const wire::Facts& facts = model.facts;
    out.facts = {.architecture = facts.architecture,
                 .parameters = facts.parameters,
                 .context_tokens = facts.context_tokens,
                 .embedding_length = facts.embedding_length,
                 .layers = facts.layers,
                 .heads = facts.heads,
                 .kv_heads = facts.kv_heads,
                 .head_length_k = facts.head_length_k,
                 .head_length_v = facts.head_length_v,
                 .vocabulary = facts.vocabulary,
                 .pooling = facts.pooling};
    return out;
}

// --- Lease ---

Lease& Lease::operator=(Lease&& other) noexcept {
    if (this != &other) {
        release();
        keeper_ = std::exchange(other.keeper_, nullptr);
        held_ = other.held_;
    }
    return *this;
}
Lease::~Lease() { release(); }
void Lease::release() {
    if (keeper_ != nullptr) std::exchange(keeper_, nullptr)->release(held_);
}
Engine& Lease::engine() const { return *keeper_->entries_.at(held_).engine; }
const wire::Loaded& Lease::loaded() const { return keeper_->entries_.at(held_).loaded; }

// --- asking ---

Keeper::~Keeper() {
    waiting_.clear();
    for (const auto& [id, entry] : entries_) ASSERT(entry.leases == 0);
}

std::uint64_t Keeper::acquire(Wanted wanted, Ready ready) {
    if (waiting_.size() == limit_waiting) {
        ready(fail(Code::unavailable,
                   lar::format("{} requests wait for a model already: try again later", limit_waiting)));
        return 0;
    }
    const std::uint64_t ticket = ++last_id_;
    waiting_.push_back({ticket, std::move(wanted), std::move(ready), clock_.monotonic_us()});
    schedule();
    return ticket;
}

void Keeper::give_up(std::uint64_t ticket) {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.ticket == ticket; });
    schedule();  // others may have waited behind it
}

bool Keeper::stop(std::string_view key) {
    bool found = false;
    for (auto& [id, entry] : entries_) {
        if (entry.model.key != key || (entry.state != State::ready && entry.state != State::loading)) continue;
        entry.keep_alive_us = 0;
        found = true;
    }
    end_expired();
    return found;
}

void Keeper::tick() {
    buried_.clear();
    schedule();
}

// A callback may acquire, release and give up, so the queue is looked at from its beginning after each.
void Keeper::schedule() {
    again_ = true;
    if (std::exchange(scheduling_, true)) return;
    while (std::exchange(again_, false))
        while (serve_one()) {
        }
    scheduling_ = false;
    end_expired();
}

bool Keeper::serve_one() {
    std::set<std::pair<std::string, Output>> taken;  // models whose first in line waits: nobody passes it
    for (std::size_t at = 0; at < waiting_.size(); ++at) {
        Waiting& waiting = waiting_[at];
        if (!taken.emplace(waiting.wanted.model.key, waiting.wanted.output).second) continue;
        Verdict verdict = look_at(waiting);
        if (verdict) {
            const Ready ready = std::move(waiting.ready);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
            ready(std::move(*verdict));
            return true;
        }
        if (waiting.for_memory && clock_.monotonic_us() - waiting.since_us > limit_overtaken_us) return false;
    }
    return false;
}

Keeper::Verdict Keeper::look_at(Waiting& waiting) {
    waiting.for_memory = false;
    const auto found = find(waiting.wanted.model.key, waiting.wanted.output);
    if (found == entries_.end()) return load(waiting);
    if (found->second.state != State::ready) return std::nullopt;  // it loads, or ends to be loaded anew
    return lease_or_reload(waiting, found->first, found->second);
}

Keeper::Verdict Keeper::lease_or_reload(Waiting& waiting, std::uint64_t id, Entry& entry) {
    const Wanted& wanted = waiting.wanted;
    const std::uint32_t window = entry.loaded.context_tokens;
    if (wanted.needed_tokens && *wanted.needed_tokens > window) {
        const std::uint32_t asked = wanted.options.num_ctx ? tokens(*wanted.options.num_ctx) : *wanted.needed_tokens;
        const std::uint32_t most = std::min(asked, std::max(most_window(entry.model.facts, entry.output), window));
        // A second load would give no more than the first one did.
        if (*wanted.needed_tokens > most || waiting.reloaded)
            return fail(Code::too_large, lar::format("{} tokens do not fit into the window of {} tokens",
                                                     *wanted.needed_tokens, waiting.reloaded ? window : most));
        if (entry.leases != 0) return std::nullopt;  // once nothing runs in it
        // Not for nothing: it is ended only if the larger window has room.
        const Result<Plan> planned =
            room_now().and_then([&](const Room& room) { return plan_in(wanted, room, room.busy_bytes); });
        if (!planned) return std::unexpected(planned.error());
        waiting.reloaded = true;
        end(entry);
        return std::nullopt;
    }
    ++entry.leases;
    entry.keep_alive_us = wanted.keep_alive_us.value_or(options_.keep_alive_us);
    return Lease(*this, id);
}

// --- loading ---

std::optional<Error> Keeper::not_now(const std::string& key) const {
    const auto failures = failures_.find(key);
    const std::int64_t now = clock_.monotonic_us();
    if (failures == failures_.end() || failures->second.policy.may_start(now)) return std::nullopt;
    const std::int64_t pause_us = failures->second.policy.next_start_us() - now;
    return Error{Code::unavailable, lar::format("the model's engine keeps stopping ({}): it is left alone for {} s",
                                                failures->second.last, (pause_us + us_per_second - 1) / us_per_second)};
}

Wish Keeper::wish_of(const Wanted& wanted) const {
    Wish wish{.sequences = options_.sequences, .kv_type = options_.kv_type, .output = wanted.output};
    if (wanted.options.num_ctx) wish.window_tokens = tokens(*wanted.options.num_ctx);
    if (wanted.needed_tokens) wish.window_tokens = std::max(wish.window_tokens.value_or(0), *wanted.needed_tokens);
    if (wanted.options.num_batch) wish.batch_tokens = tokens(*wanted.options.num_batch);
    if (wanted.output == Output::vectors) wish.sequences = 1;
    return wish;
}

Keeper::Verdict Keeper::load(Waiting& waiting) {
    const std::string& key = waiting.wanted.model.key;
    if (std::optional<Error> error = not_now(key)) {
        if (failures_.at(key).policy.next_start_us() - clock_.monotonic_us() <= limit_pause_us) return std::nullopt;
        return std::unexpected(std::move(*error));
    }
    if (any_in(State::ending)) return std::nullopt;  // until its memory is back
    Result<std::optional<Plan>> room = make_room(waiting.wanted);
    if (!room) return std::unexpected(std::move(room).error());
    if (*room) return start(waiting.wanted, **room);
    waiting.for_memory = !any_in(State::ending);
    return std::nullopt;
}

Result<Keeper::Room> Keeper::room_now() const {
    Room room{.memory = TRY(memory_.now())};
    room.all_bytes = room.memory.available_bytes;
    for (const auto& [id, entry] : entries_) {
        if (entry.state == State::dead) continue;
        room.all_bytes += entry.engine->private_bytes();
        if (entry.state == State::loading || entry.leases != 0) room.busy_bytes += entry.plan.need.total_bytes();
    }
    return room;
}

Result<Plan> Keeper::plan_in(const Wanted& wanted, const Room& room, std::uint64_t taken_bytes) const {
    return plan(wanted.model.name, wanted.model.facts, wanted.model.weights_bytes, wish_of(wanted),
                {.available_bytes = room.all_bytes - std::min(room.all_bytes, taken_bytes),
                 .total_bytes = room.memory.total_bytes,
                 .bound = room.memory.bound});
}

Result<std::optional<Plan>> Keeper::make_room(const Wanted& wanted) {
    const Room room = TRY(room_now());
    const Result<Plan> best = plan_in(wanted, room, room.busy_bytes);
    if (!best) {
        if (room.busy_bytes != 0 && plan_in(wanted, room, 0))
            return std::nullopt;  // those who are served now give room later
        return std::unexpected(best.error());
    }
    const std::vector<std::uint64_t> idle = idle_by_use();
    std::uint64_t taken_bytes = room.busy_bytes;
    for (const std::uint64_t id : idle) taken_bytes += entries_.at(id).plan.need.total_bytes();
    auto engines = static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](const auto& one) { return one.second.state != State::dead; }));
    if (engines - idle.size() >= limit_engines) return std::nullopt;
    for (auto next = idle.begin();; ++next) {
        const Result<Plan> planned = plan_in(wanted, room, taken_bytes);
        // The window that it would have alone; for fewer sequences nobody is sent away.
        if (engines < limit_engines && planned && planned->shape.window_tokens >= best->shape.window_tokens) {
            if (next == idle.begin()) return *planned;
            return std::nullopt;  // once those that were told have ended
        }
        ASSERT(next != idle.end());  // without all of them it is the best plan
        Entry& out = entries_.at(*next);
        taken_bytes -= out.plan.need.total_bytes();
        --engines;
        end(out);
    }
}

Keeper::Verdict Keeper::start(const Wanted& wanted, const Plan& plan) {
    Result<OpenModel> files =
        open_files({.parts = wanted.model.parts, .adapters = wanted.model.adapters, .facts = wanted.model.facts});
    if (!files) return std::unexpected(std::move(files).error());
    const std::uint64_t id = ++last_id_;
    const wire::LoadModel load{.id = id,
                               .parts = static_cast<std::uint32_t>(wanted.model.parts.size()),
                               .adapter_scales = std::vector<float>(wanted.model.adapters.size(), 1.0F),
                               .context_tokens = plan.shape.window_tokens,
                               .sequences = plan.shape.sequences,
                               .batch_tokens = plan.shape.batch_tokens,
                               .threads = tokens(wanted.options.num_thread.value_or(0)),
                               .kv_type = plan.shape.kv_type,
                               .embeddings = wanted.output == Output::vectors,
                               .lock_memory = wanted.options.use_mlock.value_or(false)};
    Result<std::unique_ptr<Engine>> engine = starter_.start(
        wanted.model.name, std::move(*files), load, [this, id](EngineNews&& news) { hear(id, std::move(news)); });
    if (!engine) {
        Failures& failures = failures_[wanted.model.key];
        failures.policy.failed(clock_.monotonic_us());
        failures.last = engine.error().message;
        return std::unexpected(std::move(engine).error());
    }
    entries_.emplace(id, Entry{.model = wanted.model,
                               .output = wanted.output,
                               .engine = std::move(*engine),
                               .plan = plan,
                               .used_us = clock_.monotonic_us(),
                               .keep_alive_us = wanted.keep_alive_us.value_or(options_.keep_alive_us)});
    return std::nullopt;  // a lease once it has loaded
}

// --- what engines say ---

void Keeper::hear(std::uint64_t id, EngineNews&& news) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    std::visit(Overloaded{
                   [&](const wire::Loading& loading) { entry.progress = loading.progress; },
                   [&](wire::Loaded& loaded) {
                       if (entry.state != State::loading) return;
                       entry.state = State::ready;
                       entry.plan.need = need_as_loaded(entry.plan.need, loaded);
                       entry.loaded = std::move(loaded);
                       entry.used_us = clock_.monotonic_us();
                       schedule();
                   },
                   [&](const EngineEnded& end) { ended(id, end.error); },
               },
               news);
}

void Keeper::ended(std::uint64_t id, const Error& error) {
    Entry& entry = entries_.at(id);
    const State before = std::exchange(entry.state, State::dead);
    const std::string key = entry.model.key;
    const Output output = entry.output;
    if (before == State::loading || before == State::ready) {
        Failures& failures = failures_[key];
        failures.policy.failed(clock_.monotonic_us());
        failures.last = error.message;
    }
    if (entry.leases == 0) bury(id);
    // Those who waited for this load learn of its end; another load would go the same way.
    std::vector<Ready> failed;
    if (before == State::loading) {
        for (Waiting& waiting : waiting_)
            if (waiting.wanted.model.key == key && waiting.wanted.output == output)
                failed.push_back(std::exchange(waiting.ready, nullptr));
        std::erase_if(waiting_, [](const Waiting& waiting) { return !waiting.ready; });
    }
    for (const Ready& ready : failed) ready(std::unexpected(error));
    schedule();
}

void Keeper::release(std::uint64_t id) {
    Entry& entry = entries_.at(id);
    ASSERT(entry.leases != 0);
    --entry.leases;
    entry.used_us = clock_.monotonic_us();
    if (entry.state == State::dead && entry.leases == 0)
        bury(id);
    else if (entry.state == State::ready)
        failures_.erase(entry.model.key);
    schedule();
}

// --- ending ---

void Keeper::end(Entry& entry) {
    entry.state = State::ending;
    entry.engine->end();
}

void Keeper::bury(std::uint64_t id) {
    buried_.push_back(std::move(entries_.at(id).engine));
    entries_.erase(id);
}

std::optional<std::int64_t> Keeper::expires_us(const Entry& entry) const {
    if (entry.state != State::ready || entry.leases != 0 || entry.keep_alive_us < 0) return std::nullopt;
    return entry.used_us + entry.keep_alive_us;
}

void Keeper::end_expired() {
    const std::int64_t now = clock_.monotonic_us();
    for (auto& [id, entry] : entries_)
        if (const auto expires = expires_us(entry); expires && *expires <= now) end(entry);
}

// --- looking ---

// Of a model in that use: the engine that is or will be ready, else the one that is ending.
std::map<std::uint64_t, Keeper::Entry>::iterator Keeper::find(const std::string& key, Output output) {
    return std::ranges::find_if(entries_, [&](const auto& one) {
        const Entry& entry = one.second;
        return entry.model.key == key && entry.output == output && entry.state != State::dead;
    });
}

std::vector<std::uint64_t> Keeper::idle_by_use() const {
    std::vector<std::uint64_t> out;
    for (const auto& [id, entry] : entries_)
        if (entry.state == State::ready && entry.leases == 0) out.push_back(id);
    std::ranges::stable_sort(out, {}, [&](std::uint64_t id) { return entries_.at(id).used_us; });
    return out;
}

bool Keeper::any_in(State state) const {
    return std::ranges::any_of(entries_, [&](const auto& one) { return one.second.state == state; });
}

std::vector<Held> Keeper::held() const {
    std::vector<Held> out;
    const std::int64_t wall_us = clock_.now_us() - clock_.monotonic_us();
    for (const auto& [id, entry] : entries_) {
        if (entry.state == State::dead) continue;
        const bool ready = entry.state != State::loading;
        out.push_back({.name = entry.model.name,
                       .key = entry.model.key,
                       .state = entry.state == State::loading ? HeldState::loading
                                : entry.state == State::ready ? HeldState::ready
                                                              : HeldState::ending,
                       .progress = entry.progress,
                       .need = entry.plan.need,
                       .window_tokens = ready ? entry.loaded.context_tokens : entry.plan.shape.window_tokens,
                       .sequences = ready ? entry.loaded.sequences : entry.plan.shape.sequences,
                       .leases = entry.leases,
                       .expires_us = expires_us(entry).transform([&](std::int64_t us) { return us + wall_us; }),
                       .output = entry.output});
    }
    return out;
}

std::optional<std::int64_t> Keeper::next_wake_us() const {
    std::optional<std::int64_t> wake;
    const auto at = [&](std::int64_t us) { wake = std::min(wake.value_or(us), us); };
    const std::int64_t now = clock_.monotonic_us();
    if (!buried_.empty()) at(now);
    for (const auto& [id, entry] : entries_)
        if (const auto expires = expires_us(entry)) at(*expires);
    for (const Waiting& waiting : waiting_) {
        if (waiting.for_memory) at(now + memory_poll_us);
        const auto failures = failures_.find(waiting.wanted.model.key);
        if (failures != failures_.end() && !failures->second.policy.may_start(now))
            at(failures->second.policy.next_start_us());
    }
    return wake;
}

}  // namespace lar::models
