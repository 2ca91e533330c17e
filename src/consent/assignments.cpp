#include "consent/assignments.h"

#include <algorithm>
#include <array>
#include <string>

#include "consent/secret_values.h"

namespace lar::consent {
namespace {

constexpr std::size_t limit_name = 64;
constexpr std::size_t limit_value = 1024;
constexpr std::size_t limit_line_back = 200;
constexpr std::size_t limit_userinfo = 512;

using Words = std::vector<std::string>;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, word) != words.end();
}

// Say which of several there are, and nothing of what it is.
constexpr auto qualifiers = std::to_array<std::string_view>(
    {"prod",      "production", "dev",     "development", "staging",  "stage",     "test", "live", "local",
     "base",      "value",      "default", "string",      "plain",    "plaintext", "old",  "new",  "current",
     "secondary", "backup",     "main",    "b64",         "base64",   "encoded",   "env",  "var",  "v1",
     "v2",        "v3",         "here",    "now",         "override", "raw"});
constexpr auto password_words = std::to_array<std::string_view>(
    {"password", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "passwort", "psw", "kennwort", "senha"});
constexpr auto password_ends =
    std::to_array<std::string_view>({"dbpass", "userpass", "mypass", "rootpass", "adminpass", "sqlpass", "smtppass",
                                     "mailpass", "authpass", "loginpass", "ftppass", "sshpass"});
constexpr auto token_words = std::to_array<std::string_view>(
    {"secret", "secrets", "token", "jwt", "credential", "credentials", "pat", "psk", "apikey"});
constexpr auto token_ends =
    std::to_array<std::string_view>({"secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "authkey",
                                     "accountkey", "masterkey", "sharedkey", "signingkey", "encryptionkey"});
constexpr auto key_kinds = std::to_array<std::string_view>(
    {"api",           "access",          "secret",    "private",     "auth",     "authentication",
     "authorization", "account",         "master",    "shared",      "signing",  "encryption",
     "decryption",    "session",         "service",   "storage",     "client",   "app",
     "application",   "subscription",    "function",  "functions",   "admin",    "server",
     "write",         "ingest",          "ingestion", "integration", "consumer", "hmac",
     "aes",           "crypt",           "security",  "license",     "licence",  "deploy",
     "bot",           "instrumentation", "preshared", "webhook",     "cookie",   "jwt",
     "sas",           "token",           "wallet",    "developer",   "bearer",   "agent",
     "project"});
// A token of these is a position or a count.
constexpr auto no_secret = std::to_array<std::string_view>(
    {"next", "page",      "continuation", "cursor", "pagination", "lexer",        "parser", "max",
     "min",  "num",       "count",        "total",  "stop",       "eos",          "bos",    "pad",
     "unk",  "mask",      "cls",          "sep",    "special",    "cancellation", "cancel", "foreign",
     "sort", "partition", "cache",        "public", "pub",        "idempotency"});

Words words_of(std::string_view name) {
    Words words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::exchange(word, {}));
    };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (!is_alnum(c)) {
            end_word();
            continue;
        }
        const bool hump = is_upper(c) && i > 0 &&
                          (is_lower(name[i - 1]) || is_digit(name[i - 1]) ||
                           (is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1])));
        if (hump) end_word();
        word += lowered(c);
    }
    end_word();
    return words;
}

bool is_number(std::string_view word) { return std::ranges::all_of(word, is_digit); }

