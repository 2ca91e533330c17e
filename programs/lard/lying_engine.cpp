// For engines_test and bench/lies.py: takes lar-engine's place and misbehaves as the window or the prompt that it is
// asked for says. "storm N" is a burst of messages that no honest engine sends, other ones for each N.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/engine.h"

namespace {

using namespace lar;

constexpr std::string_view storm = "storm ";
constexpr std::string_view mark = "FORGED";  // whoever believes one of these messages repeats it
constexpr int burst = 20;
constexpr int kinds = 18;

void write_frame(const ipc::Channel& channel, std::uint32_t json, std::uint32_t raw, std::uint32_t descriptors,
                 std::string_view body) {
    std::string bytes(12, '\0');
    std::memcpy(bytes.data(), &json, 4);
    std::memcpy(bytes.data() + 4, &raw, 4);
    std::memcpy(bytes.data() + 8, &descriptors, 4);
    bytes += body;
    static_cast<void>(::send(channel.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

// One message that is malformed, forged, over a limit or out of its turn.
void lie(ipc::Channel& channel, std::uint64_t id, std::mt19937_64& random) {
    const auto say = [&](const wire::EngineEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    const auto number = [&](std::uint64_t below) { return random() % below; };
    const std::string text(mark);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    switch (number(kinds)) {
        case 0: static_cast<void>(channel.send(text)); break;
        case 1: say(wire::Piece{.id = id + 1 + number(1000), .text = text}); break;
        case 2: say(wire::Finished{.id = id + 1 + number(1000)}); break;
        case 3: say(wire::Loaded{.id = id, .context_tokens = 1, .sequences = 1, .device = text}); break;
        case 4: say(wire::Facts{.id = id, .architecture = text}); break;
        case 5: say(wire::EngineReady{.build = text}); break;
        case 6:
            say(wire::Piece{.id = id, .text = text, .logprobs = {{.chosen = {.token = -1, .logprob = nan}}}});
            break;
        case 7: say(wire::Piece{.id = id, .text = text + "\xff\xfe"}); break;
        case 8: say(wire::Embedded{.id = id, .index = 0, .values = {nan}}); break;
        case 9: say(wire::Embedded{.id = id, .index = 9, .values = {1}}); break;
        case 10: say(wire::Scored{.id = id, .scores = {1, nan}}); break;
        case 11: say(wire::Tokens{.id = id, .tokens = {1}}); break;
        case 12: say(wire::Rendered{.id = id, .text = text}); break;
        case 13: write_frame(channel, std::numeric_limits<std::uint32_t>::max(), 0, 0, text); break;
        case 14: write_frame(channel, 2, static_cast<std::uint32_t>(number(1U << 31)), 0, "{}"); break;
        case 15: write_frame(channel, 2, 0, static_cast<std::uint32_t>(1 + number(100)), "{}"); break;
        case 16: {  // a descriptor, of which an engine has none to give
            const std::array<int, 1> given{channel.descriptor()};
            static_cast<void>(channel.send("{}", {}, {}, given));
            break;
        }
        default: {  // an honest message with some bytes of it changed
            std::string json = wire::to_json(wire::EngineEvent(wire::Piece{.id = id, .text = text}));
            for (std::uint64_t i = 1 + number(4); i > 0; --i)
                json[number(json.size())] = static_cast<char>(number(256));
            json.insert(number(json.size()), number(3), '[');
            static_cast<void>(channel.send(json));
        }
    }
}

}  // namespace

int main() {
    ipc::Channel channel{Fd(ipc::worker_channel)};
    const auto say = [&](const wire::EngineEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    say(wire::EngineReady{.build = std::string(build_id())});
    const auto first = ipc::receive_with_descriptors<wire::EngineRequest>(channel, 8);
    if (!first) return 1;
    if (const auto* facts = std::get_if<wire::ReadFacts>(&first->message)) {
        std::string how(5, '\0');
        if (::pread(first->descriptors[0].number(), how.data(), how.size(), 0) < 0) return 1;
        if (how == "crash") std::abort();
        if (how == "other") say(wire::Facts{.id = facts->id + 1});
        if (how == "wrong") say(wire::EngineFailed{.id = facts->id, .code = "invalid", .message = "no model"});
        if (how == "right") say(wire::Facts{.id = facts->id, .architecture = "llama"});
        return 0;
    }
    const auto* load = std::get_if<wire::LoadModel>(&first->message);
    if (load == nullptr) return 1;
    if (load->context_tokens == 1) say(wire::EngineFailed{.id = load->id, .code = "invalid", .message = "no model"});
    if (load->context_tokens == 2) say(wire::Loaded{.id = load->id + 1, .context_tokens = 2, .sequences = 1});
    if (load->context_tokens == 3) say(wire::Loaded{.id = load->id, .context_tokens = 0});
    if (load->context_tokens == 4) ::_exit(ipc::exit_out_of_memory);
    if (load->context_tokens < 5) return 0;
    say(wire::Loading{.id = load->id, .progress = 0.5F});
    say(wire::Loaded{.id = load->id, .context_tokens = load->context_tokens, .sequences = 1, .layers = "seccomp"});
    while (const auto asked = ipc::receive<wire::EngineRequest>(channel)) {
        if (const auto* cancel = std::get_if<wire::CancelRequest>(&*asked))
            say(wire::Finished{.id = cancel->id, .reason = wire::FinishReason::cancelled});
        const auto* generate = std::get_if<wire::Generate>(&*asked);
        if (generate == nullptr) continue;
        say(wire::Started{.id = generate->id});
        if (const auto* chat = std::get_if<wire::ChatPrompt>(&generate->prompt)) {
            say(wire::Piece{.id = generate->id, .text = std::to_string(chat->utc_offset_min.value_or(0))});
            say(wire::Finished{.id = generate->id});
            continue;
        }
        const std::string& how = std::get<wire::TextPrompt>(generate->prompt).text;
        if (how.starts_with(storm)) {
            std::uint64_t seed = 0;
            std::from_chars(how.data() + storm.size(), how.data() + how.size(), seed);
            std::mt19937_64 random(seed);
            for (int i = 0; i < burst; ++i) lie(channel, generate->id, random);
            continue;
        }
        if (how == "crash") std::abort();
        if (how == "garbage") static_cast<void>(channel.send("garbage"));
        if (how == "half") write_frame(channel, 100, 0, 0, "{");
        if (how == "other id") say(wire::Piece{.id = generate->id + 1});
        if (how == "loaded again") say(wire::Loaded{.id = generate->id, .context_tokens = 1, .sequences = 1});
        if (how == "sure") say(wire::Piece{.id = generate->id, .logprobs = {{.chosen = {.logprob = 7}}}});
        if (how == "unsure") say(wire::Finished{.id = generate->id, .entropy = 99});
        if (how == "surer than sure") say(wire::Finished{.id = generate->id, .entropy = -1});
        if (how == "wait" || how == "half") continue;
        say(wire::Piece{.id = generate->id, .text = std::to_string(how.size())});
        say(wire::Finished{.id = generate->id});
        if (how == "twice") say(wire::Finished{.id = generate->id});
    }
    return 0;
}
