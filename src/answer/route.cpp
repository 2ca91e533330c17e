#include "answer/route.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "index/analysis.h"

namespace lar::answer {
namespace {

const consent::Settings& rules_of(const Facts& facts) {
    static const consent::Settings none;
    return facts.consent == nullptr ? none : *facts.consent;
}

std::set<std::string> different_words(std::string_view text) {
    std::set<std::string> words;
    for (index::Token& token : index::analyse(text)) words.insert(std::move(token.term));
    return words;
}

}  // namespace

RouteWish route_wish(const Question& question, const Facts& facts) {
    if (question.explain_route) return RouteWish::told;
    return rules_of(facts).routing.provider.empty() ? RouteWish::none : RouteWish::proposal;
}

bool wants_second_answer(const Question& question, const Facts& facts) {
    const RouteWish wish = route_wish(question, facts);
    return wish == RouteWish::told ||
           (wish == RouteWish::proposal && rules_of(facts).routing.disagreement_limit.has_value());
}

double disagreement_of(std::string_view one, std::string_view other) {
    const std::set<std::string> a = different_words(one), b = different_words(other);
    std::set<std::string> common, all;
    std::ranges::set_intersection(a, b, std::inserter(common, common.end()));
    std::ranges::set_union(a, b, std::inserter(all, all.end()));
    return all.empty() ? 0 : 1 - static_cast<double>(common.size()) / static_cast<double>(all.size());
}

void tell_route(wire::ApiAnswer& answer, const Question& question, const Facts& facts, consent::RoutingFacts found) {
    const RouteWish wish = route_wish(question, facts);
    if (wish == RouteWish::none) return;
    found.question = question.text;
    found.with_sources = true;
    const consent::Route route = consent::decide(found, rules_of(facts));
    if (wish == RouteWish::proposal && !route.proposes) return;
    answer.route = wire::ApiRoute{.decision = route.proposes ? "propose" : "here",
                                  .provider = route.provider,
                                  .task = std::string(consent::to_string(route.task)),
                                  .why = route.why};
    for (const consent::RouteReason& reason : route.reasons)
        answer.route->reasons.push_back({reason.what, reason.value, reason.limit, reason.speaks_for_proposal});
}

}  // namespace lar::answer
