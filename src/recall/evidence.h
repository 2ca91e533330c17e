// What a passage holds of a question, seen in its text: what BM25 adds up, taken apart again.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/analysis.h"
#include "recall/question.h"
#include "store/records.h"

namespace lar::recall {

struct Evidence {
    std::uint64_t held = 0;   // bit i: term i or a synonym occurs in text, title, path or context
    std::uint64_t named = 0;  // bit i: term i occurs in title, path or context
    double coverage = 0;      // 0..1: share of the question's information that is held
    double together = 0;      // 0..1: the most of it that a stretch of a few lines says, with what it stands under
    double closeness = 0;     // 0..1: share of it whose neighbours in the question stand close together here too
    bool word_list = false;   // a dictionary, a list of synonyms: it holds words and says nothing with them
};
static_assert(store::limit_query_terms <= 64);

class EvidenceReader {
public:
    explicit EvidenceReader(const QuestionTerms& terms);
    Evidence read(const store::PlacedPassage& placed) const;
    // The same, of a passage that was analysed already.
    Evidence read(const store::PlacedPassage& placed, const index::PassageTokens& analysed) const;
    // Of a text alone, in the language of the passage that it is from.
    Evidence read_text(std::string_view text, index::Language language) const;
    // The share of the question's information that those terms are.
    double coverage(std::uint64_t held) const;
    // Which terms of the question occur in a text.
    std::uint64_t terms_in(std::string_view text, index::Language language) const;
    // The passage's text, analysed as the index has it.
    index::PassageTokens analyse(const store::PlacedPassage& placed) const;

private:
    struct Known {
        std::uint64_t terms = 0;  // bit i: it stands for term i
        bool synonym = false;
    };
    struct Place {
        std::size_t term = 0, position = 0;
        bool synonym = false;
    };
    struct Masks {
        std::uint64_t held = 0, said = 0;
    };
    static Masks masks_of(const std::vector<Place>& places);
    std::vector<Place> places_in(const std::vector<index::Token>& tokens) const;
    double closeness(const std::vector<Place>& places) const;
    double together(const std::vector<Place>& places, std::uint64_t said_above) const;

    const QuestionTerms& terms_;
    bool in_languages_ = false;  // besides English
    std::unordered_map<std::string_view, Known> known_;
};

}  // namespace lar::recall
