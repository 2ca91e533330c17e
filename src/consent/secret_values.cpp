#include "consent/secret_values.h"

#include <algorithm>
#include <array>
#include <string>

namespace lar::consent {
namespace {

// What people write where a secret would be.
constexpr auto stand_ins = std::to_array<std::string_view>(
    {"your",      "example",    "changeme",    "change_me",   "change-me", "placeholder", "redacted", "dummy",
     "xxxx",      "****",       "insert",      "replace",     "_here",     "-here",       "mysecret", "my-secret",
     "my_secret", "mypassword", "my-password", "my_password", "masked",    "removed",     "sample",   "not-real",
     "notreal",   "goes-here",  "some-",       "<secret",     "fake",      "undefined",   "...",      "foobar"});
constexpr auto plain_words = std::to_array<std::string_view>(
    {"password", "passwd",   "pass",     "pwd",    "secret",   "token",    "string",  "str",     "true",
     "false",    "null",     "none",     "nil",    "int",      "integer",  "number",  "bool",    "boolean",
     "text",     "required", "optional", "any",    "object",   "bytes",    "char",    "varchar", "hidden",
     "test",     "testing",  "postgres", "guest",  "user",     "username", "default", "admin",   "root",
     "bearer",   "basic",    "yes",      "no",     "on",       "off",      "bcrypt",  "argon2",  "argon2id",
     "sha256",   "sha512",   "md5",      "base64", "disabled", "enabled",  "prompt",  "scrypt",  "pbkdf2"});

bool is_identifier_part(char c) { return is_word(c) || c == '.' || c == '-' || c == '>' || c == '?'; }

// "$NAME", "${…}", "{{…}}", "<…>", "%NAME%", "[…]", "***".
bool is_hole(std::string_view value) {
    const char first = value.front(), last = value.back();
    if ((first == '<' && last == '>') || (first == '{' && last == '}') || (first == '[' && last == ']') ||
        (first == '%' && last == '%'))
        return true;
    for (const std::string_view part : {"${", "{{", "<%", "#{", "$(", "%("})
        if (value.find(part) != std::string_view::npos) return true;
    if (first == '$' && value.size() > 1 && std::ranges::all_of(value.substr(1), is_word) && !is_digit(value[1]))
        return makeup_of(value).digits == 0 || !looks_random(value.substr(1), 8);
    return std::ranges::all_of(value, [&](char c) { return c == first; }) || std::ranges::none_of(value, is_alnum);
}

bool is_stand_in(std::string_view value) {
    const std::string lower = to_lower_ascii(value);
    return std::ranges::find(plain_words, std::string_view(lower)) != plain_words.end() ||
           std::ranges::any_of(stand_ins, [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

bool is_path(std::string_view value) {
    const bool begins = value.starts_with('/') || value.starts_with("./") || value.starts_with("../") ||
                        value.starts_with("~/") || (value.size() > 2 && value[1] == ':' && value[2] == '\\');
    if (!begins) return false;
    const Makeup made = makeup_of(value);
    return (made.digits + made.uppers) * 5 < value.size();
}

// A call, a member, a type, another variable: what programs write behind a name.
bool is_expression(std::string_view value) {
    if (value.find("::") != std::string_view::npos || value.starts_with("&") || value.starts_with("!")) return true;
    const std::size_t bracket = value.find_first_of("([{");
    if (bracket != std::string_view::npos && bracket > 0 &&
        std::ranges::all_of(value.substr(0, bracket), is_identifier_part))
        return true;
    if (!std::ranges::all_of(value, is_identifier_part) || is_digit(value.front())) return false;
    if (value.find('.') == std::string_view::npos && value.find("->") == std::string_view::npos) return false;
    for (const std::string_view part : split(value, '.'))
        if (looks_random(part, 12)) return false;
    return true;
}

bool is_universal_id(std::string_view value) {
    if (value.size() != 36) return false;
    for (std::size_t i = 0; i < value.size(); ++i)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? value[i] != '-' : !is_hex(value[i])) return false;
    return true;
}

// Times, versions, ranges and sizes: 12:30, v1.2.3, 8-64.
bool is_measure(std::string_view value) {
    const Makeup made = makeup_of(value);
    return made.digits > 0 && made.letters <= 2 &&
           std::ranges::none_of(
               value,
               [](char c) { return !is_alnum(c) && std::string_view(".:-/,% ").find(c) == std::string_view::npos; }) &&
           made.others > 0;
}

bool names_itself(std::string_view value) {
    const std::string lower = to_lower_ascii(value);
    for (const std::string_view word : {"pass", "pwd", "token", "secret", "key"})
        if (lower.find(word) != std::string::npos) return true;
    return false;
}

bool is_password(std::string_view value, Written written) {
    const Makeup made = makeup_of(value);
    const bool plainly = written == Written::quoted || written == Written::environment;
    if (is_measure(value)) return false;
    const bool strange = value.find_first_of("!@#$%^&*+?~=|\\;") != std::string_view::npos;
    if (!plainly && !strange && std::ranges::all_of(value, is_word) && names_itself(value)) return false;
    if (made.digits > 0 && made.letters > 0) return value.size() >= 6;
    if (made.letters > 0 && strange) return value.size() >= 8;
    if (made.letters == 0) return made.digits >= 6 && written != Written::inline_;
    // Letters alone: a word that is too long for one, or written where only a password can stand.
    const bool joined = value.size() >= 16 && value.find_first_not_of("-_.", 0) == 0 && made.others <= 6;
    return plainly && value.size() >= 8 && (made.others == 0 || joined) && !names_itself(value);
}

bool is_token(std::string_view value, Written written) {
    if (is_universal_id(value)) return true;
    const Makeup made = makeup_of(value);
    const bool plainly = written == Written::quoted || written == Written::environment;
    if (looks_random(value, plainly ? 10 : 16)) return true;
    if (!plainly || made.digits == 0 || made.letters == 0) return false;
    const bool strange = value.find_first_of("!@#$%^&*+?~=") != std::string_view::npos;
    return value.size() >= 8 && (strange || (value.size() >= 20 && made.uppers > 1 && made.turns >= 3));
}

}  // namespace

bool is_secret_value(std::string_view value, Hint hint, Written written) {
    if (hint == Hint::none || value.size() < 4 || is_hole(value) || is_stand_in(value) || is_path(value)) return false;
    if (value.find("://") != std::string_view::npos) return false;
    if (std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return false;
    if (written != Written::quoted && written != Written::environment && is_expression(value)) return false;
    if (value.find(' ') != std::string_view::npos && hint != Hint::password) return false;
    // A sentence is no password; a passphrase has no full stop.
    if (std::ranges::count(value, ' ') > 0 && (written != Written::quoted || makeup_of(value).digits == 0))
        return false;
    switch (hint) {
        case Hint::password: return is_password(value, written);
        case Hint::token: return is_token(value, written);
        case Hint::weak: return is_encoded_login(value) || (looks_random(value, 20) && !is_universal_id(value));
        case Hint::none: break;
    }
    return false;
}

bool is_userinfo_password(std::string_view value) {
    return value.size() >= 3 && !is_hole(value) && !is_stand_in(value);
}

bool is_encoded_login(std::string_view value) {
    constexpr std::size_t looked_at = 64;
    if (value.size() < 8) return false;
    std::uint32_t bits = 0;
    int count = 0;
    bool colon = false;
    for (const char c : value.substr(0, looked_at)) {
        if (c == '=') break;
        const int digit = is_upper(c)            ? c - 'A'
                          : is_lower(c)          ? c - 'a' + 26
                          : is_digit(c)          ? c - '0' + 52
                          : c == '+' || c == '-' ? 62
                          : c == '/' || c == '_' ? 63
                                                 : -1;
        if (digit < 0) return false;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        const auto byte = static_cast<unsigned char>(bits >> count);
        if (byte < 0x20 || byte > 0x7e) return false;
        colon = colon || byte == ':';
    }
    return colon;
}

}  // namespace lar::consent
