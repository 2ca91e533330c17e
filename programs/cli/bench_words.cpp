#include "bench_words.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lar::cli::bench {
namespace {

// Common words: most tokenizers have each as one token.
constexpr std::string_view common_words[] = {
    "about",   "after",  "again",    "air",   "animal", "answer", "apple", "arm",    "back",   "bank",   "bed",
    "bird",    "black",  "blue",     "boat",  "body",   "book",   "bread", "bridge", "brown",  "call",   "car",
    "cat",     "chair",  "child",    "city",  "clean",  "clear",  "cloud", "coat",   "cold",   "cook",   "corn",
    "cut",     "dark",   "day",      "deep",  "dog",    "door",   "dry",   "early",  "earth",  "east",   "egg",
    "eye",     "face",   "fall",     "farm",  "fast",   "field",  "fire",  "fish",   "floor",  "flower", "food",
    "forest",  "friend", "garden",   "glass", "gold",   "good",   "grass", "green",  "hand",   "hard",   "head",
    "heart",   "hill",   "home",     "horse", "hot",    "house",  "ice",   "iron",   "island", "key",    "king",
    "lake",    "land",   "late",     "leaf",  "letter", "light",  "line",  "long",   "milk",   "money",  "moon",
    "morning", "mother", "mountain", "music", "name",   "new",    "night", "north",  "ocean",  "old",    "open",
    "paper",   "park",   "people",   "place", "plant",  "play",   "quiet", "rain",   "read",   "red",    "rest",
    "river",   "road",   "rock",     "room",  "round",  "salt",   "sand",  "school", "sea",    "ship",   "shoe",
    "short",   "silver", "sleep",    "small", "snow",   "song",   "south", "star",   "stone",  "street", "summer",
    "sun",     "table",  "time",     "town",  "tree",   "valley", "voice", "wall",   "warm",   "water",  "white",
    "wind",
};

}  // namespace

std::string Words::draw(std::size_t count) {
    std::uniform_int_distribution<std::size_t> any(0, std::size(common_words) - 1);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) text += ' ';
        text += common_words[any(random_)];
    }
    return text;
}

std::size_t WordSize::words_for(std::uint64_t tokens) const {
    return static_cast<std::size_t>(std::max(1.0, std::round((static_cast<double>(tokens) - per_prompt) / per_word)));
}

std::size_t WordSize::more_words_for(std::uint64_t tokens) const {
    return static_cast<std::size_t>(std::max(1.0, std::round(static_cast<double>(tokens) / per_word)));
}

WordSize word_size(std::uint64_t short_sample_tokens, std::uint64_t long_sample_tokens) {
    if (long_sample_tokens <= short_sample_tokens) return {};
    WordSize size;
    size.per_word = static_cast<double>(long_sample_tokens - short_sample_tokens) /
                    static_cast<double>(long_sample_words - short_sample_words);
    size.per_prompt = static_cast<double>(short_sample_tokens) - size.per_word * short_sample_words;
    return size;
}

}  // namespace lar::cli::bench
