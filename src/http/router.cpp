#include "http/router.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace lar::http {
namespace {

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

// The parameters if the path fits. A segment that does not decode fits nothing.
std::optional<std::vector<Parameter>> fit(const std::vector<std::string>& pattern,
                                          const std::vector<std::string_view>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (!is_name(pattern[i])) {
            if (pattern[i] != path[i]) return std::nullopt;
            continue;
        }
        Result<std::string> value = percent_decode(path[i]);
        if (!value || value->empty()) return std::nullopt;
        parameters.push_back({pattern[i].substr(1, pattern[i].size() - 2), std::move(*value)});
    }
    return parameters;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

// What the browsers of Ollama's and OpenAI's clients ask for.
constexpr std::string_view allowed_headers =
    "authorization, content-type, accept, user-agent, x-requested-with, openai-beta, openai-organization, "
    "openai-project, "
    "x-stainless-arch, x-stainless-async, x-stainless-custom-poll-interval, x-stainless-helper-method, "
    "x-stainless-lang, "
    "x-stainless-os, x-stainless-package-version, x-stainless-poll-helper, x-stainless-retry-count, "
    "x-stainless-runtime, "
    "x-stainless-runtime-version, x-stainless-timeout";

Response options_response(const std::vector<std::string>& methods, const std::optional<std::string>& cross_origin) {
    Response response{204, "", "", {{"Allow", joined(methods)}}};
    if (cross_origin) {
        response.headers.push_back({"Access-Control-Allow-Methods", joined(methods)});
        response.headers.push_back({"Access-Control-Allow-Headers", std::string(allowed_headers)});
        response.headers.push_back({"Access-Control-Max-Age", "600"});
    }
    return response;
}

}  // namespace

void Router::add_family(Family family) { families_.push_back(std::move(family)); }

void Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options) {
    add_route(method, pattern, {.handler = std::move(handler), .options = options});
}

void Router::add_upload(std::string_view method, std::string_view pattern, BeginUpload begin, RouteOptions options) {
    options.body = BodyRule::required;
    add_route(method, pattern, {.upload = std::move(begin), .options = options});
}

void Router::add_route(std::string_view method, std::string_view pattern, Route route) {
    route.method = method;
    for (const std::string_view segment : split(pattern, '/')) route.segments.emplace_back(segment);
    routes_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    const std::vector<std::string_view> segments = split(path, '/');
    Match best;
    for (const Route& route : routes_) {
        std::optional<std::vector<Parameter>> parameters = fit(route.segments, segments);
        if (!parameters) continue;
        if (!std::ranges::contains(best.allowed_methods, route.method)) best.allowed_methods.push_back(route.method);
        if (route.method != wanted && route.method != method) continue;
        // Fewer names in the pattern is the more literal one.
        if (best.route != nullptr && best.parameters.size() <= parameters->size()) continue;
        best.route = &route;
        best.parameters = std::move(*parameters);
    }
    if (best.allowed_methods.empty()) return best;
    if (std::ranges::contains(best.allowed_methods, "GET") && !std::ranges::contains(best.allowed_methods, "HEAD"))
        best.allowed_methods.emplace_back("HEAD");
    best.allowed_methods.emplace_back("OPTIONS");
    std::ranges::sort(best.allowed_methods);
    return best;
}

const Family* Router::family_of(std::string_view path) const {
    for (const Family& family : families_) {
        if (!path.starts_with(family.prefix)) continue;
        if (path.size() == family.prefix.size() || path[family.prefix.size()] == '/' || family.prefix.ends_with('/'))
            return &family;
    }
    return nullptr;
}

namespace {

// Over TCP: says whether the visitor may use the family, and why not in the admission.
bool let_in(Admission& admission, std::string_view token, bool guarded, Gate* gate) {
    const std::optional<Visitor> visitor = gate == nullptr || token.empty() ? std::nullopt : gate->visitor(token);
    if (visitor && visitor->wait) {
        admission.problem = Problem{429, lar::format("'{}' has asked as often as its token allows", visitor->name),
                                    lar::format("Ask again in {} s.", visitor->wait->count())};
        admission.headers.push_back({"Retry-After", std::to_string(visitor->wait->count())});
        return false;
    }
    admission.trusted = visitor && visitor->may_use_guarded;
    if (guarded && visitor && !visitor->may_use_guarded) {
        admission.problem = Problem{403, lar::format("the token of '{}' is for models alone", visitor->name),
                                    "'lar token create NAME --scope memory' makes one that reaches your memory."};
        return false;
    }
    if (!visitor && (guarded || gate == nullptr || gate->wants_token_everywhere())) {
        admission.problem =
            Problem{401, "over TCP this needs Lar's token",
                    "Send 'Authorization: Bearer …' with one that 'lar token create NAME' made, or with "
                    "the text of the file 'token' in Lar's data directory."};
        admission.headers.push_back({"WWW-Authenticate", "Bearer"});
        return false;
    }
    return true;
}

}  // namespace

Admission admit(const Router& router, const Request& request, const OriginRules& rules, Gate* gate,
                bool declares_length) {
    Admission admission;
    Router::Match match = router.match(request.method, request.path);
    const Family* family = router.family_of(request.path);
    const bool guarded = family != nullptr && family->guarded;

    static const std::vector<std::string> none;
    const std::vector<std::string>& origins = family != nullptr ? family->origins : none;
    if (auto problem = check_origin(request, rules, guarded, origins)) {
        admission.problem = std::move(problem);
        return admission;
    }
    const std::optional<std::string> cross_origin = allowed_cross_origin(request, rules, origins);
    if (cross_origin) {
        admission.headers.push_back({"Access-Control-Allow-Origin", *cross_origin});
        admission.headers.push_back({"Vary", "Origin"});
    }
    // A preflight carries no token (browsers send it on their own) and learns nothing but methods.
    if (request.method == "OPTIONS" && (request.path == "*" || !match.allowed_methods.empty())) {
        if (request.path == "*") match.allowed_methods = {"DELETE", "GET", "HEAD", "OPTIONS", "POST"};
        admission.response = options_response(match.allowed_methods, cross_origin);
        return admission;
    }
    const bool open = match.route != nullptr && match.route->options.access == Access::open;
    admission.trusted = request.peer.transport == Transport::unix_socket;
    if (!admission.trusted && family != nullptr && !open)
        if (!let_in(admission, presented_token(request), guarded, gate)) return admission;
    if (match.allowed_methods.empty()) {
        admission.problem = Problem{404, "there is nothing at this address", "docs/api.md lists what there is."};
    } else if (match.route == nullptr) {
        admission.problem = Problem{405, lar::format("{} does not work at this address", request.method),
                                    lar::format("It understands {}.", joined(match.allowed_methods))};
        admission.headers.push_back({"Allow", joined(match.allowed_methods)});
    } else if (match.route->options.body == BodyRule::required && !declares_length) {
        admission.problem = Problem{411, "this needs a body", "Send one, with its Content-Length."};
    } else {
        admission.route = match.route;
        admission.parameters = std::move(match.parameters);
    }
    return admission;
}

}  // namespace lar::http
