// For engines_test: takes lar-engine's place and misbehaves as the window or the prompt that it is asked for says.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/engine.h"

int main() {
    using namespace lar;
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
        if (how == "crash") std::abort();
        if (how == "garbage") static_cast<void>(channel.send("garbage"));
        if (how == "other id") say(wire::Piece{.id = generate->id + 1});
        if (how == "loaded again") say(wire::Loaded{.id = generate->id, .context_tokens = 1, .sequences = 1});
        if (how == "sure") say(wire::Piece{.id = generate->id, .logprobs = {{.chosen = {.logprob = 7}}}});
        if (how == "wait") continue;
        say(wire::Piece{.id = generate->id, .text = std::to_string(how.size())});
        say(wire::Finished{.id = generate->id});
        if (how == "twice") say(wire::Finished{.id = generate->id});
    }
    return 0;
}
