// What lar may do once it talks to lard: what its user may, but for the network and other programs.
//
// The commands that are there to run others never call this: `open` becomes the user's editor, `serve` becomes lard,
// `eval` and `bench` run a daemon of their own, and `bench --url` connects to the server that its user names.
#pragma once

#include "sandbox/policy.h"

namespace lar::cli {

Result<sandbox::Layers> lock_down();

}  // namespace lar::cli
