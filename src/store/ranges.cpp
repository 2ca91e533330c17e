// Which ids passages have, without reading one: what is kept about passages elsewhere is compared with this.
#include <algorithm>

#include "store/reader.h"
#include "store/scope.h"

namespace lar::store {

Result<std::vector<PassageRange>> Reader::passage_ranges(const Scope& scope) {
    std::vector<PassageRange> ranges;
    TRY_VOID(each_passage_range(impl_->connection(), scope, [&](std::int64_t first, std::int64_t count) {
        if (count > 0) ranges.push_back({first, first + count});
    }));
    std::ranges::sort(ranges, {}, &PassageRange::first);
    std::size_t last = 0;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        if (ranges[i].first == ranges[last].end)
            ranges[last].end = ranges[i].end;
        else
            ranges[++last] = ranges[i];
    }
    if (!ranges.empty()) ranges.resize(last + 1);
    return ranges;
}

Result<PassagesMark> Reader::passages_mark() {
    Statement row = TRY(impl_->connection().prepare(
        "SELECT (SELECT id FROM next_passage), (SELECT coalesce(sum(passages), 0) FROM tallies)"));
    TRY_VOID(row.step());
    return PassagesMark{.next = row.integer(0), .count = row.integer(1)};
}

}  // namespace lar::store
