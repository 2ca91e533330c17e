// One request under way: what its sequence is to hold, what has been said of it, and how its next token is chosen.
//
// It knows nothing of batches: Generator computes, and hands it the model's numbers for the token after the last.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "inference/sampler.h"
#include "inference/text_stream.h"
#include "inference/vocabulary.h"
#include "wire/engine.h"

namespace lar::inference {

using Say = std::function<void(wire::EngineEvent)>;

class Generation {
public:
    struct Prompt {
        std::vector<Token> tokens;  // as it fits into the window
        std::uint32_t dropped = 0, reused = 0;
    };
    static Result<Generation> start(const wire::Generate& request, Prompt prompt, const Vocabulary& vocabulary,
                                    std::uint32_t context_tokens, std::int64_t queued_us);

    std::uint64_t id() const { return request_.id; }
    bool shifts() const { return request_.shift; }
    std::uint32_t keep_tokens() const { return request_.keep_tokens; }
    const std::vector<Token>& tokens() const { return tokens_; }
    // The window slid: these are forgotten.
    void forget(std::size_t begin, std::size_t count);

    // Chooses the next token and says what can be said; a reason when that was the last.
    Result<std::optional<wire::FinishReason>> go_on(std::span<const float> logits, const Say& say);
    void finish(wire::FinishReason reason, const Say& say);

private:
    Generation(const wire::Generate& request, Prompt prompt, Sampler sampler, const Vocabulary& vocabulary,
               std::int64_t queued_us);
    void say_piece(TextStream::Out out, const Say& say);

    wire::Generate request_;  // without its prompt
    const Vocabulary* vocabulary_;
    Sampler sampler_;
    TextStream text_;
    std::vector<Token> tokens_;              // the prompt, then the answer
    std::deque<wire::ChosenToken> chances_;  // of tokens that are not said yet
    std::uint32_t untold_ = 0;               // tokens without text since the last piece
    std::string stopped_by_;
    std::uint32_t prompt_tokens_, reused_, dropped_, generated_ = 0;
    double entropy_ = 0;  // of all generated tokens together, when asked for
    bool started_ = false;
    std::int64_t queued_us_, begun_us_, first_us_ = 0;
};

}  // namespace lar::inference
