// What lar may do once it talks to lard: what its user may, but for the network and other programs.
//
// Called as soon as the command is connected (main.cpp), but for `open`, which becomes the user's editor. Never
// connected that way are `serve`, which becomes lard, `eval`, which has a daemon of its own, and `bench --url`, which
// talks to the server that its user names.
#pragma once

#include "sandbox/policy.h"

namespace lar::cli {

Result<sandbox::Layers> lock_down();

}  // namespace lar::cli
