// Vectors and scores: the inputs of a request in batches, each input in one piece.
//
// A vector is the model's own pooling over an input's tokens, of length 1 when asked for. A score is what a reranking
// model says of a question and a text together. Requests are taken by priority, then by arrival, one batch a step, so
// that a small request of higher priority does not wait for the end of a large one.
#pragma once

#include <memory>

#include "base/result.h"
#include "inference/generation.h"
#include "inference/weights.h"

namespace lar::inference {

struct ContextOptions;

class Embedder {
public:
    static Result<std::unique_ptr<Embedder>> make(const Weights& weights, const ContextOptions& options, Say say,
                                                  wire::Loaded& loaded);
    ~Embedder();

    // Every end of the request is said.
    void submit(const wire::Embed& request);
    void submit(const wire::Score& request);
    bool cancel(std::uint64_t id);
    bool knows(std::uint64_t id) const;
    bool idle() const;
    void step();

private:
    struct Parts;
    explicit Embedder(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace lar::inference
