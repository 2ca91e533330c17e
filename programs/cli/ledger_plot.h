// Tokens over time as columns of characters: what was computed here, and on top of it what was handed off.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "wire/ledger.h"

namespace lar::cli {

// Lines of at most `columns`; of more spans than fit the latest. Empty when nothing was computed anywhere.
std::string ledger_plot(const std::vector<wire::ApiLedgerSpan>& spans, std::size_t columns);

}  // namespace lar::cli
