// How unsure a model is of its next token: the entropy of its distribution, from its numbers as they are, before any
// temperature or filter. In nats: 0 is one token and no other, the logarithm of the vocabulary is anything at all.
//
// Two passes over the vocabulary, on the thread that samples. What that takes beside a token's decode is in
// docs/decisions/0022; it is done only for requests that ask for it.
#pragma once

#include <span>

namespace lar::inference {

// Within 0..log(logits.size()). A logit of minus infinity is a token that cannot come; where the numbers are none
// (not a number, all infinite), the model says nothing: anything at all.
double entropy_of(std::span<const float> logits);

}  // namespace lar::inference
