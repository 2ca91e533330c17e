// What lar-courier may do, in two stages; sandbox.cpp is its whole argument.
#pragma once

#include "sandbox/policy.h"
#include "wire/courier.h"

namespace lar::courier {

// Read what says where hosts are and whom to trust, ask a resolver, make itself narrower.
Result<sandbox::Layers> lock_down_to_look_up(const wire::Order& order);
// Connect to the order's port and talk. No file, no other socket.
Result<sandbox::Layers> lock_down_to_talk(const wire::Order& order);

}  // namespace lar::courier
