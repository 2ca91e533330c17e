// Requests to one server of models: with the token that it asks for, and to where it sends on.
//
// A redirect is followed only in https (on this machine, to this machine in either), without the token when it leads to
// another server, and from a server that everybody uses never into the network of this machine. The bytes that come
// back are checked by their hash, so where they come from decides nothing but who learns that they were asked for; each
// host is an order of its own and is told as such.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "models/courier.h"
#include "models/partial.h"
#include "models/registries.h"

namespace lar::models {

class Errand {
public:
    Errand(Courier& courier, const Source& source, const std::atomic<bool>& cancelled)
        : courier_(courier), server_(source.server), usual_(source.usual), cancelled_(cancelled) {}

    // The text of an answer that went well. `what` names it in the error of one that did not.
    Result<std::string> text(std::string_view target, std::string_view accept, std::string_view what);

    // What of the blob is missing, as far as it comes; `progress` has the bytes of this call. After an error too, what
    // came is there. unavailable and timeout may pass when it is tried again.
    Result<> bytes(std::string_view target, PartialBlob& blob,
                   const std::function<void(std::uint64_t bytes_in)>& progress);

    bool cancelled() const { return cancelled_; }

private:
    struct Body;
    Result<wire::CourierDelivered> ask(std::string_view target, std::string_view accept, const Body& body);
    Result<WebAddress> next_of(const WebAddress& at, const wire::CourierDelivered& redirect) const;
    Result<> take_token(const std::string& challenge);
    wire::Order order_to(const WebAddress& at, std::string_view accept, const Body& body) const;

    Courier& courier_;
    const WebAddress server_;
    const bool usual_;
    const std::atomic<bool>& cancelled_;
    mutable std::mutex mutex_;  // over the token, which several at once may renew
    std::string token_;
};

}  // namespace lar::models
