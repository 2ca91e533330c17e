// A model at work: what programs/engine asks, whichever of Generator and Embedder it is loaded for.
#pragma once

#include <memory>

#include "base/result.h"
#include "inference/generation.h"
#include "inference/prompts.h"
#include "inference/weights.h"

namespace lar::inference {

class Generator;
class Embedder;

class Model {
public:
    // `loaded` is filled with what it came to. The weights are loaded and the process is locked down by now.
    static Result<std::unique_ptr<Model>> make(std::unique_ptr<Weights> weights, const wire::LoadModel& how,
                                               std::uint32_t threads, Say say, wire::Loaded& loaded);
    ~Model();

    // Each is answered by say, now or in a later step.
    void take(wire::Generate request);
    void take(const wire::Embed& request);
    void take(const wire::Score& request);
    void take(const wire::Tokenize& request);
    void take(const wire::Detokenize& request);
    void take(const wire::Render& request);

    bool cancel(std::uint64_t id);
    bool knows(std::uint64_t id) const;
    bool idle() const;
    // Part of what there is to do; `look` may be called meanwhile and may call cancel().
    void step(const std::function<void()>& look);

private:
    Model(std::unique_ptr<Weights> weights, Say say);
    void fail_with(std::uint64_t id, const Error& error) const;

    std::unique_ptr<Weights> weights_;
    Prompts prompts_;
    Say say_;
    std::unique_ptr<Generator> generator_;  // one of these
    std::unique_ptr<Embedder> embedder_;
};

}  // namespace lar::inference
