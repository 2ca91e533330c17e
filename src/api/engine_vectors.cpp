#include "api/engine_vectors.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "api/errors.h"

namespace lar::api {
namespace {

constexpr std::chrono::milliseconds vectors_look_time{10};  // how soon it is noticed that nobody waits

// What the I/O thread says once to a thread that waits. Shared with callbacks that may come too late.
template <class T>
class Awaited {
public:
    void say(Result<T> value) {
        {
            const std::scoped_lock lock(mutex_);
            if (!value_) value_ = std::move(value);
        }
        said_.notify_one();
    }
    Result<T> wait(const NobodyWaits& gone) {
        std::unique_lock lock(mutex_);
        while (!said_.wait_for(lock, vectors_look_time, [&] { return value_.has_value(); })) {
            lock.unlock();
            if (gone && gone()) return fail(Code::unavailable, "nobody waits for it any more");
            lock.lock();
        }
        return std::move(*value_);
    }

private:
    std::mutex mutex_;
    std::condition_variable said_;
    std::optional<Result<T>> value_;
};

// The engine that somebody has. All of it is of the I/O thread.
struct HeldEngine {
    std::optional<models::Lease> lease;
    std::uint64_t ticket = 0, request = 0;
    bool waits = false, given_up = false;
};

Error surprise() { return {Code::internal, "the engine answered what was not asked"}; }

class Session final : public VectorSession {
public:
    Session(EngineRoom room, std::shared_ptr<HeldEngine> held, std::size_t dimensions)
        : room_(std::move(room)), held_(std::move(held)), dimensions_(dimensions) {}
    ~Session() override {
        room_.post([held = held_] { held->lease.reset(); });
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::size_t dimensions() const override { return dimensions_; }

    Result<std::vector<std::vector<float>>> embed(std::vector<std::string> texts, std::uint8_t priority,
                                                  const NobodyWaits& gone) override {
        using Vectors = std::vector<std::vector<float>>;
        const auto awaited = std::make_shared<Awaited<Vectors>>();
        const auto vectors = std::make_shared<Vectors>(texts.size());
        return ask(
            wire::Embed{.texts = std::move(texts), .priority = priority}, awaited,
            [awaited, vectors](wire::EngineEvent&& event) {
                auto* one = std::get_if<wire::Embedded>(&event);
                if (one == nullptr || one->index >= vectors->size()) return awaited->say(std::unexpected(surprise()));
                (*vectors)[one->index] = std::move(one->values);
                if (one->last) awaited->say(std::move(*vectors));
            },
            gone);
    }

    Result<std::vector<float>> score(std::string query, std::vector<std::string> texts, std::uint8_t priority,
                                     const NobodyWaits& gone) override {
        const auto awaited = std::make_shared<Awaited<std::vector<float>>>();
        const std::size_t count = texts.size();
        return ask(
            wire::Score{.query = std::move(query), .texts = std::move(texts), .priority = priority}, awaited,
            [awaited, count](wire::EngineEvent&& event) {
                auto* scored = std::get_if<wire::Scored>(&event);
                if (scored == nullptr || scored->scores.size() != count)
                    return awaited->say(std::unexpected(surprise()));
                awaited->say(std::move(scored->scores));
            },
            gone);
    }

private:
    template <class T>
    Result<T> ask(wire::EngineRequest request, std::shared_ptr<Awaited<T>> awaited, models::Engine::TakeEvent take,
                  const NobodyWaits& gone) {
        room_.post([held = held_, awaited, request = std::move(request), take = std::move(take)]() mutable {
            held->request = held->lease->engine().request(
                std::move(request), [awaited, take = std::move(take)](wire::EngineEvent&& event) {
                    if (const auto* failed = std::get_if<wire::EngineFailed>(&event))
                        awaited->say(std::unexpected(error_of(*failed)));
                    else
                        take(std::move(event));
                });
        });
        Result<T> answer = awaited->wait(gone);
        if (!answer && answer.error().code == Code::unavailable)
            room_.post([held = held_] {
                if (held->lease) held->lease->engine().cancel(held->request);
            });
        return answer;
    }

    EngineRoom room_;
    std::shared_ptr<HeldEngine> held_;  // with the I/O thread
    std::size_t dimensions_;
};

}  // namespace

Result<std::unique_ptr<VectorSession>> open_vectors(const EngineRoom& room, models::Wanted wanted,
                                                    const NobodyWaits& gone) {
    const auto held = std::make_shared<HeldEngine>();
    const auto loaded = std::make_shared<Awaited<std::size_t>>();  // how long its vectors are
    const auto take = [held, loaded](Result<models::Lease> lease) {
        held->waits = false;
        if (held->given_up) return;
        if (!lease) return loaded->say(std::unexpected(std::move(lease).error()));
        held->lease.emplace(std::move(*lease));
        loaded->say(std::size_t{held->lease->loaded().embedding_length});
    };
    wanted.output = models::Output::vectors;
    models::Keeper* const keeper = &room.keeper;
    room.post([held, take, wanted = std::move(wanted), keeper]() mutable {
        if (held->given_up) return;
        held->waits = true;
        const std::uint64_t ticket = keeper->acquire(std::move(wanted), take);
        if (held->waits) held->ticket = ticket;
    });
    auto dimensions = loaded->wait(gone);
    if (!dimensions) {
        room.post([held, keeper] {
            held->given_up = true;
            if (held->waits) keeper->give_up(held->ticket);
            held->lease.reset();
        });
        return std::unexpected(std::move(dimensions).error());
    }
    return std::make_unique<Session>(room, held, *dimensions);
}

Result<bool> engines_busy(const EngineRoom& room, std::string key, const NobodyWaits& gone) {
    const auto busy = std::make_shared<Awaited<bool>>();
    room.post([busy, key = std::move(key), keeper = &room.keeper] {
        busy->say(std::ranges::any_of(keeper->held(),
                                      [&](const models::Held& held) { return held.leases > 0 && held.key != key; }));
    });
    return busy->wait(gone);
}

}  // namespace lar::api
