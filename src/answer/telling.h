// An answer as it takes shape: sentences go to the sink, each after the citations it brings, and into the answer.
//
// Citations are numbered by their first use. One is made of passages that stand side by side; its state is the worst of
// theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "answer/answer.h"

namespace lar::answer {

class Telling {
public:
    Telling(wire::ApiAnswer& answer, const recall::Recalled& recalled, const Sink& sink)
        : answer_(answer), recalled_(recalled), sink_(sink) {}

    // `cited`: for each source of the sentence the candidates that it is made of. Fails when the sink cancels.
    Result<> say(wire::ApiSentence sentence, std::span<const std::vector<std::size_t>> cited);
    // By candidate: the number that it is cited under, or 0.
    const std::vector<std::uint32_t>& cited() const { return cited_; }

private:
    Result<std::uint32_t> cite(const std::vector<std::size_t>& candidates);
    Result<> tell(const wire::AskEvent& event);

    wire::ApiAnswer& answer_;
    const recall::Recalled& recalled_;
    const Sink& sink_;
    std::map<std::size_t, std::uint32_t> numbers_;  // by the first candidate
    std::vector<std::uint32_t> cited_;
};

}  // namespace lar::answer
