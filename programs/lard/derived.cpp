#include "derived.h"

#include <system_error>

#include "base/format.h"
#include "store/remains.h"

namespace lar::lard {
namespace {

constexpr std::size_t limit_remains_told = 20;

std::string_view plural(std::uint64_t count) { return count == 1 ? "" : "s"; }

}  // namespace

Result<ingest::Erased> CacheOfPassages::retain(std::span<const store::PassageRange> live) {
    recall::VectorsErased vectors = TRY(embedding_.retain(live));
    ingest::Erased erased{.looked_at = {}, .remains = {}, .pieces = std::move(vectors.pieces)};
    if (vectors.after > 0)
        erased.remains.push_back(lar::format("{} vector{} of what is gone still there", vectors.after,
                                             vectors.after == 1 ? " is" : "s are"));
    erased.looked_at.push_back(
        vectors.before == 0 && vectors.files == 0
            ? "there are no vectors of passages"
            : lar::format("{} vector{} of passages that are gone {} taken away; every row of {} file{} of vectors ({} "
                          "bytes) was looked at afterwards: none of them is there",
                          vectors.before, plural(vectors.before), vectors.before == 1 ? "was" : "were", vectors.files,
                          plural(vectors.files), vectors.bytes));
    if (TRY(spaces_.drop()))
        erased.looked_at.emplace_back("the space of terms was removed, and is made anew from what is left");
    return erased;
}

Result<std::vector<std::string>> CacheOfPassages::find_remains(std::span<const std::string> pieces) {
    const store::RemainsSearch search = TRY(store::RemainsSearch::of(pieces));
    std::vector<std::string> remains;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache_, error)) {
        std::error_code gone;
        if (!entry.is_regular_file(gone)) continue;
        for (const store::RemainsSearch::Found& found : TRY(search.scan(entry.path()))) {
            remains.push_back(lar::format("{}, byte {}: {} bytes of what is gone",
                                          entry.path().lexically_relative(cache_).string(), found.offset,
                                          found.piece.size()));
            if (remains.size() == limit_remains_told) return remains;
        }
    }
    if (error) return fail_errno(lar::format("cannot list {}", cache_.string()), error.value());
    return remains;
}

}  // namespace lar::lard
