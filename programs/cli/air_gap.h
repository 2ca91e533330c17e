// lar doctor --air-gap: starts each of Lar's programs under its real policy and has it try to get out.
#pragma once

#include "commands.h"

namespace lar::cli {

// Needs no daemon. Ends with 1 unless every attempt was refused that is not the process's own work.
Outcome<Exit> prove_air_gap(Session& session);

}  // namespace lar::cli
