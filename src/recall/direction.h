// Passages that lie where the question and the best passages lie, in the space of the collection's own terms.
//
// A passage can be about what is asked without its words: where terms are used together, their places in a space that
// was factorised from the passages (index/term_space.h) lie together. The question's place is joined with that of the
// best passages that words found (Rocchio, 1971), because a question has few words; how near each passage comes to it
// is a part of its score. As in agreement.h, that is for prose, more for a question of many words, and nothing for one
// that names a thing.
//
// It re-orders what was found by words and read; it finds nothing by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index/analysis.h"
#include "index/term_space.h"
#include "store/records.h"

namespace lar::recall {

// Who has the space. Implemented by programs/lard.
class Spaces {
public:
    virtual ~Spaces() = default;
    // None: there are too few passages, or it is not made yet. Shared: another one may take its place meanwhile.
    virtual std::shared_ptr<const index::TermSpace> space() const = 0;
};

// What a passage is taken to say, in its language: what it stands under, and its text, which was analysed already.
std::vector<index::Token> said_by(const store::PlacedPassage& placed, const index::PassageTokens& text);

class Directions {
public:
    explicit Directions(std::shared_ptr<const index::TermSpace> space) : space_(std::move(space)) {}

    // Passages in any order, each known from here on by its number: 0, 1, …
    void add(std::span<const index::Token> tokens);
    // For each of them 0..1: the one that lies farthest and the nearest one. Nothing where nothing lies anywhere.
    std::optional<std::vector<double>> nearness(std::span<const index::Token> question,
                                                std::span<const double> scores) const;

private:
    std::span<const float> place(std::size_t passage) const;

    std::shared_ptr<const index::TermSpace> space_;
    std::vector<float> places_;  // zero for those that lie nowhere
    std::size_t passages_ = 0;
};

}  // namespace lar::recall
