// What nearness in meaning adds to a ranking by words.
//
// Both are brought to one scale: the best passage by words has 1, and of the nearest the first has 1 and the last 0.
// The sum is words plus `trust` times a share of nearness, so a passage that both find comes first, one that only
// nearness finds comes among the good ones, and a model that nobody trusts changes nothing at all. How far a model is
// to be trusted with this collection is measured (recall/trust.h), not assumed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "recall/dense.h"
#include "recall/recall.h"
#include "store/store.h"

namespace lar::recall {

inline constexpr std::size_t nearest_asked = 100;
inline constexpr double nearness_share = 0.5;  // of the best score by words, for the nearest passage of a trusted model

struct Addition {
    store::PassageId passage;
    double score = 0;  // on the scale of the hits
};
// One for each passage that is near, in their order. `best`: the score of the best hit by words; 0 where nothing holds
// the words, and nearness then is all there is.
std::vector<Addition> nearness(std::span<const DenseHit> near, double trust, double best);

// What to add for a question; nothing where there is nobody to ask, or no answer in time.
Result<std::vector<Addition>> nearness(Dense* dense, const Understood& understood, double best, store::Reader& reader);

}  // namespace lar::recall
