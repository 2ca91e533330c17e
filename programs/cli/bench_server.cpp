#include "bench_server.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "address.h"
#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"

namespace lar::cli::bench {
namespace {

constexpr std::size_t limit_url_bytes = 2048;
constexpr std::size_t limit_key_bytes = 4096;
constexpr std::size_t limit_listed_models = 8;
// A long prompt on a slow machine, behind sixteen others, takes its time.
constexpr std::chrono::minutes answer_time{30};

http::Client client_of(const Server& server, const std::atomic<bool>& cancelled) {
    return http::Client(server.endpoint,
                        {.answer_time = answer_time, .pause_time = answer_time, .cancelled = &cancelled});
}

Failure unreachable(const Server& server, const Error& error) {
    Failure failure{error};
    if (!failure.message.starts_with(server.name) && !failure.message.contains(server.name))
        failure.message = lar::format("{}: {}", server.name, failure.message);
    if (error.message == "interrupted")
        failure.message = error.message;
    else if (error.message.starts_with("nobody answers"))
        failure.hint = "start the server, or name another with --url";
    return failure;
}

// What an answer of 4xx or 5xx means here.
Failure refused(const Server& server, const http::Reply& reply, std::string_view what) {
    const std::string said = refusal_text(reply.body);
    std::string message = lar::format("{} refused {} ({}): {}", server.name, what, reply.status, said);
    std::string hint;
    Code code = Code::unavailable;
    if (reply.status == 401 || reply.status == 403) {
        code = Code::denied;
        hint = server.key_variable.empty() ? "--api-key-env names the environment variable that holds its API key"
                                           : lar::format("the key came from ${}", server.key_variable);
    } else if (reply.status == 404) {
        code = Code::not_found;
        hint = server.model.empty()
                   ? "is it a server of OpenAI's API, and the path of --url right? It usually ends in /v1"
                   : lar::format("--model says '{}'; {}{}/models lists what there is", printable(server.model),
                                 server.name, server.path);
    } else if (reply.status == 429 || reply.status == 503) {
        hint = "it takes no more at once: try a smaller --concurrency, or try again later";
    } else if (said.contains("context") || said.contains("too long") || said.contains("too large")) {
        code = Code::too_large;
        hint = "choose smaller --prompt-tokens, --tokens or --depth";
    }
    return Failure(Exit::error, code, std::move(message), std::move(hint));
}

bool mentions_ignore_eos(const Failure& failure) { return failure.message.contains("ignore_eos"); }

Outcome<std::uint16_t> parse_port(std::string_view text, std::string_view url) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return wrong_usage(lar::format("'{}' has no port from 1 to 65535 after the colon", printable(url)));
    return port;
}

Outcome<std::string> key_in(const std::string& variable) {
    if (variable.empty()) return std::string();
    const char* const value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0')
        return wrong_usage(lar::format("the environment has no {}", printable(variable)),
                           "--api-key-env takes the name of the variable that holds the key");
    const std::string key(trim(value));
    const bool plain = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 127; });
    if (!plain || key.empty() || key.size() > limit_key_bytes)
        return wrong_usage(lar::format("${} does not hold an API key", printable(variable)),
                           "a key is one word of plain characters");
    return key;
}

}  // namespace

Outcome<Url> parse_url(std::string_view text) {
    constexpr std::string_view scheme = "http://", secure = "https://";
    const std::string lower = to_lower_ascii(text);
    if (lower.starts_with(secure))
        return wrong_usage("lar bench speaks plain http:// only; it has no TLS",
                           "measure the server where it runs, or through a local tunnel that ends the TLS");
    if (text.size() > limit_url_bytes || !lower.starts_with(scheme) || text.find_first_of(" \t\r\n@?#") != text.npos)
        return wrong_usage(lar::format("'{}' is not a URL like http://127.0.0.1:8080/v1",
                                       printable(utf8_prefix(text, limit_url_bytes))));
    std::string_view rest = text.substr(scheme.size());
    std::string_view place = rest.substr(0, rest.find('/'));
    Url url;
    url.path = rest.substr(place.size());
    while (url.path.ends_with('/')) url.path.pop_back();
    if (url.path.empty()) url.path = "/v1";
    if (!std::ranges::all_of(url.path, [](char c) { return c > ' ' && c < 127; }))
        return wrong_usage(
            lar::format("the path of '{}' has characters that must be percent-encoded", printable(text)));
    const bool bracketed = place.starts_with('[');
    const std::size_t end = bracketed ? place.find(']') : std::min(place.find(':'), place.size());
    if (end == place.npos || end == 0) return wrong_usage(lar::format("'{}' names no host", printable(text)));
    url.host = bracketed ? place.substr(1, end - 1) : place.substr(0, end);
    place.remove_prefix(bracketed ? end + 1 : end);
    if (url.host.empty() || !(place.empty() || place.starts_with(':')))
        return wrong_usage(lar::format("'{}' names no host", printable(text)));
    if (!place.empty()) url.port = TRY(parse_port(place.substr(1), text));
    url.text = lar::format("http://{}{}", rest.substr(0, rest.find('/')), url.path);
    return url;
}

