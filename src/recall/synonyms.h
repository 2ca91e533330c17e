// Words of other languages than English that stand one for another: synonyms.txt. Of Chinese, Japanese and Korean,
// which are searched by pairs of letters, words of two letters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lar::recall {

struct Synonym {
    std::string term;   // as index/analysis.h gives terms
    bool same = false;  // in nearly every context
};
// Of a term in its language: "kennwort~de". None for English, which has a thesaurus (thesaurus.h).
std::vector<Synonym> synonyms_in_language(std::string_view term);
// The same question without the answer, in less time.
bool has_synonyms(std::string_view term);

}  // namespace lar::recall
