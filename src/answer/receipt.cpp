#include "answer/receipt.h"

#include <algorithm>

namespace lar::answer {

wire::ApiReceipt receipt_of(const recall::Recalled& recalled, std::size_t used, std::int64_t took_us, const Zone& zone,
                            const Facts& facts) {
    const recall::Understood& understood = recalled.understood;
    wire::ApiReceipt receipt{.computed = "on this machine, without a model",
                             .air_gap = facts.air_gap,
                             .sources = recalled.source_names,
                             .hints = understood.hints,
                             .passages_searched = recalled.passages_in_scope,
                             .passages_considered = static_cast<std::uint32_t>(recalled.passages_matched),
                             .passages_used = static_cast<std::uint32_t>(used),
                             .milliseconds = static_cast<double>(took_us) / 1000};
    const auto moment = [&](std::int64_t us) { return to_rfc3339({us, zone.offset_min_at(us)}); };
    if (understood.scope.window.since_us) receipt.since = moment(*understood.scope.window.since_us);
    if (understood.scope.window.until_us) receipt.until = moment(*understood.scope.window.until_us);
    for (const store::QueryTerm& term : understood.terms) receipt.terms.push_back(term.term);

    std::uint64_t accounted = used;
    for (const recall::LeftOut& left_out : recalled.left_out) {
        receipt.left_out.push_back({left_out.reason, left_out.count});
        accounted += left_out.count;
    }
    // What was recalled and then gave no sentence.
    if (recalled.passages_matched > accounted)
        receipt.left_out.push_back(
            {used > 0 ? "nothing to add" : "does not answer", recalled.passages_matched - accounted});
    return receipt;
}

}  // namespace lar::answer
