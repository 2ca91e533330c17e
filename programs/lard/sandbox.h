// What lard may do once it is set up.
#pragma once

#include "base/paths.h"
#include "sandbox/policy.h"

namespace lar::lard {

sandbox::Policy policy(const Paths& paths);

}  // namespace lar::lard
