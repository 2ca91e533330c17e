// From the model's numbers to the next token: libllama's samplers in llama.cpp's order, one chain for each request.
//
// The order is logit bias, penalties, DRY, then top-n-sigma, top-k, typical, top-p, min-p, XTC and temperature (or
// mirostat in their place), then a draw. Temperature 0 takes the likeliest instead. A grammar is asked about the token
// that was drawn, and only where it refuses is the draw repeated among what it allows: that is much cheaper than asking
// about every token, and comes to the same distribution.
//
// A chain's random numbers come from its seed alone, so neighbours in a batch do not matter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "inference/vocabulary.h"
#include "wire/engine.h"

namespace lar::inference {

class Sampler {
public:
    // invalid when the grammar does not parse.
    static Result<Sampler> make(const wire::Sampling& sampling, const Vocabulary& vocabulary,
                                std::uint32_t context_tokens);
    Sampler(Sampler&&) noexcept;
    Sampler& operator=(Sampler&&) noexcept;
    ~Sampler();

    // Penalties look back on the prompt, too.
    void remember(std::span<const Token> prompt);
    enum class End { is_allowed, is_forbidden };
    // none when nothing may follow: the grammar is complete or allows no token that the model has.
    Result<std::optional<Token>> choose(std::span<const float> logits, End end);
    std::uint32_t seed() const;

private:
    struct Parts;
    explicit Sampler(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// What the model itself thought of a token and of its likeliest alternatives.
wire::ChosenToken chances(std::span<const float> logits, Token chosen, std::size_t alternatives,
                          const Vocabulary& vocabulary);

}  // namespace lar::inference
