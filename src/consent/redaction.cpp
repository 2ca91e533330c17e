#include "consent/redaction.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "consent/assignments.h"
#include "consent/matching.h"
#include "consent/numbers.h"
#include "consent/places.h"
#include "consent/secret_formats.h"

namespace lar::consent {
namespace {

constexpr std::size_t least_repeated_bytes = 8;  // of a secret that is looked for elsewhere
constexpr std::size_t limit_repeated = 16;       // secrets with the same beginning
constexpr std::size_t long_base64 = 120;         // an image, a certificate: not a row of tokens
constexpr std::size_t limit_base64 = 8 * 1024 * 1024;

// Names of the user's list by their first two letters.
class Names {
public:
    explicit Names(const std::vector<std::string>& names) {
        for (const std::string& name : names) by_begin_[begin_of(name)].push_back(to_lower_ascii(name));
        // The longest first: Ana Silva before Ana.
        for (auto& [begin, same] : by_begin_) std::ranges::sort(same, std::ranges::greater(), &std::string::size);
    }
    Maybe at(std::string_view text, std::size_t place) const {
        if (by_begin_.empty() || place + 2 > text.size()) return std::nullopt;
        const auto found = by_begin_.find(begin_of(text.substr(place)));
        if (found == by_begin_.end()) return std::nullopt;
        for (const std::string& name : found->second) {
            const std::string_view there = text.substr(place, name.size());
            const char next = at_or_zero(text, place + name.size());
            if (equal_ignoring_case(there, name) && !is_word(next) && static_cast<unsigned char>(next) < 0x80)
                return Match{place, place + name.size(), Sort::name, "name of your list"};
        }
        return std::nullopt;
    }

private:
    static std::string begin_of(std::string_view name) { return to_lower_ascii(name.substr(0, 2)); }
    std::unordered_map<std::string, std::vector<std::string>> by_begin_;
};

// Reads the text from left to right; the first rule that knows a place takes it whole.
class Scan {
public:
    Scan(std::string_view text, const Names& names) : text_(text), names_(names) {}

    std::vector<Match> run() {
        while (at_ < text_.size()) {
            if (take_hidden()) continue;
            if (begins_token() && take(token_at())) continue;
            look_around(text_[at_]);
            ++at_;
        }
        return std::move(found_);
    }

private:
    // What is found goes in if it does not begin within something that is in already.
    bool take(const Maybe& match) {
        if (!match || match->begin < free_ || match->end <= match->begin) return false;
        found_.push_back(*match);
        free_ = at_ = std::max(at_, match->end);
        look_ahead(secret_of_id_after(text_, *match));
        return true;
    }
    // Whether the place is taken already, or by what was found ahead of it.
    bool take_hidden() {
        if (at_ < free_) {
            at_ = free_;
            return true;
        }
        if (at_ < next_ahead_) return false;
        std::erase_if(ahead_, [&](const Match& match) { return match.begin < at_; });
        Maybe here;
        next_ahead_ = std::string_view::npos;
        for (const Match& match : ahead_) {
            if (match.begin == at_) here = match;
            next_ahead_ = std::min(next_ahead_, match.begin);
        }
        if (!here) return false;
        std::erase_if(ahead_, [&](const Match& match) { return match.begin == at_; });
        next_ahead_ = at_ + 1;
        return take(here);
    }
    // What lies between is still to be read.
    void look_ahead(const Maybe& match) {
        if (!match || match->begin < at_) return;
        ahead_.push_back(*match);
        next_ahead_ = std::min(next_ahead_, match->begin);
    }

    bool begins_token() const {
        const char c = text_[at_], last = before(text_, at_);
        if (is_word(last)) return text_.substr(at_ > 3 ? at_ - 3 : 0, at_ > 3 ? 3 : at_) == "bot" && is_digit(c);
        return !is_space(c);
    }

    Maybe token_at() {
        const char c = text_[at_];
        if (c == '-' || c == 'P')
            if (const Maybe key = private_key_at(text_, at_)) return key;
        if (c == '-') skip_public_block();
        if (is_word(c) || c == '$')
            if (const Maybe secret = secret_at(text_, at_)) return secret;
        if (skip_base64()) return std::nullopt;
        if (const Maybe name = names_.at(text_, at_)) return name;
        if (const Maybe home = home_at(text_, at_)) return home;
        if (is_alnum(c)) {
            if (const Maybe number = number_at(text_, at_)) return number;
            if (const Maybe host = host_at(text_, at_)) return host;
        }
        if (is_digit(c) || c == '+' || c == '(') return phone_at(text_, at_);
        return std::nullopt;
    }

