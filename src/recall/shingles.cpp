#include "recall/shingles.h"

#include <algorithm>
#include <array>
#include <string>

namespace lar::recall {
namespace {

constexpr std::size_t words_in_run = 4;
constexpr std::size_t least_runs = 16;     // of a text that may be left out for another
constexpr double share_that_is_all = 0.8;  // one word that differs takes four runs with it
constexpr auto negations = std::to_array<std::string_view>(
    {"not", "no", "never", "none", "without", "cannot", "t", "nicht", "kein", "keine", "nie", "ne", "pas", "jamais"});

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
// How many bytes a character has that begins here; 1 for what begins none.
std::size_t length_of(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

std::uint64_t hash_of(std::string_view word) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

// Calls `take` with each word in small letters, and whether it is one that must not be missed.
template <class Take>
void each_word(std::string_view text, Take take) {
    std::string word;
    bool digit = false;
    const auto end = [&] {
        if (!word.empty()) take(word, digit || std::ranges::contains(negations, std::string_view(word)));
        word.clear();
        digit = false;
    };
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::size_t length = std::min(length_of(c), text.size() - at);
        if (length >= 3) {  // most scripts of three bytes have no spaces
            end();
            word = text.substr(at, length);
            end();
        } else if (length == 2) {
            word += text.substr(at, length);
        } else if (is_word_byte(c)) {
            word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            digit = digit || (c >= '0' && c <= '9');
        } else {
            end();
        }
        at += length;
    }
    end();
}

void sort_once(std::vector<std::uint64_t>& values) {
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
}

}  // namespace

Shingles::Shingles(std::string_view text) {
    std::array<std::uint64_t, words_in_run> last{};
    std::size_t words = 0;
    each_word(text, [&](std::string_view word, bool weighs) {
        const std::uint64_t hash = hash_of(word);
        if (weighs) numbers_.push_back(hash);
        last[words++ % words_in_run] = hash;
        if (words < words_in_run) return;
        std::uint64_t run = 0;
        for (std::size_t i = 0; i < words_in_run; ++i)
            run = (run ^ last[(words + i) % words_in_run]) * 0x9e3779b97f4a7c15;
        runs_.push_back(run ^ run >> 32);
    });
    sort_once(runs_);
    sort_once(numbers_);
}

bool Shingles::say_all_of(const Shingles& other) const {
    if (other.runs_.size() < least_runs) return false;
    if (!std::ranges::includes(numbers_, other.numbers_)) return false;
    std::size_t shared = 0;
    for (auto ours = runs_.begin(), theirs = other.runs_.begin(); ours != runs_.end() && theirs != other.runs_.end();) {
        if (*ours == *theirs) ++shared;
        const bool later = *ours >= *theirs;
        if (*ours <= *theirs) ++ours;
        if (later) ++theirs;
    }
    return static_cast<double>(shared) >= share_that_is_all * static_cast<double>(other.runs_.size());
}

}  // namespace lar::recall