Hint judged_words(Words words) {
    const auto last_digits = [](std::string& word) {
        while (!word.empty() && is_digit(word.back())) word.pop_back();
    };
    while (words.size() > 1 && (is_one_of(words.back(), qualifiers) || is_number(words.back()))) words.pop_back();
    if (words.empty()) return Hint::none;
    last_digits(words.back());
    const std::string& last = words.back();
    const std::string before_last = words.size() > 1 ? words[words.size() - 2] : std::string();
    if (is_one_of(last, password_words) || is_one_of(last, password_ends) || last.ends_with("password") ||
        last.ends_with("passwd") || last.ends_with("passphrase"))
        return before_last == "no" || before_last == "max" || before_last == "min" ? Hint::none : Hint::password;
    for (std::size_t i = words.size() > 4 ? words.size() - 4 : 0; i < words.size(); ++i)
        if (is_one_of(words[i], no_secret)) return Hint::none;
    if (is_one_of(last, token_words)) return Hint::token;
    if (last == "key") return is_one_of(before_last, key_kinds) ? Hint::token : Hint::none;
    for (const std::string_view end : token_ends)
        if (last.size() > end.size() && last.ends_with(end)) return Hint::token;
    if (last == "presharedkey" || last == "secretkey" || last == "privatekey" || last == "accesskey" ||
        last == "authkey" || last == "accountkey" || last == "masterkey")
        return Hint::token;
    if (last == "auth" || last == "authorization" || last == "sig" || last == "bearer" || last == "sessionid" ||
        last == "phpsessid" || last == "jsessionid")
        return Hint::weak;
    if (last == "signature" && (before_last == "amz" || before_last == "goog")) return Hint::weak;
    return last == "id" && before_last == "session" ? Hint::weak : Hint::none;
}

struct Name {
    std::string_view text;
    std::size_t begin = 0;
    bool spaced = false;  // something between name and separator
};

// Backwards from the separator: spaces, a quote or bracket, the name.
Name name_before(std::string_view text, std::size_t separator) {
    std::size_t end = separator;
    const std::size_t least = separator > limit_name + 8 ? separator - limit_name - 8 : 0;
    while (end > least && (text[end - 1] == ' ' || text[end - 1] == '\t') && separator - end < 4) --end;
    const bool spaced = end != separator;
    bool quoted = false;
    for (int i = 0; i < 3 && end > least; ++i)
        if (const char c = text[end - 1]; c == '"' || c == '\'' || c == '`' || c == ']' || c == '\\' || c == '*')
            --end, quoted = true;
    std::size_t begin = end;
    while (begin > least && (is_word(text[begin - 1]) || text[begin - 1] == '-' || text[begin - 1] == '.' ||
                             (!quoted && text[begin - 1] == ' ')))
        --begin;
    return {text.substr(begin, end - begin), begin, spaced};
}

// Nothing but indentation, a list's dash or a shell's "export" before it on its line.
bool begins_line(std::string_view text, std::size_t at) {
    std::size_t line = at;
    while (line > 0 && at - line < 40 && text[line - 1] != '\n') --line;
    std::string_view lead = trim(text.substr(line, at - line));
    for (const std::string_view word :
         {"export", "set", "ENV", "ARG", "setx", "-", "+", "#", "//", "*", ">", "-e", "--env"})
        if (lead == word) return true;
    return lead.empty() && (line == 0 || text[line - 1] == '\n');
}

std::string_view line_before(std::string_view text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && at - begin < limit_line_back && text[begin - 1] != '\n') --begin;
    return text.substr(begin, at - begin);
}

struct Value {
    std::size_t begin = 0, end = 0;
    Written written = Written::inline_;
};

// A quoted text; its quotes may be escaped themselves, as in JSON within a string. 0: it does not end on its line.
std::size_t quoted_end(std::string_view text, std::size_t begin, char quote, bool escaped) {
    const std::size_t most = std::min(text.size(), begin + limit_value);
    for (std::size_t i = begin; i < most && text[i] != '\n'; ++i) {
        if (escaped && text[i] == '\\' && at_or_zero(text, i + 1) == quote) return i;
        if (!escaped && text[i] == '\\')
            ++i;
        else if (!escaped && text[i] == quote)
            return i;
    }
    return 0;
}

// Where the next of a connection's settings begins: abc;Name=value.
std::size_t settings_end(std::string_view value) {
    for (std::size_t at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
        const std::size_t name = run_of(value, at + 1, is_alnum, limit_name);
        if (name > 0 && at_or_zero(value, at + 1 + name) == '=') return at;
    }
    return value.size();
}

