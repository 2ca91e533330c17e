// Words of a question that no passage holds and that are another word but for a letter or two: "conection". A word that
// Lar's lists know, or one whose like is rare, is left as it is: that the sources lack it is what shows that they have
// no answer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/terms.h"
#include "store/store.h"

namespace lar::recall {

// Whether it is worth a look: a word of letters, five to 24 of them, that no list knows.
bool may_be_misspelt(std::string_view term);

// The term of the same language that it is but for one letter left out, put in, changed or swapped with its neighbour,
// two in a word of ten letters or more. Empty: none.
std::string meant_by(std::string_view term, const std::vector<index::HeldTerm>& held);
// The same for a word in each of its forms, among all that the store holds that begins with the same two letters.
Result<std::string> meant_by(std::span<const std::string> forms, store::Reader& reader);

}  // namespace lar::recall
