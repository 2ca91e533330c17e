#include "recall/neighbours.h"

#include <algorithm>
#include <map>
#include <set>

namespace lar::recall {
namespace {

constexpr double share_of_score = 0.6;  // of the candidate next to it
constexpr double share_of_each_further = 0.8;

}  // namespace

Result<> add_neighbours(Recalled& recalled, store::Reader& reader) {
    std::set<std::int64_t> known;
    for (const Candidate& candidate : recalled.candidates) known.insert(candidate.placed.passage.id.value);
    // The passages of a document have consecutive ids.
    struct Near {
        store::DocumentId document;
        double score = 0;
    };
    std::map<std::int64_t, Near> near;
    for (std::size_t i = 0; i < std::min(recalled.candidates.size(), neighbours_of); ++i) {
        const Candidate& candidate = recalled.candidates[i];
        if (candidate.placed.document.kind != store::DocumentKind::file &&
            candidate.placed.document.kind != store::DocumentKind::pushed)
            continue;
        double score = candidate.score * share_of_score;
        for (std::int64_t distance = 1; distance <= std::max(neighbours_after, neighbours_before);
             ++distance, score *= share_of_each_further) {
            for (const std::int64_t step : {distance, -distance}) {
                if (step > neighbours_after || -step > neighbours_before) continue;
                const std::int64_t id = candidate.placed.passage.id.value + step;
                if (known.contains(id)) continue;
                const auto [place, is_new] = near.try_emplace(id, Near{candidate.placed.document.id, score});
                if (!is_new && score > place->second.score) place->second = {candidate.placed.document.id, score};
            }
        }
    }
    std::vector<store::PassageId> ids;
    for (const auto& [id, found] : near) ids.push_back({id});
    for (store::PlacedPassage& placed : TRY(reader.passages(ids))) {
        const Near& found = near.at(placed.passage.id.value);
        if (placed.document.id == found.document)
            recalled.candidates.push_back(
                {.placed = std::move(placed), .score = found.score, .parts = {{"next to a better one", found.score}}});
    }
    std::ranges::stable_sort(recalled.candidates, std::ranges::greater(), &Candidate::score);
    return {};
}

}  // namespace lar::recall
