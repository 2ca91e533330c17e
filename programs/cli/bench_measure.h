// The course of a measurement, of one server or of two in alternation.
//
// First prompts are sized and everything is run once unmeasured. Then, for each depth and repetition: a prompt never
// seen before, the same again, and a next question in that conversation. Then clients at once, level by level. Of two
// servers each takes the first turn half of the time, so that a machine that warms up or slows down favours neither.
// What was measured stays in `sides` when something fails or the user interrupts.
#pragma once

#include <atomic>
#include <vector>

#include "base/time.h"
#include "bench_figures.h"
#include "bench_server.h"
#include "bench_words.h"
#include "progress.h"

namespace lar::cli::bench {

// One server and what was measured of it.
struct Side {
    Server server;
    std::vector<DepthAnswers> depths;
    std::vector<LevelAnswers> levels;
};

class Measurement {
public:
    Measurement(std::vector<Side>& sides, const wire::BenchSettings& settings, std::uint64_t seed, const Clock& clock,
                const std::atomic<bool>& cancelled, Progress& progress);
    Outcome<> run();

private:
    Outcome<> size_prompts();
    Outcome<> warm_up();
    Outcome<> measure_depths();
    Outcome<> measure_levels();
    Outcome<> converse(Side& side, DepthAnswers& into);
    Outcome<LevelAnswers> measure_level(Side& side, std::uint32_t clients);
    Outcome<Answer> ask_one(Side& side, std::vector<wire::BenchMessage> messages, std::uint32_t max_tokens);
    // The sides in the order in which this turn takes them.
    std::vector<std::size_t> order(std::size_t turn) const;
    void show(std::uint64_t done);

    std::vector<Side>& sides_;
    const wire::BenchSettings& settings_;
    const Clock& clock_;
    const std::atomic<bool>& cancelled_;
    Progress& progress_;
    Words words_;
    WordSize size_;
    std::string label_;
    std::uint64_t done_ = 0, total_ = 0;  // requests
};

}  // namespace lar::cli::bench
