#include "recall/turns.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "base/time.h"

namespace lar::recall {
namespace {

constexpr std::array<double, 3> share_at = {1, 0.5, 0.25};  // of the score, by distance
constexpr std::int64_t reach = share_at.size() - 1;
constexpr std::int64_t same_time_us = us_per_hour;

using Near = std::map<std::int64_t, store::PlacedPassage>;  // by passage id

bool together(const store::PlacedPassage& one, const store::PlacedPassage& other) {
    return one.document.source == other.document.source &&
           std::abs(one.document.time.us - other.document.time.us) <= same_time_us;
}

// Somebody speaks, somebody else does, and the first again.
bool take_turns(const std::vector<const store::PlacedPassage*>& placed) {
    const auto title = [&](std::size_t i) { return std::string_view(placed[i]->document.title); };
    for (std::size_t second = 1; second + 1 < placed.size(); ++second)
        for (std::size_t first = 0; first < second; ++first)
            for (std::size_t third = second + 1; title(first) != title(second) && third < placed.size(); ++third)
                if (title(first) == title(third) && placed[first]->document.id != placed[third]->document.id)
                    return true;
    return false;
}

bool is_turn(const Near& near, std::int64_t id) {
    const auto middle = near.find(id);
    if (middle == near.end() || !may_be_turn(middle->second)) return false;
    std::vector<const store::PlacedPassage*> around;
    for (auto each = near.lower_bound(id - reach); each != near.end() && each->first <= id + reach; ++each)
        if (may_be_turn(each->second) && together(each->second, middle->second)) around.push_back(&each->second);
    return take_turns(around);
}

}  // namespace

bool may_be_turn(const store::PlacedPassage& placed) {
    return placed.document.kind == store::DocumentKind::pushed && !placed.document.title.empty();
}

Result<bool> are_turns(std::span<const store::PassageId> few, store::Reader& reader) {
    std::set<std::int64_t> wanted;
    for (const store::PassageId id : few)
        for (std::int64_t step = -reach; step <= reach; ++step) wanted.insert(id.value + step);
    std::vector<store::PassageId> ids;
    for (const std::int64_t id : wanted) ids.push_back({id});
    Near near;
    for (store::PlacedPassage& placed : TRY(reader.passages(ids))) {
        const std::int64_t id = placed.passage.id.value;
        near.emplace(id, std::move(placed));
    }
    const auto turns = std::ranges::count_if(few, [&](store::PassageId id) { return is_turn(near, id.value); });
    return turns > 0 && 2 * static_cast<std::size_t>(turns) >= few.size();
}

std::map<std::int64_t, double> heard_around(const std::map<std::int64_t, double>& scores) {
    std::map<std::int64_t, double> joined;
    for (const auto& [id, score] : scores)
        for (std::int64_t step = -reach; step <= reach; ++step)
            joined[id + step] += share_at[static_cast<std::size_t>(std::abs(step))] * score;
    return joined;
}

}  // namespace lar::recall
