// From answers and their times to figures: pure functions, so that what is computed can be checked by hand.
//
//   time to first token   from sending the request to the first piece of text
//   prefill               tokens of the prompt that were not cached ÷ time to first token, of a prompt never seen
//   before decode                (tokens of the answer − 1) ÷ (last token − first piece) inter-token latency   between
//   one piece of text and the next, all of them pooled total tokens/s        tokens of all answers ÷ (first request to
//   last token), of clients that ask at once
//
// What a server reports itself is kept beside, not mixed in. Medians and percentiles are values that occurred.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench_answer.h"
#include "wire/bench.h"

namespace lar::cli::bench {

// What one client was told, in the order of asking. Any of them may be empty: the measuring was interrupted.
struct DepthAnswers {
    std::uint32_t depth = 0;
    std::vector<Answer> cold;  // to a prompt never seen before
    std::vector<Answer> warm;  // to the same again
    std::vector<Answer> turn;  // to the next question of that conversation
};
struct LevelAnswers {
    std::uint32_t clients = 1;
    std::vector<Answer> answers;
};

wire::BenchDepth figures_of(const DepthAnswers& answers);
wire::BenchLevel figures_of(const LevelAnswers& answers);
// Of what both have.
wire::BenchRatios ratios_of(const wire::BenchServer& first, const wire::BenchServer& second);
// What a reader of the figures must know about how they came to be.
std::vector<std::string> notes_on(std::span<const DepthAnswers> depths, std::span<const LevelAnswers> levels,
                                  const wire::BenchSettings& settings);

}  // namespace lar::cli::bench
