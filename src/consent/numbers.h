// Numbers that carry their own proof: cards (Luhn, issuers' ranges), bank accounts (IBAN, mod 97), national numbers
// with a check digit or an unmistakable shape.
//
// A number whose check is one digit is right by chance once in ten: such a one needs its usual grouping, or its name on
// the same line.
#pragma once

#include <cstddef>
#include <string_view>

#include "consent/matching.h"

namespace lar::consent {

// The number that begins there; no letter or digit is before it.
Maybe number_at(std::string_view text, std::size_t at);

bool luhn(std::string_view digits);

}  // namespace lar::consent
