// Which ids passages have, without reading one: what is kept about passages elsewhere is compared with this.
#include <algorithm>

#include "store/reader.h"
#include "store/scope.h"

namespace lar::store {

Result<std::vector<PassageRange>> joined_ranges(Connection& connection, const Scope& scope) {
    std::vector<PassageRange> ranges;
    TRY_VOID(each_passage_range(connection, scope, [&](std::int64_t first, std::int64_t count) {
        if (count > 0) ranges.push_back({first, first + count});
    }));
    std::ranges::sort(ranges, {}, &PassageRange::first);
    std::size_t kept = 0;
    for (const PassageRange& range : ranges) {
        if (kept > 0 && ranges[kept - 1].end == range.first)
            ranges[kept - 1].end = range.end;
        else
            ranges[kept++] = range;
    }
    ranges.resize(kept);
    return ranges;
}

Result<std::vector<PassageRange>> Reader::passage_ranges(const Scope& scope) {
    return joined_ranges(impl_->connection(), scope);
}

Result<PassagesMark> Reader::passages_mark() {
    Statement row = TRY(impl_->connection().prepare(
        "SELECT (SELECT id FROM next_passage), (SELECT coalesce(sum(passages), 0) FROM tallies)"));
    TRY_VOID(row.step());
    return PassagesMark{.next = row.integer(0), .count = row.integer(1)};
}

}  // namespace lar::store