Value value_at(std::string_view text, std::size_t at, Written plainest) {
    std::size_t begin = at;
    const auto quote_at = [&](std::size_t i) {
        const char c = at_or_zero(text, i);
        return c == '"' || c == '\'' || c == '`';
    };
    if (std::string_view("bru@").find(at_or_zero(text, begin)) != std::string_view::npos && begin < text.size() &&
        quote_at(begin + 1))
        ++begin;
    const bool escaped = at_or_zero(text, begin) == '\\' && quote_at(begin + 1);
    if (escaped) ++begin;
    if (quote_at(begin)) {
        const char quote = text[begin];
        while (at_or_zero(text, begin) == quote && begin - at < 4) ++begin;
        if (begin - at == 2 && !escaped) return {begin, begin, Written::quoted};  // ""
        if (const std::size_t end = quoted_end(text, begin, quote, escaped); end != 0)
            return {begin, end, Written::quoted};
    }
    const std::string_view stops =
        plainest == Written::inline_ ? std::string_view(" \t\r\n\"'`<>,;)]}&|") : std::string_view(" \t\r\n\"'`<>");
    std::size_t end =
        begin + run_of(text, begin, [&](char c) { return stops.find(c) == std::string_view::npos; }, limit_value);
    if (plainest != Written::inline_) end = begin + settings_end(text.substr(begin, end - begin));
    while (end > begin &&
           std::string_view(plainest == Written::inline_ ? ".,:" : ",;").find(text[end - 1]) != std::string_view::npos)
        --end;
    return {begin, end, plainest};
}

Maybe judged(std::string_view text, const Value& value, Hint hint) {
    const std::string_view bytes = text.substr(value.begin, value.end - value.begin);
    if (!is_secret_value(bytes, hint, value.written)) return std::nullopt;
    // One longer than was looked at goes whole: what is taken is not read again.
    std::size_t end = value.end;
    if (end - value.begin >= limit_value)
        end += run_of(text, end, [](char c) { return !is_space(c) && c != '"' && c != '\''; }, text.size());
    return Match{value.begin, end, Sort::secret, hint == Hint::password ? "password" : "secret by its name"};
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    return at + run_of(text, at, [](char c) { return c == ' ' || c == '\t'; }, 32);
}

// "Bearer abc", "Basic abc=", "token abc" behind Authorization and the like.
Maybe credential_at(std::string_view text, std::size_t at, bool leads) {
    for (const std::string_view scheme : {"bearer", "basic", "token", "apikey", "api-key", "bot", "sso-key"}) {
        if (!starts_ignoring_case(text.substr(at), scheme) || at_or_zero(text, at + scheme.size()) != ' ') continue;
        const Value value = value_at(text, skip_blanks(text, at + scheme.size()), Written::inline_);
        const std::string_view bytes = text.substr(value.begin, value.end - value.begin);
        const bool credential = scheme == "basic" ? is_encoded_login(bytes)
                                                  : looks_random(bytes, leads ? 10 : 16) &&
                                                        is_secret_value(bytes, Hint::token, Written::environment);
        if (!credential) return std::nullopt;
        return Match{value.begin, value.end, Sort::secret, scheme == "basic" ? "basic login" : "bearer token"};
    }
    return std::nullopt;
}

// A value whose name is the value of another: {name: DB_PASSWORD, value: …}.
Hint hint_of_pair(std::string_view text, std::size_t at) {
    const std::size_t from = at > 160 ? at - 160 : 0;
    const std::string lower = to_lower_ascii(text.substr(from, at - from));
    std::size_t place = 0;
    for (const std::string_view word : {"name", "key"})
        for (std::size_t found = lower.rfind(word); found != std::string::npos && found + word.size() > place;
             found = found == 0 ? std::string::npos : lower.rfind(word, found - 1)) {
            const char next = at_or_zero(lower, found + word.size());
            if (is_word(before(lower, found)) || std::string_view("\"':= ").find(next) == std::string_view::npos)
                continue;
            place = found + word.size();
        }
    if (place == 0) return Hint::none;
    std::size_t begin = from + place;
    begin += run_of(text, begin, [](char c) { return c == '"' || c == '\'' || c == ':' || c == '=' || c == ' '; }, 8);
    const std::size_t length =
        run_of(text, begin, [](char c) { return is_word(c) || c == '-' || c == '.'; }, limit_name);
    return begin + length < at ? hint_of(text.substr(begin, length)) : Hint::none;
}

