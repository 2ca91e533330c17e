#include "consent/places.h"

#include <algorithm>
#include <array>
#include <string>

namespace lar::consent {
namespace {

constexpr std::size_t limit_local_part = 64, limit_domain = 253, limit_label = 63;

// Ends of host names that are common; two letters are a country's.
constexpr auto domain_ends = std::to_array<std::string_view>(
    {"com",     "org",      "net",     "edu",     "gov",     "mil",     "int",   "info",      "biz",      "dev",
     "app",     "cloud",    "tech",    "online",  "site",    "xyz",     "email", "name",      "pro",      "shop",
     "store",   "blog",     "agency",  "company", "group",   "global",  "world", "solutions", "systems",  "software",
     "digital", "design",   "studio",  "media",   "network", "example", "test",  "local",     "internal", "corp",
     "lan",     "intranet", "invalid", "health",  "finance", "bank",    "legal", "academy",   "science",  "museum"});

bool is_local_part(char c) { return is_alnum(c) || std::string_view("._%+-").find(c) != std::string_view::npos; }
bool is_domain_part(char c) { return is_alnum(c) || c == '-' || c == '.'; }

// A host name from there on: labels, at least two.
std::string_view domain_at(std::string_view text, std::size_t at) {
    std::string_view domain = text.substr(at, run_of(text, at, is_domain_part, limit_domain));
    while (!domain.empty() && (domain.back() == '.' || domain.back() == '-')) domain.remove_suffix(1);
    if (domain.find('.') == std::string_view::npos || domain.front() == '.' || domain.front() == '-') return {};
    for (const std::string_view label : split(domain, '.'))
        if (label.empty() || label.size() > limit_label) return {};
    return domain;
}

std::string end_of(std::string_view domain) { return to_lower_ascii(domain.substr(domain.rfind('.') + 1)); }

struct Address {
    int parts[4] = {};
    std::size_t end = 0;
};
std::optional<Address> address_at(std::string_view text, std::size_t at) {
    Address address{.parts = {}, .end = at};
    for (int i = 0; i < 4; ++i) {
        if (i > 0 && at_or_zero(text, address.end++) != '.') return std::nullopt;
        const std::size_t digits = run_of(text, address.end, is_digit, 4);
        if (digits == 0 || digits > 3 || (digits > 1 && text[address.end] == '0')) return std::nullopt;
        for (std::size_t n = 0; n < digits; ++n)
            address.parts[i] = address.parts[i] * 10 + (text[address.end + n] - '0');
        if (address.parts[i] > 255) return std::nullopt;
        address.end += digits;
    }
    return address;
}

bool is_private(const Address& address) {
    const auto& p = address.parts;
    return p[0] == 10 || (p[0] == 172 && p[1] >= 16 && p[1] <= 31) || (p[0] == 192 && p[1] == 168) ||
           (p[0] == 100 && p[1] >= 64 && p[1] <= 127);
}

// "v10.0.0.1", "version 10.0.0.1".
bool is_version(std::string_view text, std::size_t at) {
    const std::string lower = to_lower_ascii(text.substr(at > 12 ? at - 12 : 0, at > 12 ? 12 : at));
    const std::string_view lead = trim(lower);
    return before(text, at) == 'v' || before(text, at) == 'V' || lead.ends_with("version") ||
           lead.ends_with("release") || lead.ends_with("driver") || lead.ends_with("build") ||
           before(text, at) == '@' || before(text, at) == '^' || before(text, at) == '~';
}

Maybe private_address_at(std::string_view text, std::size_t at) {
    const auto address = address_at(text, at);
    if (!address || before(text, at) == '.' || !is_private(*address) || is_version(text, at)) return std::nullopt;
    const char next = at_or_zero(text, address->end);
    if (is_word(next) || (next == '.' && is_digit(at_or_zero(text, address->end + 1)))) return std::nullopt;
    // The private ranges themselves are everybody's.
    const auto& p = address->parts;
    if (next == '/' && p[3] == 0 &&
        ((p[0] == 10 && p[1] == 0 && p[2] == 0) || (p[0] == 172 && p[1] == 16 && p[2] == 0) ||
         (p[0] == 192 && p[2] == 0) || p[0] == 100))
        return std::nullopt;
    return Match{at, address->end, Sort::host, "private address"};
}

// fc00::/7 and what a link names itself.
Maybe private_address6_at(std::string_view text, std::size_t at) {
    const std::string_view lead = text.substr(at, 2);
    if (!starts_ignoring_case(lead, "fd") && !starts_ignoring_case(lead, "fe")) return std::nullopt;
    const std::size_t length = run_of(text, at, [](char c) { return is_hex(c) || c == ':'; }, 40);
    const std::string_view address = text.substr(at, length);
    if (address.find(':') != 4 || std::ranges::count(address, ':') < 3 || is_word(at_or_zero(text, at + length)))
        return std::nullopt;
    if (starts_ignoring_case(lead, "fe") && !starts_ignoring_case(address, "fe80")) return std::nullopt;
    if (address == "fe80::" || address == "fd00::") return std::nullopt;
    for (const std::string_view group : split(address, ':'))
        if (group.size() > 4) return std::nullopt;
    return Match{at, at + length, Sort::host, "private address"};
}

Maybe private_name_at(std::string_view text, std::size_t at) {
    if (before(text, at) == '.') return std::nullopt;
    const std::string_view domain = domain_at(text, at);
    if (domain.empty()) return std::nullopt;
    const std::string end = end_of(domain);
    const bool home = to_lower_ascii(domain).ends_with(".home.arpa");
    if (end != "internal" && end != "corp" && end != "lan" && end != "intranet" && end != "local" && !home)
        return std::nullopt;
    const std::size_t stop = at + domain.size();
    const char next = at_or_zero(text, stop);
    if (next == '(' || next == '_' || next == '=' || next == '[') return std::nullopt;
    const std::vector<std::string_view> labels = split(domain, '.');
    for (const std::string_view word : {"com", "org", "net", "io", "java", "this", "self", "config", "settings", "sun"})
        if (labels.front() == word) return std::nullopt;
    // A name of two labels is a host's if something says so: a scheme, a port, a digit or a hyphen within.
    const bool addressed =
        before(text, at) == '/' || before(text, at) == '@' || (next == ':' && is_digit(at_or_zero(text, stop + 1)));
    const bool hostlike = domain.find_first_of("0123456789-") != std::string_view::npos;
    if (!addressed && !hostlike && labels.size() < 3) return std::nullopt;
    if (end == "local" && !addressed && labels.size() < 3 && !is_digit(labels.front().back())) return std::nullopt;
    if (domain.find("svc.cluster.local") != std::string_view::npos && labels.size() < 4) return std::nullopt;
    return Match{at, stop, Sort::host, "private host"};
}

constexpr auto everybody = std::to_array<std::string_view>(
    {"user",     "username", "users",   "you",     "your",    "yourname",  "your-username", "me",
     "name",     "runner",   "vagrant", "ubuntu",  "debian",  "ec2-user",  "git",           "node",
     "app",      "vscode",   "shared",  "public",  "default", "linuxbrew", "root",          "admin",
     "circleci", "jovyan",   "appuser", "nonroot", "builder", "jenkins"});

}  // namespace

Maybe email_at(std::string_view text, std::size_t at_sign) {
    std::size_t begin = at_sign;
    while (begin > 0 && at_sign - begin < limit_local_part && is_local_part(text[begin - 1])) --begin;
    while (begin < at_sign && !is_alnum(text[begin])) ++begin;
    if (begin == at_sign || text[at_sign - 1] == '.') return std::nullopt;
    const std::string_view local = text.substr(begin, at_sign - begin);
    if (local == "git" || local == "hg" || local == "svn") return std::nullopt;
    const std::string_view domain = domain_at(text, at_sign + 1);
    if (domain.empty()) return std::nullopt;
    const std::string end = end_of(domain);
    const bool country = end.size() == 2 && std::ranges::all_of(end, is_letter);
    if (!country && std::ranges::find(domain_ends, std::string_view(end)) == domain_ends.end()) return std::nullopt;
    // What goes on is a path or a call, not an address: git's, a decorator's.
    const char next = at_or_zero(text, at_sign + 1 + domain.size());
    if (next == '(' || next == '@' || (next == ':' && is_letter(at_or_zero(text, at_sign + 2 + domain.size()))))
        return std::nullopt;
    return Match{begin, at_sign + 1 + domain.size(), Sort::email, "e-mail address"};
}

Maybe phone_at(std::string_view text, std::size_t at) {
    const char first = text[at], last = before(text, at);
    if (last == '.' || last == '-' || last == '/' || last == '#' || last == '+' || is_word(last)) return std::nullopt;
    if (is_digit(first) && (last == '=' || last == '(')) return std::nullopt;
    std::string groups;
    std::size_t i = at, digits = 0, end = at;
    if (first == '+' && !is_digit(at_or_zero(text, ++i))) return std::nullopt;
    for (; i < text.size() && i - at < 32 && digits < 16;) {
        const char c = text[i];
        if (is_digit(c)) {
            const std::size_t run = run_of(text, i, is_digit, 16);
            groups += static_cast<char>(run);
            digits += run;
            i += run;
            end = i;
        } else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')') {
            const char next = at_or_zero(text, i + 1);
            if (!is_digit(next) && next != '(' && !(c == ')' && (next == ' ' || next == '-'))) break;
            ++i;
        } else {
            break;
        }
    }
    const char next = at_or_zero(text, end);
    if (is_word(next) || next == ':' || (next == '/' && is_digit(at_or_zero(text, end + 1)))) return std::nullopt;
    const std::string_view written = text.substr(at, end - at);
    const Match found{at, end, Sort::phone, "phone number"};
    // E.164: a country, and 8 to 15 digits in all.
    if (first == '+') return digits >= 9 && digits <= 15 && text[at + 1] != '0' ? Maybe(found) : std::nullopt;
    // The numbering plan of North America; its areas begin with 2 to 9.
    const bool american = groups == "\3\3\4" && digits == 10;
    if (american && first == '(' && written.size() >= 13 && written[4] == ')' && text[at + 1] >= '2') return found;
    if (american && first >= '2' && written[3] == '-' && written[7] == '-' && written[4] >= '2') return found;
    return std::nullopt;
}

