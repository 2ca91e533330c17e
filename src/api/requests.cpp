#include "api/requests.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "recall/hints.h"

namespace lar::api {
namespace {

constexpr std::size_t limit_word_bytes = 100;  // of a moment in words, and of a name that comes back

constexpr std::array<std::pair<std::string_view, store::DocumentKind>, 6> kinds_by_name = {{
    {"file", store::DocumentKind::file},
    {"commit", store::DocumentKind::commit},
    {"working_tree", store::DocumentKind::working_tree},
    {"stash", store::DocumentKind::stash},
    {"branch", store::DocumentKind::branch},
    {"pushed", store::DocumentKind::pushed},
}};

// "yesterday", "Monday", "last week": where the span that a question would mean by it begins.
std::optional<std::int64_t> spoken_moment(std::string_view text, const Clock& clock, const Zone& zone) {
    for (const std::string_view before : {"", "since "}) {
        const std::vector<recall::Word> words = recall::words_of(std::string(before) + std::string(text));
        const std::vector<recall::TimeHint> hints = recall::find_time(words, clock.now_us(), zone);
        const bool whole = hints.size() == 1 && hints[0].first == 0 && hints[0].last == words.size();
        if (whole && hints[0].window.since_us) return hints[0].window.since_us;
    }
    return std::nullopt;
}

}  // namespace

Result<std::int64_t> parse_moment(std::string_view text, const Clock& clock, const Zone& zone) {
    if (const Result<std::int64_t> ago = parse_duration_us(text)) return clock.now_us() - *ago;
    if (const Result<Timestamp> time = parse_rfc3339(text, zone)) return time->us;
    if (const auto moment = spoken_moment(utf8_prefix(text, limit_word_bytes), clock, zone)) return *moment;
    return fail(Code::invalid, lar::format("'{}' is not a time; write a date (2026-11-20), a date and time "
                                           "(2026-11-20T14:03), how long ago (2h, 3d, 1w), or \"yesterday\"",
                                           printable(utf8_prefix(text, 40))));
}

Result<store::DocumentKind> parse_kind(std::string_view name) {
    for (const auto& [known, kind] : kinds_by_name)
        if (known == name) return kind;
    return fail(Code::invalid,
                lar::format("'{}' is not a kind; there are file, commit, working_tree, stash, branch and pushed",
                            printable(utf8_prefix(name, 40))));
}

Result<> check_question(std::string_view text) {
    if (trim(text).empty()) return fail(Code::invalid, "the question is empty");
    if (text.size() > wire::limit_question_bytes)
        return fail(Code::too_large, lar::format("the question is longer than {} bytes", wire::limit_question_bytes));
    return {};
}

Result<recall::Limits> limits_of(const std::vector<std::string>& in, const std::optional<std::string>& since,
                                 const std::optional<std::string>& until, const std::vector<std::string>& kinds,
                                 const Clock& clock, const Zone& zone) {
    if (in.size() > limit_named_sources)
        return fail(Code::too_large, lar::format("at most {} sources can be named", limit_named_sources));
    if (kinds.size() > kinds_by_name.size()) return fail(Code::invalid, "a kind is named twice");
    recall::Limits limits{.in = in};
    if (since) limits.since_us = TRY(parse_moment(*since, clock, zone));
    if (until) limits.until_us = TRY(parse_moment(*until, clock, zone));
    if (limits.since_us && limits.until_us && *limits.since_us >= *limits.until_us)
        return fail(Code::invalid, "'since' is not before 'until'");
    for (const std::string& kind : kinds) limits.kinds.push_back(TRY(parse_kind(kind)));
    return limits;
}

Result<std::uint32_t> number_in(const http::Request& request, std::string_view name, std::uint32_t otherwise,
                                std::uint32_t most) {
    const auto text = http::find_parameter(request.query, name);
    if (!text || text->empty()) return otherwise;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size() || number == 0 || number > most)
        return fail(Code::invalid, lar::format("'{}' is a whole number from 1 to {}", name, most));
    return number;
}

bool flag_in(const http::Request& request, std::string_view name) {
    const std::string_view value = http::find_parameter(request.query, name).value_or("");
    return value == "1" || value == "true";
}

Result<wire::ApiSearchRequest> search_in(const http::Request& request) {
    const auto text = [&](std::string_view name) -> std::optional<std::string> {
        const auto value = http::find_parameter(request.query, name);
        return value && !value->empty() ? std::optional<std::string>(*value) : std::nullopt;
    };
    // As in a body, a misspelt name must not widen the search.
    constexpr auto known = std::to_array<std::string_view>(
        {"q", "in", "since", "until", "kind", "limit", "by_document", "words_only", "explain"});
    for (const http::Parameter& given : request.query)
        if (!std::ranges::contains(known, std::string_view(given.name)))
            return fail(Code::invalid, lar::format("there is no parameter '{}' here",
                                                   printable(utf8_prefix(given.name, limit_word_bytes))));
    wire::ApiSearchRequest search;
    search.query = text("q").value_or("");
    search.in = http::all_parameters(request.query, "in");
    search.since = text("since");
    search.until = text("until");
    search.kinds = http::all_parameters(request.query, "kind");
    search.limit = TRY(number_in(request, "limit", search.limit, wire::limit_results));
    search.by_document = flag_in(request, "by_document");
    search.words_only = flag_in(request, "words_only");
    search.explain = flag_in(request, "explain");
    return search;
}

}  // namespace lar::api