// variable "db_password" { … default = …, as Terraform has it: the name of the block.
Hint hint_of_block(std::string_view text, std::size_t at) {
    const std::size_t from = at > 300 ? at - 300 : 0;
    const std::string_view lead = text.substr(from, at - from);
    constexpr std::string_view opening = "variable \"";
    const std::size_t block = lead.rfind(opening);
    if (block == std::string_view::npos || lead.find('}', block) != std::string_view::npos) return Hint::none;
    const std::string_view name = lead.substr(block + opening.size());
    return hint_of(name.substr(0, std::min(name.find('"'), limit_name)));
}

// The line before the one that holds `at`, without its indentation.
std::string_view previous_line(std::string_view text, std::size_t at) {
    const std::size_t begin = at - line_before(text, at).size();
    return begin == 0 ? std::string_view() : trim(line_before(text, begin - 1));
}

// Words that lead to a secret with nothing but a space: flags, "is", what netrc, SQL and servers' settings write.
Maybe behind_word(std::string_view text, std::size_t space) {
    std::size_t begin = space;
    while (begin > 0 && space - begin < limit_name && (is_word(text[begin - 1]) || text[begin - 1] == '-')) --begin;
    const std::string_view word = text.substr(begin, space - begin);
    if (word.empty()) return std::nullopt;
    const std::size_t at = skip_blanks(text, space);
    if (word == "is" || word == "was") {
        // Up to the next space: a password holds what would end a word elsewhere.
        Value value = value_at(text, at, Written::line);
        if (value.written == Written::line) value.written = Written::inline_;
        while (value.end > value.begin && text[value.end - 1] == '.') --value.end;
        const std::size_t named = begin > limit_name ? begin - limit_name : 0;
        return judged(text, value, hint_of(text.substr(named, begin - named)));
    }
    if (word == "Bearer" || word == "bearer" || word == "Basic") return credential_at(text, begin, false);
    const std::string_view line = line_before(text, begin);
    const auto on_line = [&](std::string_view part) { return line.find(part) != std::string_view::npos; };
    if (word.starts_with("--")) {
        const Hint hint = hint_of(word.substr(2));
        if (hint == Hint::none || at_or_zero(text, at) == '-') return std::nullopt;
        Value value = value_at(text, at, Written::inline_);
        if (value.written == Written::inline_) value.written = Written::environment;
        return judged(text, value, hint);
    }
    if (word == "-u" || word == "--user") {
        if (!on_line("curl") && !on_line("http")) return std::nullopt;
        Value value = value_at(text, at, Written::inline_);
        const std::size_t colon = text.substr(value.begin, value.end - value.begin).find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        value.begin += colon + 1;
        if (!is_userinfo_password(text.substr(value.begin, value.end - value.begin))) return std::nullopt;
        return Match{value.begin, value.end, Sort::secret, "password"};
    }
    if (word == "-p" && (on_line("sshpass") || on_line("login"))) {
        Value value = value_at(text, at, Written::inline_);
        if (value.written == Written::inline_) value.written = Written::environment;
        return judged(text, value, Hint::password);
    }
    // netrc(5) has all of an entry on one line, or each part on its own.
    const std::string_view above = trim(line).empty() ? previous_line(text, begin) : std::string_view();
    const bool netrc = (word == "password" || word == "passwd") &&
                       (on_line("login ") || on_line("machine ") || above.starts_with("login ") ||
                        above.starts_with("machine ") || above.starts_with("account "));
    const bool server = word == "requirepass" || word == "masterauth";
    const bool sql = equal_ignoring_case(word, "password") || equal_ignoring_case(word, "by");
    if (!netrc && !server && !sql) return std::nullopt;
    Value value = value_at(text, at, Written::inline_);
    if (sql && !netrc && value.written != Written::quoted) return std::nullopt;
    if (equal_ignoring_case(word, "by") &&
        !starts_ignoring_case(trim(line.substr(line.size() > 11 ? line.size() - 11 : 0)), "identified"))
        return std::nullopt;
    if (value.written == Written::inline_) {
        value.written = Written::environment;
        value.end = value.begin + run_of(text, value.begin, [](char c) { return !is_space(c); }, limit_value);
    }
    return judged(text, value, Hint::password);
}

