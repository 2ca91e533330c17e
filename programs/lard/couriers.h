// Orders, each carried out by a lar-courier of its own, and who has leave to make a socket and to connect it.
//
// The kernel asks whenever the spawner, or anything beneath it that is still alive to ask, calls socket() or connect()
// (sandbox/leave.h). Leave is given to a process that the spawner said is a courier which was asked for here, from when
// its order is sent until that is carried out, and to nobody else. On a kernel that cannot ask no order is taken.
//
// Every order that was sent is told once it has ended, however it ended, and everybody who was refused: to the log, and
// to whoever keeps account.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/fd.h"
#include "base/time.h"
#include "http/server.h"
#include "ipc/spawner.h"
#include "models/courier.h"
#include "sandbox/leave.h"

namespace lar::lard {

// One order from its beginning to its end.
struct Trip {
    std::string host;
    std::uint16_t port = 0;
    std::string address;  // in digits, of who answered; empty: nobody
    std::uint32_t status = 0;
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::string sha256_in, sha256_out;  // of what came whole, and of what was to be sent; empty: nothing
    std::string problem;                // empty: it was answered
    std::int64_t began_us = 0, ended_us = 0;
};
// Somebody who tried what the kernel refused.
struct Refused {
    std::string process;  // "lar-reader"
    std::string attempt;  // "a socket or a connection"
};
struct TellAccount {
    std::function<void(const Trip&)> trip;        // on the thread that carried the order
    std::function<void(const Refused&)> refused;  // on the I/O thread
};
void log_trip(const Trip& trip);

// What a courier says, before anybody believes it.
Result<> validate(const wire::CourierEvent& event, const wire::Order& order);

class Couriers final : public models::Courier {
public:
    struct Options {
        std::string certificates;               // a file of authorities to trust; empty: the system's
        std::optional<wire::OrderProxy> proxy;  // for every host but this machine
    };
    // Takes the spawner's questions.
    Couriers(ipc::Spawner& spawner, Options options, const Clock& clock, TellAccount tell)
        : spawner_(spawner),
          options_(std::move(options)),
          clock_(clock),
          tell_(std::move(tell)),
          questions_(spawner.take_questions()) {}

    // Before the server runs, on whose thread questions are answered.
    Result<> attach(http::Server& server);

    Result<wire::CourierDelivered> carry(const wire::Order& order, std::span<const int> descriptors,
                                         const Watch& watch) override;

    // The layers that hold in a courier, as the latest one said; empty before the first.
    std::string layers() const;
    bool is_courier(pid_t pid) const;

private:
    // Of one courier, until it goes out of scope.
    class Leave;

    // False once there are no more.
    bool answer_question();
    Result<wire::CourierDelivered> talk(ipc::Worker& courier, const wire::Order& order,
                                        std::span<const int> descriptors, const Watch& watch, Trip& trip);
    Result<wire::CourierEvent> hear(ipc::Worker& courier, const wire::Order& order, std::int64_t timeout_ms,
                                    const Watch& watch);

    ipc::Spawner& spawner_;
    const Options options_;
    const Clock& clock_;
    const TellAccount tell_;
    const Fd questions_;
    mutable std::mutex mutex_;    // over what follows
    std::map<pid_t, int> asked_;  // of those with leave: how often they were given it
    std::string layers_;
};

}  // namespace lar::lard
