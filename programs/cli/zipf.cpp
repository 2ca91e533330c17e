#include "zipf.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace lar::cli {
namespace {

constexpr std::size_t line_words = 12;
constexpr std::string_view consonants = "bdfgklmnprtv";
constexpr std::string_view vowels = "aiou";  // a stemmer takes an e from the end

}  // namespace

std::string zipf_word(std::uint32_t rank) {
    constexpr auto syllables = static_cast<std::uint32_t>(consonants.size() * vowels.size());
    std::string word;
    // Counting with syllables for digits, all numbers of one length before those of the next.
    for (std::uint64_t number = std::uint64_t{rank} + 1; number > 0; number = (number - 1) / syllables) {
        const auto digit = static_cast<std::size_t>((number - 1) % syllables);
        word += consonants[digit % consonants.size()];
        word += vowels[digit / consonants.size()];
    }
    return word;
}

// A draw from a density of 1/x, rounded: the share of a whole number r is ln((r + ½) / (r − ½)), about 1/r.
std::uint32_t ZipfText::rank() {
    const double uniform = static_cast<double>(random_() >> 11) * 0x1p-53;
    const double drawn = 0.5 * std::pow(2.0 * zipf_vocabulary + 1, uniform);
    return std::min(static_cast<std::uint32_t>(std::max(drawn + 0.5, 1.0)) - 1, zipf_vocabulary - 1);
}

std::string ZipfText::passage(std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
        if (i > 0) text += i % line_words == 0 ? '\n' : ' ';
        text += zipf_word(rank());
    }
    return text;
}

std::string ZipfText::question(std::size_t words) {
    std::vector<std::uint32_t> drawn;
    std::string text;
    while (drawn.size() < words) {
        const std::uint32_t next = rank();
        if (next < zipf_stop_words || std::ranges::contains(drawn, next)) continue;
        drawn.push_back(next);
        if (!text.empty()) text += ' ';
        text += zipf_word(next);
    }
    return text;
}

}  // namespace lar::cli