// <password>…</password>
Maybe within_tags(std::string_view text, std::size_t bracket) {
    std::size_t begin = bracket;
    while (begin > 0 && bracket - begin < limit_name && text[begin - 1] != '<' && text[begin - 1] != '\n') --begin;
    if (begin == 0 || text[begin - 1] != '<') return std::nullopt;
    std::string_view tag = text.substr(begin, bracket - begin);
    tag = tag.substr(0, tag.find(' '));
    const Hint hint = hint_of(tag);
    if (hint == Hint::none || tag.starts_with('/')) return std::nullopt;
    const std::size_t length = run_of(text, bracket + 1, [](char c) { return c != '<' && c != '\n'; }, limit_value);
    if (!text.substr(bracket + 1 + length).starts_with("</")) return std::nullopt;
    return judged(text, {bracket + 1, bracket + 1 + length, Written::quoted}, hint);
}

// NAME=value behind a space, name=value in a query or a connection's settings.
bool leads_in(char lead, bool capitals) {
    return (lead == ' ' && capitals) || lead == '?' || lead == '&' || lead == ';';
}

}  // namespace

Hint hint_of(std::string_view name) {
    const std::size_t dot = name.rfind(". ");  // another sentence's words
    return judged_words(words_of(dot == std::string_view::npos ? name : name.substr(dot + 2)));
}

Maybe assigned_at(std::string_view text, std::size_t separator) {
    const char c = text[separator], last = before(text, separator), next = at_or_zero(text, separator + 1);
    if (c == ' ') return behind_word(text, separator);
    if (c == '>') return last == '=' || last == '-' ? std::nullopt : within_tags(text, separator);
    if (std::string_view("=!<>~:").find(last) != std::string_view::npos && last != '\0' && !(c == '=' && last == ':'))
        return std::nullopt;
    if (next == c || next == '~' || (c == ':' && next == '/' && at_or_zero(text, separator + 2) == '/'))
        return std::nullopt;
    std::size_t named_at = separator;
    if (c == '=' && (last == ':' || last == '+' || last == '?')) --named_at;
    const Name name = name_before(text, named_at);
    if (name.text.empty()) return std::nullopt;
    std::size_t at = separator + 1;
    if (next == '>' || (c == ':' && next == '=')) ++at;
    at = skip_blanks(text, at);

    Hint hint = hint_of(name.text);
    const bool pair = hint == Hint::none && equal_ignoring_case(trim(name.text), "value");
    if (pair) hint = hint_of_pair(text, name.begin);
    if (hint == Hint::none && trim(name.text) == "default") hint = hint_of_block(text, name.begin);
    if (hint == Hint::none) return std::nullopt;
    const std::size_t quote = at_or_zero(text, at) == '"' || at_or_zero(text, at) == '\'' ? 1 : 0;
    if (hint != Hint::password)
        if (const Maybe credential = credential_at(text, at + quote, true)) return credential;

    std::string_view word = trim(name.text);
    if (c == '=' && !name.spaced) word = word.substr(word.rfind(' ') + 1);  // npos + 1 is 0
    const bool capitals = std::ranges::none_of(word, [](char d) { return is_lower(d) || d == ' '; });
    const std::size_t name_begin = name.begin + static_cast<std::size_t>(word.data() - name.text.data());
    Written written = Written::inline_;
    if (begins_line(text, name_begin))
        written = c == '=' && capitals && !name.spaced && at == separator + 1 ? Written::environment : Written::line;
    else if (c == '=' && !name.spaced && at == separator + 1 && leads_in(before(text, name_begin), capitals))
        written = Written::environment;
    const bool among_others = std::string_view("?&;").find(before(text, name_begin)) != std::string_view::npos &&
                              before(text, name_begin) != '\0';
    if (pair && written == Written::line) written = Written::environment;
    Value value = value_at(text, at, among_others ? Written::inline_ : written);
    if (among_others && value.written == Written::inline_) value.written = written;
    // More words on the line: a sentence, unless a remark begins.
    if (value.written == Written::line) {
        const std::size_t more = skip_blanks(text, value.end);
        const char after = at_or_zero(text, more);
        if (after != '\0' && after != '\n' && after != '\r' && after != '#' && after != ';' && after != ',')
            return judged(text, {value.begin, value.end, Written::inline_}, hint);
    }
    return judged(text, value, hint);
}

