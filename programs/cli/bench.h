// The settings of `lar bench` as its options give them. commands.h has the command itself.
#pragma once

#include "arguments.h"
#include "wire/bench.h"

namespace lar::cli::bench {

Outcome<wire::BenchSettings> settings_of(const Arguments& arguments);

}  // namespace lar::cli::bench
