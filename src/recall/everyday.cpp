#include "recall/everyday.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "index/analysis.h"
#include "recall/word_lists.h"

namespace lar::recall {
namespace {

constexpr char everyday_text[] =
#include "recall/everyday.inc"
    ;

// Sorted hashes: an idle daemon keeps those of every language that it was asked in.
using Hashes = std::vector<std::uint64_t>;

std::uint64_t everyday_key(std::string_view term) { return std::hash<std::string_view>()(term); }

Hashes read_everyday(index::Language language) {
    Hashes hashes;
    for_each_line(everyday_text, index::code_of(language), [&](std::string_view line) {
        for (const index::Token& token : index::analyse(line, language)) hashes.push_back(everyday_key(token.term));
    });
    std::ranges::sort(hashes);
    hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
    hashes.shrink_to_fit();
    return hashes;
}

}  // namespace

bool is_everyday(std::string_view term) {
    static OfEachLanguage<Hashes> everyday;
    return std::ranges::binary_search(everyday.of(language_of_term(term), read_everyday), everyday_key(term));
}

}  // namespace lar::recall
