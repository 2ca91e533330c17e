// Words of a question that no passage holds and that are another word but for a letter or two: "databse". A word that
// Lar knows, or one whose like is rare, is left as it is: that the sources lack it is what shows that they have no
// answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/terms.h"
#include "store/store.h"

namespace lar::recall {

// One letter left out, put in, changed or swapped with its neighbour in a term of five to seven, two in a longer one;
// the first two are right. Empty: none.
std::string meant_by(std::string_view term, const std::vector<index::HeldTerm>& held);
Result<std::string> meant_by(std::string_view term, store::Reader& reader);

}  // namespace lar::recall
