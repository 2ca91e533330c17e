#include "recall/everyday.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "index/analysis.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr char everyday_text[] =
#include "recall/everyday.inc"
    ;

using Keys = std::vector<std::uint32_t>;

Keys read_everyday(index::Language language) {
    Keys keys;
    for_each_line(everyday_text, index::code_of(language), [&](std::string_view line) {
        for (const index::Token& token : index::analyse(line, language)) keys.push_back(key_of(token.term));
    });
    return sorted_keys(std::move(keys));
}

}  // namespace

bool is_everyday(std::string_view term) {
    static OfEachLanguage<Keys> everyday;
    return std::ranges::binary_search(everyday.of(language_of_term(term), read_everyday), key_of(term));
}

}  // namespace lar::recall
