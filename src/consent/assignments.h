// Secrets that have nothing of their own to be known by, but a name in front: password=…, "api_key": "…",
// Authorization: Bearer …, --token …, <secret>…</secret>, "the password is …", user:password@host.
//
// A name is taken apart into words (camelCase, snake_case, kebab-case) and judged by its last ones, so that token_url
// and max_tokens are none. What follows is taken for a secret only if it looks like one: not an expression, a type, a
// path, a template's hole or an ordinary word; a password may be anything that nobody would call a word, a token must
// look like chance wrote it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "consent/matching.h"

namespace lar::consent {

// How much a name says of what follows.
enum class Hint : std::uint8_t {
    none,
    weak,      // auth, key: only with what is plainly chance
    token,     // api_key, secret, token
    password,  // password, passphrase
};
Hint hint_of(std::string_view name);

// The secret behind the separator there (one of = : > or a space behind a word that leads to it).
Maybe assigned_at(std::string_view text, std::size_t separator);
// The password, or the token alone, of an address with "://" there.
Maybe userinfo_at(std::string_view text, std::size_t scheme_end);
// Every value of the cookies behind "Cookie:" or "Set-Cookie:" there, at the colon.
std::vector<Match> cookies_at(std::string_view text, std::size_t colon);

}  // namespace lar::consent
