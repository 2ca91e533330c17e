// Where a question should have been answered: what its answer came to know on the way, decided by consent/routing.h
// and told with the answer. The answer itself is never another for it, and nothing is sent anywhere.
#pragma once

#include <cstdint>
#include <string_view>

#include "answer/answer.h"
#include "consent/routing.h"

namespace lar::answer {

// A second answer to compare with is written of a first one as long as this, and is no longer itself.
inline constexpr std::uint32_t limit_compared_tokens = 128;
inline constexpr float second_temperature = 0.7F;
inline constexpr std::uint32_t second_seed = 1;  // the same question gets the same decision

enum class RouteWish : std::uint8_t {
    none,      // nobody asks, and the user's rules propose nobody
    proposal,  // told when another model is proposed
    told,      // told whatever it comes to
};
RouteWish route_wish(const Question& question, const Facts& facts);
// Whether a second answer is worth its price to the user.
bool wants_second_answer(const Question& question, const Facts& facts);

// Of the different words of both, the part that only one of them says: 0 the same words, 1 none in common.
double disagreement_of(std::string_view one, std::string_view other);

// Sets answer.route where it is wished; of `found` the question and its task are filled in here.
void tell_route(wire::ApiAnswer& answer, const Question& question, const Facts& facts, consent::RoutingFacts found);

}  // namespace lar::answer
