// How far a model's nearness is to be trusted with a collection: measured on the collection itself.
//
// Some passages are drawn, a dozen words are taken out of the middle of each, and these are looked for: by words, and
// by nearness. Words find nearly all of them, being the passage's own. A model that knows what texts are about comes
// close to that; one that does not, or not in this language, or not of code, finds few, and must not have a say in what
// is found. So trust is what share of the ones that words find the model finds, beyond a half. Collections too small to
// tell get none: there words do well enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace lar::recall {

struct KnownItem {
    store::PassageId passage;
    std::string words;
};
inline constexpr std::size_t known_items_asked = 48;
inline constexpr std::size_t least_known_items = 16;

// At most known_items_asked, spread evenly; the same ones for the same passages.
Result<std::vector<KnownItem>> known_items(std::span<const store::PassageRange> live, store::Reader& reader);
// Among how many of the best an item must be: few in a small collection, where chance is kind.
std::size_t depth_of_search(std::uint64_t passages);
Result<std::size_t> found_by_words(std::span<const KnownItem> items, std::size_t depth, store::Reader& reader);
double trust(std::size_t found_near, std::size_t found_by_words, std::size_t asked);

}  // namespace lar::recall
