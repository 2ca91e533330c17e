// The words that a language's sentences consist of whatever they are about: by them it is told, and as terms they are
// dropped.
//
// Folded as analysis folds: lower case, no accents on Latin letters ("für" stands as "fur", "où" as "ou"). Inflected
// forms are listed each. Words of a list that are English or code as well, such as the German "die", stand in
// misleading_words too: they are dropped in texts of that language, but tell nothing of which one it is.
#pragma once

#include <string_view>

#include "index/language.h"

namespace lar::index {

std::string_view function_words(Language language);
extern const std::string_view misleading_words;

}  // namespace lar::index
