// A report of `lar bench` as an SVG picture: one file that needs no script, no font and no network.
#pragma once

#include <string>

#include "wire/bench.h"

namespace lar::cli::bench {

std::string report_svg(const wire::BenchReport& report);

// The end of an axis that begins at 0 and holds `greatest`: 1, 2, 2.5 or 5 times a power of ten.
double axis_end(double greatest);

}  // namespace lar::cli::bench
