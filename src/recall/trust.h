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
// For a model that reads question and passage together: the passages that words find first for an item, the right one
// among them.
struct Lineup {
    std::string words;
    std::vector<std::string> texts;
    std::size_t right = 0;  // in texts
};
inline constexpr std::size_t lineup_texts = 8;  // chance finds one in so many
// Of the items whose own passage words find among the first; short ones are left out.
Result<std::vector<Lineup>> lineups(std::span<const KnownItem> items, store::Reader& reader);
// Whether the right text has a better score than every other; who says the same of all knows nothing.
bool knows(const Lineup& lineup, std::span<const float> scores);
double trust(std::size_t found_near, std::size_t found_by_words, std::size_t asked);

}  // namespace lar::recall
