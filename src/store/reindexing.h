// The words of a passage made again from what the store holds of it, for when its index is lost.
//
// sources/ makes them in the first place and knows more: of a commit's summary it knows which part is the message, here
// that is read from the text, and a message without files that ends like a list of them is taken for one. Tests in
// sources/ hold the two together.
#pragma once

#include "index/language.h"
#include "store/records.h"

namespace lar::store {

// `language`: language_of() it (languages.h).
IndexedText indexed_again(const Document& document, const Passage& passage, index::Language language);

}  // namespace lar::store