Maybe home_at(std::string_view text, std::size_t at) {
    std::size_t name = 0;
    const char last = before(text, at);
    if (text[at] == '/') {
        if (is_word(last) || last == '.' || last == '/' || last == '~') return std::nullopt;
        for (const std::string_view folder : {"/home/", "/Users/"})
            if (text.substr(at).starts_with(folder)) name = at + folder.size();
    } else if (is_letter(text[at]) && at_or_zero(text, at + 1) == ':') {
        if (is_word(last)) return std::nullopt;
        for (const std::string_view folder : {":\\Users\\", ":\\\\Users\\\\", ":/Users/"})
            if (text.substr(at + 1).starts_with(folder)) name = at + 1 + folder.size();
    }
    if (name == 0) return std::nullopt;
    const std::size_t length = run_of(
        text, name, [](char c) { return is_word(c) || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80; },
        64);
    const std::string user = to_lower_ascii(text.substr(name, length));
    if (length == 0 || std::ranges::find(everybody, std::string_view(user)) != everybody.end()) return std::nullopt;
    std::size_t end = name + length;
    while (end > name && text[end - 1] == '.') --end;
    return Match{at, end, Sort::path, "home folder"};
}

Maybe host_at(std::string_view text, std::size_t at) {
    if (is_digit(text[at]))
        if (const Maybe found = private_address_at(text, at)) return found;
    if (const Maybe found = private_address6_at(text, at)) return found;
    return private_name_at(text, at);
}

}  // namespace lar::consent
