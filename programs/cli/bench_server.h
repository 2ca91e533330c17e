// A server under measurement: where it is, which of its models, and asking it one question with the clock running.
//
// Any server that speaks OpenAI's API over plain HTTP; what it does wrong comes back as a Failure that names it. Each
// question goes over a new connection, made before the clock starts: a kept one may have been closed meanwhile, and
// making another would count as the server's time.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "bench_answer.h"
#include "failure.h"
#include "http/client.h"
#include "wire/bench.h"

namespace lar::cli::bench {

struct Url {
    std::string text;  // as it is shown: "http://127.0.0.1:8080/v1"
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 80;
    std::string path;  // "/v1", without a slash at the end
};
// A URL without a path means /v1.
Outcome<Url> parse_url(std::string_view text);

struct Server {
    std::string url;   // for the report
    std::string name;  // for messages: "127.0.0.1:8080"
    http::Endpoint endpoint;
    std::string path;
    std::string key_variable;  // where the key in `endpoint` came from; empty: there is none
    std::string model;
    bool ignores_ends = true;  // takes ignore_eos, so that every answer has as many tokens as were asked for
    std::vector<std::string> notes;
};

// Finds an address that answers. `key_variable`: of the environment, may be empty.
Outcome<Server> server_at(const Url& url, const std::string& key_variable, const std::atomic<bool>& cancelled);
// lard, over its socket.
Server lar_at(const std::filesystem::path& socket);

// Sets `model`: the one of that name, or, where none is named, the only one there is.
Outcome<> choose_model(Server& server, const std::string& named, const std::atomic<bool>& cancelled);

struct Question {
    std::vector<wire::BenchMessage> messages;
    std::uint32_t max_tokens = 1;
};
Outcome<Answer> ask(const Server& server, const Question& question, const Clock& clock,
                    const std::atomic<bool>& cancelled);
// The same, for the first question: learns whether the server takes ignore_eos.
Outcome<Answer> ask_first(Server& server, const Question& question, const Clock& clock,
                          const std::atomic<bool>& cancelled);

}  // namespace lar::cli::bench
