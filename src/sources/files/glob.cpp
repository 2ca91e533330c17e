#include "sources/files/glob.h"

#include <array>
#include <cstddef>
#include <optional>

namespace lar::sources {
namespace {

bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_alpha(unsigned char c) { return is_upper(c) || is_lower(c); }
bool is_punct(unsigned char c) { return c > 32 && c < 127 && !is_alpha(c) && !is_digit(c); }

struct NamedClass {
    std::string_view name;
    bool (*holds)(unsigned char);
};
// Characters are bytes and the locale is C, as in git.
constexpr std::array<NamedClass, 12> named_classes = {{
    {"alnum", [](unsigned char c) { return is_alpha(c) || is_digit(c); }},
    {"alpha", is_alpha},
    {"blank", [](unsigned char c) { return c == ' ' || c == '\t'; }},
    {"cntrl", [](unsigned char c) { return c < 32 || c == 127; }},
    {"digit", is_digit},
    {"graph", [](unsigned char c) { return c > 32 && c < 127; }},
    {"lower", is_lower},
    {"print", [](unsigned char c) { return c >= 32 && c < 127; }},
    {"punct", is_punct},
    {"space", [](unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }},
    {"upper", is_upper},
    {"xdigit", [](unsigned char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }},
}};

struct ClassMatch {
    bool holds = false;
    std::size_t end = 0;  // after the closing bracket
};

// "[:alpha:]" at pattern[at], which is its '['. Empty: no such class, or not closed.
std::optional<ClassMatch> match_named(std::string_view pattern, std::size_t at, unsigned char c) {
    const std::size_t close = pattern.find(']', at);
    if (close == std::string_view::npos || close < at + 3 || pattern[close - 1] != ':') return std::nullopt;
    const std::string_view name = pattern.substr(at + 2, close - at - 3);
    for (const NamedClass& known : named_classes)
        if (known.name == name) return ClassMatch{known.holds(c), close + 1};
    return std::nullopt;
}

// The class at pattern[at], which is its '['. Empty: it is never closed, and then it matches nothing.
std::optional<ClassMatch> match_class(std::string_view pattern, std::size_t at, unsigned char c) {
    ++at;
    const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) ++at;
    bool holds = false;
    std::optional<unsigned char> previous;  // what a following '-' starts from
    for (bool first = true;; first = false) {
        if (at >= pattern.size()) return std::nullopt;
        unsigned char p = static_cast<unsigned char>(pattern[at]);
        if (p == ']' && !first) break;
        if (p == '-' && previous && at + 1 < pattern.size() && pattern[at + 1] != ']') {
            ++at;
            if (pattern[at] == '\\' && ++at >= pattern.size()) return std::nullopt;
            if (c >= *previous && c <= static_cast<unsigned char>(pattern[at])) holds = true;
            previous.reset();
            ++at;
            continue;
        }
        if (p == '[' && at + 1 < pattern.size() && pattern[at + 1] == ':') {
            const std::size_t close = pattern.find(']', at + 2);
            if (close == std::string_view::npos) return std::nullopt;
            if (close > at + 2 && pattern[close - 1] == ':') {
                const std::optional<ClassMatch> named = match_named(pattern, at, c);
                if (!named) return std::nullopt;
                holds = holds || named->holds;
                previous.reset();
                at = named->end;
                continue;
            }
        }
        if (p == '\\') {
            if (++at >= pattern.size()) return std::nullopt;
            p = static_cast<unsigned char>(pattern[at]);
        }
        if (p == c) holds = true;
        previous = p;
        ++at;
    }
    return ClassMatch{holds != negated, at + 1};
}

// One character of the pattern at `at` against `c`: where the pattern goes on, or nothing.
std::optional<std::size_t> match_one(std::string_view pattern, std::size_t at, char c) {
    switch (pattern[at]) {
        case '?': return c == '/' ? std::nullopt : std::optional(at + 1);
        case '[': {
            const std::optional<ClassMatch> match = match_class(pattern, at, static_cast<unsigned char>(c));
            return match && match->holds && c != '/' ? std::optional(match->end) : std::nullopt;
        }
        case '\\':
            if (at + 1 >= pattern.size()) return std::nullopt;
            return pattern[at + 1] == c ? std::optional(at + 2) : std::nullopt;
        default: return pattern[at] == c ? std::optional(at + 1) : std::nullopt;
    }
}

struct Stars {
    std::size_t end = 0;      // after the stars, and after the slash of "**/"
    bool any_names = false;   // "**/": whole names, or none
    bool everything = false;  // "**" at the end
};

Stars read_stars(std::string_view pattern, std::size_t at) {
    Stars stars{.end = at};
    while (stars.end < pattern.size() && pattern[stars.end] == '*') ++stars.end;
    const bool starts_name = at == 0 || pattern[at - 1] == '/';
    if (stars.end - at < 2 || !starts_name) return stars;
    if (stars.end == pattern.size()) {
        stars.everything = true;
    } else if (pattern[stars.end] == '/') {
        stars.any_names = true;
        ++stars.end;
    }
    return stars;
}

// Where to go on after a mismatch: the pattern after a star, and the text it was last tried at.
struct Retry {
    std::size_t pattern_at = 0;
    std::size_t text_at = 0;
};

}  // namespace

bool has_wildcard(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

// Only the last star of a name and the last "**/" need be tried again: an earlier one that took more could
// not reach a place that the later one cannot reach too.
bool glob_matches(std::string_view pattern, std::string_view path) {
    std::size_t p = 0, t = 0;
    std::optional<Retry> star, names;
    for (;;) {
        bool matched = false;
        if (p < pattern.size() && pattern[p] == '*') {
            const Stars stars = read_stars(pattern, p);
            if (stars.everything) return true;
            p = stars.end;
            if (stars.any_names) {
                names = Retry{p, t};
                star.reset();
            } else {
                star = Retry{p, t};
            }
            continue;
        }
        if (p == pattern.size()) {
            if (t == path.size()) return true;
        } else if (t < path.size()) {
            if (const std::optional<std::size_t> next = match_one(pattern, p, path[t])) {
                p = *next;
                ++t;
                matched = true;
            }
        }
        if (matched) continue;
        if (star && star->text_at < path.size() && path[star->text_at] != '/') {
            t = ++star->text_at;
            p = star->pattern_at;
            continue;
        }
        star.reset();
        if (!names) return false;
        const std::size_t slash = path.find('/', names->text_at);
        if (slash == std::string_view::npos) return false;
        t = names->text_at = slash + 1;
        p = names->pattern_at;
    }
}

}  // namespace lar::sources
