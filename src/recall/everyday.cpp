#include "recall/everyday.h"

#include <string>
#include <unordered_set>

#include "index/analysis.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr char everyday_text[] =
#include "recall/everyday.inc"
    ;

using Terms = std::unordered_set<std::string>;

Terms read_everyday(index::Language language) {
    Terms terms;
    for_each_line(everyday_text, index::code_of(language), [&](std::string_view line) {
        for (index::Token& token : index::analyse(line, language)) terms.insert(std::move(token.term));
    });
    return terms;
}

}  // namespace

bool is_everyday(std::string_view term) {
    static OfEachLanguage<Terms> everyday;
    return everyday.of(language_of_term(term), read_everyday).contains(std::string(term));
}

}  // namespace lar::recall
