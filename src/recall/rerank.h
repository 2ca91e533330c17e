// The first candidates in a better order, by a model that reads question and passage together (a cross-encoder).
//
// Such a model sees what neither words nor vectors do, and takes milliseconds for each passage. So only as many of the
// first candidates are read as the time allows that it gives itself, and their scores are handed out anew among them:
// whoever was read stays ahead of whoever was not. Its order has at most an equal voice with the order that was, and
// less as far as it was not found to tell right passages from wrong ones in this collection (recall/trust.h); a model
// that nobody trusts is not asked. What it did, or why it did nothing, is said in the explanation and the receipt.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t most_reranked = 24;
inline constexpr std::size_t least_reranked = 4;           // fewer are not worth the time
inline constexpr std::size_t limit_reranked_bytes = 1500;  // of each, from its beginning

// Implemented by programs/lard over an engine.
class Reranker {
public:
    struct Facts {
        std::string model;  // empty: there is none, or it is switched off
        double trust = 0;   // 0..1
    };
    virtual ~Reranker() = default;
    virtual Facts facts() const = 0;
    // How many of the first texts, of so many bytes each, can be read in the time that it gives itself.
    virtual std::size_t affordable(std::span<const std::size_t> bytes) = 0;
    // A score for each text: the higher, the better it answers. unavailable when that takes too long, or the model is
    // not loaded yet.
    virtual Result<std::vector<float>> score(const std::string& question, std::vector<std::string> texts) = 0;
};

// So many candidates it wants to choose from, for so many that are asked for. `reranker` may be none.
std::size_t candidates_for(const Reranker* reranker, std::size_t limit);
void rerank(Recalled& recalled, const Options& options, const Clock& clock);
// What is read of a passage.
std::string reranked_text(const store::PlacedPassage& placed);

}  // namespace lar::recall
