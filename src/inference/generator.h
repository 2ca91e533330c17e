// Text for any number of requests at a time, decoded together.
//
// Each step is one batch: a token for every request that speaks, and a piece of the prompts that are still read. A
// prompt is read in large pieces while nobody speaks and in small ones beside those who do, so that they do not stall.
// Who waits for a sequence waits by priority, then by arrival. cancel() may come at any time, also from within step()
// through `look`, which a long computation calls every few milliseconds; then the computation is given up.
//
// What a sequence held stays when its request ends, and a later prompt that begins the same way goes on from there
// (slots.h). A memory that cannot be cut (recurrent models, sliding windows that have moved on) is computed again.
//
// Batches and streams: libllama computes the tokens of one batch together as long as their sequences are neighbours by
// number, and in several passes over the weights otherwise. A sequence that lies idle between two that work is
// therefore given a token to compute, which is taken back at once: a row of the batch instead of a pass.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "inference/generation.h"
#include "inference/weights.h"

namespace lar::inference {

struct ContextOptions;

class Generator {
public:
    // Called during long computations: it may call cancel(), nothing else.
    using Look = std::function<void()>;

    // `loaded` is filled with what it came to.
    static Result<std::unique_ptr<Generator>> make(const Weights& weights, const ContextOptions& options, Say say,
                                                   wire::Loaded& loaded);
    ~Generator();

    // Every end of the request is said.
    void submit(wire::Generate request, std::vector<Token> prompt);
    // false when there is no such request.
    bool cancel(std::uint64_t id);
    bool knows(std::uint64_t id) const;
    std::size_t requests() const;
    bool idle() const { return requests() == 0; }
    void step(const Look& look);

private:
    struct Parts;
    explicit Generator(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace lar::inference
