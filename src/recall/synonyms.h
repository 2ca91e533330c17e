// Words that are said one for another when people speak of programs and of their work.
//
// A person asks what happens when "the disk is full" and the text says "no space left"; nothing but knowing
// that these go together finds it. Groups are small and of one sense; a word can be in several.
#pragma once

#include <string_view>
#include <vector>

namespace lar::recall {

// The other words for a term, as index/analysis.h gives terms.
std::vector<std::string_view> synonyms_of(std::string_view term);

}  // namespace lar::recall
