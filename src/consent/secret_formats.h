// Secrets that show what they are: formats that their issuers publish so that scanners find them.
//
// secret_at() is asked at every place where a token may begin. What is too common to be told by its shape alone (32 hex
// digits, 40 characters of base64) is not here: it needs a name in front of it (assignments.h).
#pragma once

#include <cstddef>
#include <string_view>

#include "consent/matching.h"

namespace lar::consent {

// The secret that begins there, whole; the place is the beginning of a token (no letter or digit before it).
Maybe secret_at(std::string_view text, std::size_t at);

// "-----BEGIN … PRIVATE KEY-----" up to its end, or a PuTTY key's private lines.
Maybe private_key_at(std::string_view text, std::size_t at);

// What belongs to an id that was found, shortly behind it: to AWS's access key id 40 characters of base64, to Twilio's
// account id 32 hex digits.
Maybe secret_of_id_after(std::string_view text, const Match& id);

}  // namespace lar::consent
