#include "recall/rerank.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::recall {
namespace {

// Places of the first candidates in their new order: what they had of the best score, and how the model places them.
std::vector<std::size_t> new_order(const std::vector<Candidate>& candidates, std::span<const float> scores,
                                   double trust) {
    const auto [least, most] = std::ranges::minmax(scores);
    const double best = candidates.front().score;
    std::vector<double> keys;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double place = most > least ? (scores[i] - least) / (most - least) : 0;
        keys.push_back((best > 0 ? candidates[i].score / best : 0) + std::min(trust, 1.0) * place);
    }
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return keys[i]; });
    return order;
}

void hand_out_anew(Recalled& recalled, std::span<const float> scores, double trust, const std::string& how,
                   bool explain) {
    std::vector<Candidate> ordered;
    for (const std::size_t from : new_order(recalled.candidates, scores, trust)) {
        Candidate candidate = std::move(recalled.candidates[from]);
        ordered.push_back(std::move(candidate));
        if (explain) ordered.back().parts.push_back({lar::format("{}, score {:.3f}", how, scores[from]), 1});
    }
    std::vector<double> ranks;
    for (const Candidate& candidate : ordered) ranks.push_back(candidate.score);
    std::ranges::sort(ranks, std::ranges::greater());
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        Candidate& candidate = ordered[i];
        if (explain) candidate.parts.back().factor = candidate.score > 0 ? ranks[i] / candidate.score : 1;
        candidate.score = ranks[i];
        recalled.candidates[i] = std::move(candidate);
    }
}

}  // namespace

std::string reranked_text(const store::PlacedPassage& placed) {
    std::string text;
    for (const std::string* part : {&placed.document.title, &placed.passage.context})
        if (!part->empty()) text += *part + "\n";
    text += placed.passage.text;
    return std::string(utf8_prefix(text, limit_reranked_bytes));
}

std::size_t candidates_for(const Reranker* reranker, std::size_t limit) {
    const bool asked = reranker != nullptr && reranker->facts().trust > 0;
    return asked ? std::max(limit, most_reranked) : limit;
}

void rerank(Recalled& recalled, const Options& options, const Clock& clock) {
    Reranker* const reranker = options.reranker;
    if (reranker == nullptr || recalled.candidates.size() < least_reranked || recalled.by_files ||
        recalled.understood.rest.empty())
        return;
    const Reranker::Facts facts = reranker->facts();
    if (facts.model.empty()) return;
    const auto not_done = [&](std::string_view why) {
        recalled.left_out.push_back({lar::format("not reranked by {}: {}", facts.model, why),
                                     std::min(recalled.candidates.size(), most_reranked)});
    };
    if (facts.trust <= 0) {
        if (options.explain) not_done("it was not found to tell right passages from wrong ones");
        return;
    }
    std::vector<std::string> texts;
    std::vector<std::size_t> bytes;
    for (const Candidate& candidate : recalled.candidates) {
        if (texts.size() == most_reranked) break;
        texts.push_back(reranked_text(candidate.placed));
        bytes.push_back(texts.back().size() + recalled.understood.rest.size());
    }
    texts.resize(std::min(texts.size(), reranker->affordable(bytes)));
    if (texts.size() < least_reranked) return not_done("it would take longer than it may");
    const std::int64_t begin = clock.monotonic_us();
    const auto scores = reranker->score(recalled.understood.rest, std::move(texts));
    if (!scores) return not_done(scores.error().message);
    const bool numbers = std::ranges::all_of(*scores, [](float score) { return std::isfinite(score); });
    if (scores->size() < least_reranked || scores->size() > recalled.candidates.size() || !numbers)
        return not_done("it did not answer with scores");
    hand_out_anew(recalled, *scores, facts.trust,
                  lar::format("reranked by {} in {} ms", facts.model, (clock.monotonic_us() - begin + 500) / 1000),
                  options.explain);
}

}  // namespace lar::recall
