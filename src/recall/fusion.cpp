#include "recall/fusion.h"

#include <algorithm>
#include <cmath>

namespace lar::recall {

std::vector<Addition> nearness(std::span<const DenseHit> near, double trust, double best) {
    std::vector<Addition> additions;
    if (near.empty() || !(trust > 0)) return additions;
    const double most = near.front().score, least = near.back().score;
    if (!std::isfinite(most) || !std::isfinite(least)) return additions;
    const double scale = (best > 0 ? best : 1) * nearness_share * std::min(trust, 1.0);
    for (const DenseHit& hit : near) {
        const double place = most > least ? (hit.score - least) / (most - least) : 1;
        if (place > 0) additions.push_back({hit.passage, scale * place});
    }
    return additions;
}

Result<std::vector<Addition>> nearness(Dense* dense, const Understood& understood, double best, store::Reader& reader) {
    if (dense == nullptr || dense->trust() <= 0 || understood.rest.empty()) return {};
    const store::Scope& scope = understood.scope;
    const bool everywhere =
        scope.sources.empty() && scope.kinds.empty() && !scope.window.bounded() && scope.branch.empty();
    std::vector<store::PassageRange> within;
    if (!everywhere) within = TRY(reader.passage_ranges(scope));
    const auto near =
        dense->nearest(understood.rest, nearest_asked,
                       everywhere ? std::nullopt : std::optional<std::span<const store::PassageRange>>(within));
    if (!near) return {};  // a model that is busy or still loads: words alone, this time
    return nearness(*near, dense->trust(), best);
}

}  // namespace lar::recall
