// What a client may send, as bytes: the first says in what pieces they arrive. A request must come out the same, and
// take the same bytes, as when it arrives in one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/parser.h"
#include "http/router.h"

namespace {

using lar::http::RequestParser;

struct Outcome {
    RequestParser::State state = RequestParser::State::head;
    std::size_t used = 0;
    lar::http::Request request;
};

Outcome parse(std::string_view bytes, std::size_t step) {
    static const lar::http::Limits limits{.head_bytes = 512, .body_bytes = 256, .chunk_line_bytes = 64};
    RequestParser parser(limits, {});
    Outcome outcome;
    using enum RequestParser::State;
    while (parser.state() != complete && parser.state() != refused) {
        if (parser.state() == head_complete) {
            parser.start_body(limits.body_bytes);
            continue;
        }
        if (outcome.used == bytes.size()) break;
        outcome.used += parser.feed(bytes.substr(outcome.used, step));
    }
    outcome.state = parser.state();
    if (outcome.state == complete) outcome.request = parser.take_request();
    return outcome;
}

class OneToken final : public lar::http::Gate {
public:
    std::optional<lar::http::Visitor> visitor(std::string_view token) override {
        if (token != "token") return std::nullopt;
        return lar::http::Visitor{.name = "own", .may_use_guarded = true};
    }
    bool wants_token_everywhere() const override { return false; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Outcome whole = parse(bytes, bytes.size());
    const Outcome pieces = parse(bytes, std::max<std::size_t>(1, data[0] % 16));
    if (whole.state != pieces.state) std::abort();
    if (whole.state != RequestParser::State::complete) return 0;
    if (whole.used != pieces.used || whole.request.body != pieces.request.body ||
        whole.request.target != pieces.request.target)
        std::abort();

    static const lar::http::OriginRules rules{.port = 11434, .allowed_origins = {"http://localhost:5173"}};
    lar::http::Request request = whole.request;
    request.peer.transport = lar::http::Transport::tcp;
    lar::http::Router router;
    router.add_family({.prefix = "/lar", .guarded = true, .render = nullptr});
    router.add("POST", "/lar/{name}", nullptr);
    OneToken gate;
    if (lar::http::admit(router, request, rules, &gate, true).route != nullptr &&
        lar::http::presented_token(request) != "token")
        std::abort();
    return 0;
}
