// A hand-off's bytes to its provider: one order to a courier of its own, with the key as a descriptor.
//
// Keys are files that `lar handoff key set` wrote (wire/handoff.h). lard opens one and hands the descriptor on; what it
// holds is read by the courier alone. A file that others can read is refused, as what it holds is no secret any more.
#pragma once

#include <atomic>
#include <filesystem>

#include "base/fd.h"
#include "consent/tickets.h"
#include "models/courier.h"

namespace lar::lard {

class ProviderSender final : public consent::Sender {
public:
    // `folder` is for what is sent, while it is: a file without a name.
    ProviderSender(models::Courier& courier, std::filesystem::path keys, std::filesystem::path folder)
        : courier_(courier), keys_(std::move(keys)), folder_(std::move(folder)) {}

    Result<> check_ready(const consent::Provider& provider) override;
    Result<std::string> send(const consent::Ticket& ticket, std::string_view bytes) override;
    // Whoever waits for a reply learns that there will be none.
    void stop() { stopping_ = true; }

private:
    // No descriptor: one of the user's own servers, which may want none.
    Result<Fd> open_key(const consent::Provider& provider) const;

    models::Courier& courier_;
    const std::filesystem::path keys_, folder_;
    std::atomic<bool> stopping_ = false;
};

// The order that brings these bytes, all of which were approved; `has_key` says whether a key comes with them.
wire::Order order_for(const consent::Ticket& ticket, std::string_view bytes, bool has_key);

}  // namespace lar::lard