Outcome<Server> server_at(const Url& url, const std::string& key_variable, const std::atomic<bool>& cancelled) {
    Server server;
    server.url = url.text;
    server.path = url.path;
    server.name =
        url.host.contains(':') ? lar::format("[{}]:{}", url.host, url.port) : lar::format("{}:{}", url.host, url.port);
    server.key_variable = key_variable;
    server.endpoint.port = url.port;
    server.endpoint.host = server.name;
    server.endpoint.token = TRY(key_in(key_variable));
    Outcome<Server> last = failed(Code::not_found, lar::format("{} has no address", server.name));
    for (std::string& address : TRY(addresses_of(url.host))) {
        server.endpoint.address = std::move(address);
        const auto connected = client_of(server, cancelled).connect();
        if (connected) return server;
        last = std::unexpected(unreachable(server, connected.error()));
        if (cancelled) break;
    }
    return last;
}

Server lar_at(const std::filesystem::path& socket) {
    Server server;
    server.url = "Lar's own daemon";
    server.name = "Lar";
    server.path = "/v1";
    server.endpoint.socket = socket;
    return server;
}

Outcome<> choose_model(Server& server, const std::string& named, const std::atomic<bool>& cancelled) {
    const auto reply = client_of(server, cancelled).send({"GET", server.path + "/models", ""});
    if (!reply) return std::unexpected(unreachable(server, reply.error()));
    if (reply->status == 401 || reply->status == 403)
        return std::unexpected(refused(server, *reply, "to list its models"));
    const auto models = wire::from_json<wire::BenchModels>(reply->body);
    if (!reply->ok() || !models) {
        // Some servers list nothing; a name that is given is then taken at its word.
        server.model = named;
        if (!named.empty()) return {};
        if (!reply->ok()) return std::unexpected(refused(server, *reply, "to list its models"));
        return failed(Code::corrupt, lar::format("{} lists its models in a way that is not OpenAI's", server.name),
                      "--model says which to measure");
    }
    // Ollama lists "name:latest" for what everybody calls "name".
    const bool listed = std::ranges::any_of(models->data, [&](const wire::BenchModel& model) {
        return model.id == named || model.id == named + ":latest";
    });
    if (listed || (!named.empty() && models->data.empty())) {
        server.model = named;
        return {};
    }
    // A server of one model often takes any name for it. Figures must not carry a name that is not the model's.
    if (named.empty() && models->data.size() == 1) {
        server.model = models->data.front().id;
        return {};
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(models->data.size(), limit_listed_models); ++i)
        names += (i > 0 ? ", " : "") + printable(models->data[i].id);
    if (models->data.size() > limit_listed_models) names += ", …";
    if (models->data.empty()) return failed(Code::not_found, lar::format("{} has no model", server.name));
    return failed(Code::not_found,
                  named.empty() ? lar::format("{} has several models", server.name)
                                : lar::format("{} has no model '{}'", server.name, printable(named)),
                  lar::format("--model takes one of: {}", names));
}

Outcome<Answer> ask(const Server& server, const Question& question, const Clock& clock,
                    const std::atomic<bool>& cancelled) {
    wire::BenchChatRequest request{
        .model = server.model, .messages = question.messages, .max_tokens = question.max_tokens};
    if (server.ignores_ends) request.ignore_eos = true;
    const http::Call call{"POST", server.path + "/chat/completions", wire::to_json(request)};
    http::Client client = client_of(server, cancelled);
    if (const auto connected = client.connect(); !connected)
        return std::unexpected(unreachable(server, connected.error()));
    AnswerReader reader(server.name, question.max_tokens);
    bool heard_enough = false;
    const std::int64_t asked_us = clock.monotonic_us();
    const auto reply = client.stream(call, [&](const http::Event& event) {
        heard_enough = !reader.take(event, clock.monotonic_us());
        return !heard_enough;
    });
    if (!reply) return std::unexpected(unreachable(server, reply.error()));
    if (!reply->ok()) return std::unexpected(refused(server, *reply, "the request"));
    if (!heard_enough && !reply->content_type.starts_with("text/event-stream"))
        return failed(
            Code::unavailable,
            lar::format("{} answered in one piece ({}); without a stream there is nothing to time", server.name,
                        reply->content_type.empty() ? "no type" : printable(reply->content_type)));
    return std::move(reader).finish(asked_us);
}

Outcome<Answer> ask_first(Server& server, const Question& question, const Clock& clock,
                          const std::atomic<bool>& cancelled) {
    auto answer = ask(server, question, clock, cancelled);
    if (answer || !mentions_ignore_eos(answer.error())) return answer;
    server.ignores_ends = false;
    server.notes.push_back("it does not take ignore_eos: an answer may end before --tokens");
    return ask(server, question, clock, cancelled);
}

}  // namespace lar::cli::bench
