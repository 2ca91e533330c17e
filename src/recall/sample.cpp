#include "recall/sample.h"

#include <algorithm>
#include <cstdint>

namespace lar::recall {

std::vector<store::PassageId> spread_over(std::span<const store::PassageRange> live, std::size_t wanted) {
    std::int64_t count = 0;
    for (const store::PassageRange& range : live) count += range.end - range.first;
    const std::int64_t taken = std::min(count, static_cast<std::int64_t>(wanted));
    std::vector<store::PassageId> drawn;
    std::int64_t before = 0;
    for (const store::PassageRange& range : live) {
        const std::int64_t size = range.end - range.first;
        // Of `taken` places spread over all, those that fall into this range.
        while (std::ssize(drawn) < taken) {
            const std::int64_t place = std::ssize(drawn) * count / taken;
            if (place >= before + size) break;
            drawn.push_back({range.first + place - before});
        }
        before += size;
    }
    return drawn;
}

}  // namespace lar::recall