    // Certificates, public keys and signatures are for everybody, and long.
    void skip_public_block() {
        const std::string_view rest = text_.substr(at_, 96);
        if (!rest.starts_with("-----BEGIN ") || rest.find("-----", 11) == std::string_view::npos) return;
        const std::size_t body = at_ + rest.find("-----", 11) + 5;
        const std::size_t length = run_of(
            text_, body,
            [](char c) { return is_alnum(c) || std::string_view("+/=\r\n \\:").find(c) != std::string_view::npos; },
            limit_base64);
        if (text_.substr(body + length).starts_with("-----END")) free_ = body + length;
    }

    // Within an image or a hash there are no tokens, however a piece of it looks.
    bool skip_base64() {
        if (at_ < looked_at_) return false;
        const std::size_t length =
            run_of(text_, at_, [](char c) { return is_alnum(c) || c == '+' || c == '/' || c == '='; }, limit_base64);
        looked_at_ = at_ + length;
        if (length < long_base64) return false;
        const std::string_view run = text_.substr(at_, length);
        if (run.find_first_of("+=") == std::string_view::npos && makeup_of(run.substr(0, 256)).digits < 8) return false;
        free_ = at_ + length;
        return true;
    }

    void look_around(char c) {
        if (c == '@') {
            take_behind(email_at(text_, at_));
        } else if (c == ':' && text_.substr(at_).starts_with("://")) {
            look_ahead(userinfo_at(text_, at_));
        } else if (c == ':' || c == '=' || c == '>' || c == ' ') {
            if (c == ':' && leads_to_cookies()) look_at_cookies();
            look_ahead(assigned_at(text_, at_));
        }
    }
    // Once a line.
    void look_at_cookies() {
        if (at_ < cookies_end_) return;
        for (const Match& cookie : cookies_at(text_, at_)) look_ahead(cookie);
        const std::size_t line = text_.find('\n', at_);
        cookies_end_ = line == std::string_view::npos ? text_.size() : line;
    }
    bool leads_to_cookies() const {
        const std::string_view lead = text_.substr(at_ > 6 ? at_ - 6 : 0, at_ > 6 ? 6 : at_);
        return equal_ignoring_case(lead, "cookie");
    }
    // An address is told by what is in its midst.
    void take_behind(const Maybe& match) {
        if (!match) return;
        // A name or a host that is part of it goes with it.
        while (!found_.empty() && found_.back().begin >= match->begin &&
               (found_.back().sort == Sort::name || found_.back().sort == Sort::host)) {
            found_.pop_back();
            free_ = found_.empty() ? 0 : found_.back().end;
        }
        if (match->begin < free_) return;
        found_.push_back(*match);
        free_ = match->end;
    }

    std::string_view text_;
    const Names& names_;
    std::size_t at_ = 0, free_ = 0, looked_at_ = 0, cookies_end_ = 0;
    std::vector<Match> found_;
    std::vector<Match> ahead_;                         // begins at or behind the reading place
    std::size_t next_ahead_ = std::string_view::npos;  // no match of those begins before it
};

// A secret that was known by its name once is one wherever it stands.
void find_again(std::string_view text, std::vector<Match>& found) {
    std::unordered_map<std::string_view, std::vector<Match>> by_begin;
    for (const Match& match : found) {
        const std::size_t size = match.end - match.begin;
        if (match.sort != Sort::secret || size < least_repeated_bytes) continue;
        auto& same = by_begin[text.substr(match.begin, least_repeated_bytes)];
        const auto value = text.substr(match.begin, size);
        const bool known = std::ranges::any_of(
            same, [&](const Match& one) { return text.substr(one.begin, one.end - one.begin) == value; });
        if (!known && same.size() < limit_repeated) same.push_back(match);
    }
    if (by_begin.empty()) return;
    std::vector<Match> more;
    std::size_t next = 0;
    for (std::size_t at = 0; at + least_repeated_bytes <= text.size();) {
        while (next < found.size() && found[next].end <= at) ++next;
        if (next < found.size() && found[next].begin <= at) {
            at = found[next].end;
            continue;
        }
        const auto same = by_begin.find(text.substr(at, least_repeated_bytes));
        std::size_t length = 0;
        if (same != by_begin.end())
            for (const Match& match : same->second) {
                const std::size_t size = match.end - match.begin;
                const bool fits = next == found.size() || at + size <= found[next].begin;
                if (fits && size > length && text.substr(at, size) == text.substr(match.begin, size)) {
                    length = size;
                    if (more.empty() || more.back().begin != at) more.push_back(match);
                    more.back() = {at, at + size, match.sort, match.reason};
                }
            }
        at += std::max<std::size_t>(length, 1);
    }
    found.insert(found.end(), more.begin(), more.end());
    std::ranges::sort(found, {}, &Match::begin);
}

std::string_view word_of(Sort sort) {
    switch (sort) {
        case Sort::secret: return "SECRET";
        case Sort::card: return "CARD";
        case Sort::account: return "ACCOUNT";
        case Sort::national: return "ID";
        case Sort::email: return "EMAIL";
        case Sort::phone: return "PHONE";
        case Sort::name: return "NAME";
        case Sort::path: return "PATH";
        case Sort::host: return "HOST";
    }
    return "SECRET";
}

// Placeholders that the text cannot hold: each begins with more marks than any of its kind that stands there.
class Placeholders {
public:
    explicit Placeholders(std::string_view text) : text_(text) {}

