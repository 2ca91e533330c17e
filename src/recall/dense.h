// Nearness in meaning as recall sees it: which passages lie close to a question. Implemented by programs/lard over an
// embedding model and recall/passage_vectors.h; without one, recall ranks by words alone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace lar::recall {

struct DenseHit {
    store::PassageId passage;
    double score = 0;  // the cosine
};

class Dense {
public:
    virtual ~Dense() = default;
    // How far nearness tells anything here, 0..1 (recall/trust.h). At 0 nobody need ask.
    virtual double trust() const = 0;
    // Best first. unavailable, within a fraction of a second, when the model is not ready or busy. `within`: only these
    // passages.
    virtual Result<std::vector<DenseHit>> nearest(const std::string& question, std::size_t count,
                                                  std::optional<std::span<const store::PassageRange>> within) = 0;
};

}  // namespace lar::recall
