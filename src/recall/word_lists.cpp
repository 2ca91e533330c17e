#include "recall/word_lists.h"

#include <algorithm>
#include <functional>

#include "index/analysis.h"

namespace lar::recall {

index::Language language_of_term(std::string_view term) {
    const std::size_t mark = term.rfind(index::foreign_mark);
    if (mark == std::string_view::npos) return index::Language::english;
    const std::string_view code = term.substr(mark + index::foreign_mark.size());
    for (std::size_t i = 0; i < index::language_count; ++i)
        if (const auto language = static_cast<index::Language>(i); index::code_of(language) == code) return language;
    return index::Language::english;
}

std::string_view word_of_term(std::string_view term) { return term.substr(0, term.find(index::foreign_mark)); }

std::uint32_t key_of(std::string_view term) { return static_cast<std::uint32_t>(std::hash<std::string_view>()(term)); }

std::vector<std::uint32_t> sorted_keys(std::vector<std::uint32_t> keys) {
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    keys.shrink_to_fit();
    return keys;
}

}  // namespace lar::recall
