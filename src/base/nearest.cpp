#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lar {
namespace {

constexpr std::size_t limit_name_bytes = 128;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const char letter : a) {
        std::size_t corner = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = corner + (letter == b[j] ? 0 : 1);
            corner = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, replaced});
        }
    }
    return row.back();
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    if (name.size() > limit_name_bytes) return best;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        // A name of which nothing is left was not meant.
        if (distance < best_distance && distance < std::max(name.size(), candidate.size())) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace lar
