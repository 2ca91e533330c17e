// What a question says about when, where and what for, apart from its words.
//
// find_time() reads spans of time ("last two hours", "since Monday", "in October 2025") in the user's
// zone; find_source() and find_branch() see only names that exist, so that an ordinary word is never
// taken for one; find_intent() knows a few ways of asking where one left off and what changed. Each
// says which bytes of the question it understood, so that they do not count as words to search for.
// Text in double quotes is never a hint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "recall/recall.h"

namespace lar::recall {

inline constexpr std::size_t limit_hint_words = 256;  // of a question; what comes later is words only

// A word of the question, lower-case and without the punctuation around it.
struct Word {
    std::string text;
    std::size_t first = 0, last = 0;  // bytes in the question
    bool quoted = false;
};
std::vector<Word> words_of(std::string_view question);

struct TimeHint {
    TimeWindow window;
    std::size_t first = 0, last = 0;  // words [first, last)
    // A named month, year or date may as well be what the question is about; "yesterday" may not.
    bool calendar = false;
};
// Spans of time in order; later ones that contradict the ones before are left as words.
std::vector<TimeHint> find_time(std::span<const Word> words, std::int64_t now_us, const Zone& zone);
// "2026-11-20", "2026-11-09 to 2026-11-15", "since 2026-11-20 14:03".
std::string describe(const TimeWindow& window, const Zone& zone);

struct NameHint {
    std::string name;  // as the source or branch has it
    std::size_t first = 0, last = 0;
};
// "in project", "in the project source", "in the project repository".
std::optional<NameHint> find_source(std::span<const Word> words, std::span<const std::string> names);
// "on the auth branch", "on branch auth"; `auth` also names `feature/auth` when no other branch ends so.
std::optional<NameHint> find_branch(std::span<const Word> words, std::span<const std::string> branches);

struct IntentHint {
    Intent intent = Intent::find;
    bool why = false;     // asks for reasons, moments or persons: history answers that
    bool where = false;   // asks for a place: "where is X defined"
    bool how_to = false;  // "how do I …", "how can I …", "how to …"
    bool newest = false;  // asks for what is recent
    std::vector<std::pair<std::size_t, std::size_t>> used;  // spans of words that say only this
};
IntentHint find_intent(std::span<const Word> words);

// "how many", "default", "at most", …: what tells a quantity answers best. Who asks how something is done, or why, asks
// for none, whatever it is called.
bool asks_for_number(std::string_view question);

}  // namespace lar::recall