    std::string of(Sort sort, std::string_view value) {
        const auto known = by_value_.find(value);
        if (known != by_value_.end()) return known->second;
        auto [begin, fresh] = begins_.try_emplace(sort);
        if (fresh) begin->second = lar::format("[{}{}_", std::string(marks_before(word_of(sort)), mark), word_of(sort));
        return by_value_.emplace(value, lar::format("{}{}]", begin->second, ++counts_[sort])).first->second;
    }

private:
    static constexpr char mark = 'X';

    // One more than any "[XX…WORD_" of the text has; none where it has none.
    std::size_t marks_before(std::string_view word) const {
        std::size_t marks = 0;
        for (std::size_t at = text_.find('['); at != std::string_view::npos; at = text_.find('[', at + 1)) {
            const std::size_t there = run_of(text_, at + 1, [](char c) { return c == mark; }, text_.size());
            const std::string_view rest = text_.substr(at + 1 + there);
            if (rest.starts_with(word) && at_or_zero(rest, word.size()) == '_') marks = std::max(marks, there + 1);
        }
        return marks;
    }

    std::string_view text_;
    std::map<Sort, std::string> begins_;
    std::map<Sort, std::size_t> counts_;
    std::unordered_map<std::string_view, std::string> by_value_;
};

}  // namespace

Result<> check(const RedactionRules& rules) {
    if (rules.names.size() > limit_names)
        return fail(Code::too_large, lar::format("at most {} names can be taken out", limit_names));
    for (const std::string& name : rules.names)
        if (name.size() < 2 || name.size() > limit_name_bytes)
            return fail(Code::invalid, lar::format("a name to be taken out has 2 to {} bytes", limit_name_bytes));
    return {};
}

std::string_view to_string(Sort sort) {
    switch (sort) {
        case Sort::secret: return "secret";
        case Sort::card: return "card";
        case Sort::account: return "account";
        case Sort::national: return "national";
        case Sort::email: return "email";
        case Sort::phone: return "phone";
        case Sort::name: return "name";
        case Sort::path: return "path";
        case Sort::host: return "host";
    }
    return "secret";
}

Result<std::vector<Redaction>> find_redactions(std::string_view text, const RedactionRules& rules) {
    if (text.size() > limit_redacted_bytes)
        return fail(Code::too_large, lar::format("a text to be handed off has at most {} bytes", limit_redacted_bytes));
    TRY_VOID(check(rules));
    const Names names(rules.names);
    std::vector<Match> found = Scan(text, names).run();
    std::ranges::sort(found, {}, &Match::begin);
    find_again(text, found);
    std::vector<Redaction> redactions;
    Placeholders placeholders(text);
    for (const Match& match : found)
        redactions.push_back({match.begin, match.end, match.sort, std::string(match.reason),
                              placeholders.of(match.sort, text.substr(match.begin, match.end - match.begin))});
    return redactions;
}

std::string redacted(std::string_view text, const std::vector<Redaction>& redactions) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    for (const Redaction& one : redactions) {
        if (!one.applies) continue;
        ASSERT(one.begin >= at && one.end <= text.size());
        out += text.substr(at, one.begin - at);
        out += one.placeholder;
        at = one.end;
    }
    out += text.substr(at);
    return out;
}

std::string restored(std::string_view reply, std::string_view text, const std::vector<Redaction>& redactions) {
    std::unordered_map<std::string_view, std::string_view> values;
    for (const Redaction& one : redactions)
        if (one.applies) values.emplace(one.placeholder, text.substr(one.begin, one.end - one.begin));
    std::string out;
    for (std::size_t at = 0; at < reply.size();) {
        const std::size_t bracket = reply.find('[', at);
        out += reply.substr(at, bracket == std::string_view::npos ? bracket : bracket - at);
        if (bracket == std::string_view::npos) break;
        const std::size_t end = bracket + 1 + run_of(reply, bracket + 1, is_word, reply.size());
        const auto value = values.find(reply.substr(bracket, end + 1 - bracket));
        if (value == values.end()) {
            out += '[';
            at = bracket + 1;
        } else {
            out += value->second;
            at = end + 1;
        }
    }
    return out;
}

}  // namespace lar::consent
