#include "recall/word_lists.h"

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

}  // namespace lar::recall
