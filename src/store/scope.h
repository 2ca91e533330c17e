// Which documents and passages a Scope stands for, found from indexes without reading a document.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/store.h"

namespace lar::store {

// A scope as the indexes see it: pairs of source and kind, and a span of time.
struct ScopeParts {
    struct Part {
        std::int64_t source = 0;
        DocumentKind kind = DocumentKind::file;
    };
    std::vector<Part> parts;
    std::int64_t since_us = std::numeric_limits<std::int64_t>::min();
    std::int64_t until_us = std::numeric_limits<std::int64_t>::max();
};

bool is_everything(const Scope& scope);
Result<ScopeParts> parts_of(Connection& connection, const Scope& scope);

// Calls `take` with the first passage and the number of passages of each document in the scope.
using TakeRange = std::function<void(std::int64_t first, std::int64_t count)>;
Result<> each_passage_range(Connection& connection, const Scope& scope, const TakeRange& take);
// The passages of a scope: ascending, joined where they touch.
Result<std::vector<PassageRange>> joined_ranges(Connection& connection, const Scope& scope);

}  // namespace lar::store