Maybe userinfo_at(std::string_view text, std::size_t scheme_end) {
    const std::size_t begin = scheme_end + 3;
    const std::size_t whole = run_of(
        text, begin,
        [](char c) { return !is_space(c) && std::string_view("\"'<>`").find(c) == std::string_view::npos; },
        limit_userinfo);
    const std::string_view token = text.substr(begin, whole);
    const std::size_t slash = token.find_first_of("/?#");
    std::size_t at_sign = token.substr(0, slash).rfind('@');
    const std::size_t colon = token.find(':');
    if (at_sign == std::string_view::npos) {
        // A password may hold a slash that nobody encoded; a port holds none.
        if (slash == std::string_view::npos || colon == std::string_view::npos || colon > slash ||
            std::ranges::all_of(token.substr(colon + 1, slash - colon - 1), is_digit))
            return std::nullopt;
        at_sign = token.find('@', slash);
        if (at_sign == std::string_view::npos ||
            token.substr(slash, at_sign - slash).find(' ') != std::string_view::npos)
            return std::nullopt;
    }
    if (colon == std::string_view::npos || colon > at_sign) {
        if (!looks_random(token.substr(0, at_sign), 16)) return std::nullopt;
        return Match{begin, begin + at_sign, Sort::secret, "token in an address"};
    }
    if (!is_userinfo_password(token.substr(colon + 1, at_sign - colon - 1))) return std::nullopt;
    return Match{begin + colon + 1, begin + at_sign, Sort::secret, "password in an address"};
}

std::vector<Match> cookies_at(std::string_view text, std::size_t colon) {
    std::vector<Match> found;
    constexpr auto attributes =
        std::to_array<std::string_view>({"path", "expires", "max-age", "domain", "samesite", "httponly", "secure",
                                         "version", "priority", "partitioned"});
    const std::size_t length =
        run_of(text, colon + 1, [](char c) { return c != '\n' && c != '\r' && c != '"' && c != '\''; }, limit_value);
    for (std::size_t at = colon + 1; at < colon + 1 + length;) {
        const std::size_t pair = run_of(text, at, [](char c) { return c != ';'; }, colon + 1 + length - at);
        const std::string_view one = text.substr(at, pair);
        const std::size_t equals = one.find('=');
        if (equals != std::string_view::npos) {
            const std::string_view name = trim(one.substr(0, equals)), value = trim(one.substr(equals + 1));
            const bool attribute = std::ranges::any_of(
                attributes, [&](std::string_view known) { return equal_ignoring_case(known, name); });
            const std::size_t begin = at + static_cast<std::size_t>(value.data() - one.data());
            if (!attribute && value.size() >= 8 && makeup_of(value).digits > 0 &&
                is_secret_value(value, Hint::token, Written::environment))
                found.push_back({begin, begin + value.size(), Sort::secret, "cookie"});
        }
        at += pair + 1;
    }
    return found;
}

}  // namespace lar::consent
