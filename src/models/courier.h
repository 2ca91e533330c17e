// The one door out, as this room sees it. Implemented by programs/lard over lar-courier.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "wire/courier.h"

namespace lar::models {

class Courier {
public:
    virtual ~Courier() = default;

    struct Watch {
        const std::atomic<bool>* cancelled = nullptr;
        std::function<void(std::uint64_t bytes_in)> progress;  // of this order, now and then
    };
    // Waits until the order is carried out; any thread, several at a time. `descriptors` as wire/courier.h has them:
    // they stay the caller's. What a server answers is a result, whatever its status. An error says why there is no
    // answer, or no whole one, and then what came until there is in the file.
    virtual Result<wire::CourierDelivered> carry(const wire::Order& order, std::span<const int> descriptors,
                                                 const Watch& watch) = 0;
};

}  // namespace lar::models
