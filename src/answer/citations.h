// Where a cited passage stands, and whether it still stands there.
//
// A file is read again as it was read for the index, and the cited lines are compared; where they only moved, because
// of what was put in or taken out above them, their place is corrected. A commit or a stash cannot change; of the
// uncommitted diff, the lines of the new side must be in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "wire/api.h"

namespace lar::answer {

inline constexpr std::size_t limit_cited_file_bytes =
    32 * 1024 * 1024;  // a larger file has changed: none such is indexed

enum class CitedState : std::uint8_t { unchanged, changed, missing };  // from good to bad
std::string_view to_string(CitedState state);

struct Checked {
    CitedState state = CitedState::unchanged;
    std::int64_t lines_moved = 0;  // an unchanged passage stands that many lines further down
};
Checked check(const store::PlacedPassage& placed);
std::vector<wire::ApiPlace> places_of(const std::vector<store::PlacedPassage>& passages);
// The citations of a kept answer, and what came nearest, against their files as they are now: state and lines. What is
// no file of a source that is still there stays as it was.
Result<> check_again(wire::ApiAnswer& answer, store::Reader& reader);
// The file on disk that a passage stands in or speaks of; empty where there is none.
std::string absolute_path_of(const store::PlacedPassage& placed);

}  // namespace lar::answer
