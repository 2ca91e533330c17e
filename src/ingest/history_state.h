// What of each repository's history is in the store already: the tips up to which it was read.
//
// Kept as text in Source::sync_state. Text that cannot be read means nothing is known, and then the whole
// history is read once more: commits that are in the store are not written again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lar::ingest {

using Tips = std::vector<std::string>;  // commit ids, sorted
struct HistoryState {
    std::map<std::string, Tips> repositories;  // by path below the source
};

std::string to_text(const HistoryState& state);
HistoryState history_state_from(std::string_view text);

}  // namespace lar::ingest
