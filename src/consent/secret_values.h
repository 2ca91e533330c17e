// Whether what stands behind a name is a secret, or an expression, a type, a path, a template's hole, an ordinary word.
#pragma once

#include <cstdint>
#include <string_view>

#include "consent/assignments.h"

namespace lar::consent {

// How the value was written; the plainer, the less is believed.
enum class Written : std::uint8_t {
    inline_,      // among other words
    line,         // the rest of a line: YAML, ini
    environment,  // NAME=value
    quoted,
};
bool is_secret_value(std::string_view value, Hint hint, Written written);
// A password in an address: anything but what documentation writes there.
bool is_userinfo_password(std::string_view value);
// Base64 of "user:password", as HTTP and Docker have it.
bool is_encoded_login(std::string_view value);

}  // namespace lar::consent
