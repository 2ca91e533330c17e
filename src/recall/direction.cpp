#include "recall/direction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/result.h"

namespace lar::recall {
namespace {

constexpr std::size_t best_count = 5;  // passages that say where good ones lie
constexpr double weight_of_best = 1;   // beside the question's own place

double product(std::span<const float> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void make_length_one(std::span<double> place) {
    const double squares = std::inner_product(place.begin(), place.end(), place.begin(), 0.0);
    if (squares <= 0) return;
    for (double& value : place) value /= std::sqrt(squares);
}

}  // namespace

std::vector<index::Token> said_by(const store::PlacedPassage& placed, const index::PassageTokens& text) {
    std::vector<index::Token> said = index::analyse(placed.document.title, text.language);
    said.append_range(index::analyse(placed.passage.context, text.language));
    said.append_range(text.tokens);
    return said;
}

void Directions::add(std::span<const index::Token> tokens) {
    places_.resize(places_.size() + space_->dimensions());
    space_->place(tokens, std::span(places_).last(space_->dimensions()));
    ++passages_;
}

std::span<const float> Directions::place(std::size_t passage) const {
    return std::span(places_).subspan(passage * space_->dimensions(), space_->dimensions());
}

std::optional<std::vector<double>> Directions::nearness(std::span<const index::Token> question,
                                                        std::span<const double> scores) const {
    ASSERT(scores.size() == passages_);
    std::vector<std::size_t> best(passages_);
    std::iota(best.begin(), best.end(), std::size_t{0});
    const auto count = std::min(best_count, passages_);
    std::ranges::partial_sort(best, best.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater(),
                              [&](std::size_t passage) { return scores[passage]; });
    std::vector<double> aim(space_->dimensions());
    for (const std::size_t passage : std::span(best).first(count))
        for (std::size_t i = 0; i < aim.size(); ++i) aim[i] += scores[passage] * static_cast<double>(place(passage)[i]);
    make_length_one(aim);
    std::vector<float> asked(space_->dimensions());
    if (space_->place(question, asked))
        for (std::size_t i = 0; i < aim.size(); ++i) aim[i] = weight_of_best * aim[i] + static_cast<double>(asked[i]);
    make_length_one(aim);

    std::vector<double> near(passages_);
    for (std::size_t passage = 0; passage < passages_; ++passage) near[passage] = product(place(passage), aim);
    if (near.empty()) return std::nullopt;
    const auto [least, most] = std::ranges::minmax(near);
    if (!(most > least)) return std::nullopt;
    for (double& value : near) value = (value - least) / (most - least);
    return near;
}

}  // namespace lar::recall
