// The courier's whole life: take one order, carry it out, say what became of it, end.
#pragma once

#include <functional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "ipc/channel.h"
#include "sandbox/policy.h"
#include "wire/courier.h"

namespace lar::courier {

// Passed in, so that tests which lock down no process of their own can look at the rest.
struct LockDown {
    std::function<Result<sandbox::Layers>(const wire::Order&)> to_look_up, to_talk;
};

class Service {
public:
    Service(ipc::Channel channel, LockDown lock_down)
        : channel_(std::move(channel)), lock_down_(std::move(lock_down)) {}
    // An error only when lard cannot be told: what goes wrong with the order is a message.
    Result<> run();

private:
    Result<wire::CourierDelivered> carry_out(const wire::Order& order, std::vector<Fd> descriptors,
                                             struct Tally& tally);
    Result<> say(const wire::CourierEvent& event);

    ipc::Channel channel_;
    LockDown lock_down_;
};

}  // namespace lar::courier
