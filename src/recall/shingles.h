// How much of one text stands in another, by runs of four words.
//
// The words of a text, without case and punctuation, are hashed in overlapping runs of four (Broder, "On the
// resemblance and containment of documents", 1997); two texts are alike as far as they share runs. A character of a
// script without spaces counts as a word. Cost is that of reading each text once; only a few dozen candidates of a
// search are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lar::recall {

class Shingles {
public:
    explicit Shingles(std::string_view text);

    std::size_t size() const { return runs_.size(); }
    // Whether the other text says nothing of weight that this one does not: nearly all its runs of words stand here,
    // and of its words with a digit and its negations every one. Never so for a text of few words, where each of them
    // counts.
    bool say_all_of(const Shingles& other) const;

private:
    std::vector<std::uint64_t> runs_;     // ascending, each once
    std::vector<std::uint64_t> numbers_;  // words with a digit and negations, likewise
};

}  // namespace lar::recall
