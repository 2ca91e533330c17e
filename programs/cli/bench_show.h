// A report of `lar bench` as a person reads it: two tables and what must be known about them.
#pragma once

#include <string>

#include "output.h"
#include "wire/bench.h"

namespace lar::cli::bench {

std::string report_text(const wire::BenchReport& report, const Output& output);

}  // namespace lar::cli::bench
