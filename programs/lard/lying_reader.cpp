// For repositories_test and document_readers_test: takes lar-reader's place and misbehaves as the git directory that it
// is asked for says, or as a document does.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/documents.h"
#include "wire/reader.h"

namespace {

using namespace lar;

int serve_documents(ipc::Channel& channel) {
    const auto say = [&](const wire::DocumentEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    say(wire::DocumentsOpened{.layers = "none"});
    while (const auto asked = ipc::receive_with_descriptors<wire::ReadDocument>(channel, 1)) {
        const std::uint64_t id = asked->message.id;
        const std::string how = read_fd(asked->descriptors.at(0).number(), 100).value_or("");
        if (how == "crash") std::abort();
        if (how == "memory") ::_exit(ipc::exit_out_of_memory);
        if (how == "time") ::raise(SIGXCPU);
        if (how == "garbage") static_cast<void>(channel.send("garbage"));
        if (how == "other id") say(wire::DocumentDone{.id = id + 1});
        if (how == "no level")
            say(wire::DocumentText{.id = id, .blocks = {{.kind = wire::BlockKind::heading, .text = "a"}}});
        if (how == "too much")
            for (int i = 0; i < 20; ++i)
                say(wire::DocumentText{.id = id, .blocks = {{.text = std::string(wire::limit_block_bytes, 'a')}}});
        if (how == "some, then crash") {
            say(wire::DocumentText{.id = id, .blocks = {{.text = "some"}}});
            std::abort();
        }
        say(wire::DocumentDone{.id = id, .title = how});
    }
    return 0;
}

}  // namespace

int main() {
    ipc::Channel channel{Fd(ipc::worker_channel)};
    const auto say = [&](const wire::ReaderEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    say(wire::ReaderReady{.build = std::string(build_id())});
    const auto request = ipc::receive<wire::ReaderRequest>(channel);
    if (request && std::holds_alternative<wire::OpenDocuments>(*request)) return serve_documents(channel);
    if (!request || !std::holds_alternative<wire::OpenRepository>(*request)) return 1;
    const wire::OpenRepository& open = std::get<wire::OpenRepository>(*request);
    const std::string how = open.git_dir.substr(1);
    if (how == "crash") std::abort();
    if (how == "garbage") static_cast<void>(channel.send("garbage"));
    if (how == "other id") say(wire::Opened{.id = open.id + 1});
    if (how == "not asked") say(wire::Commits{.id = open.id});
    if (how == "not a commit") say(wire::Opened{.id = open.id, .head_commit = "../../etc"});
    if (how == "memory") ::_exit(ipc::exit_out_of_memory);
    if (how != "silent" && how != "escape")
        return static_cast<int>(ipc::receive<wire::ReaderRequest>(channel).has_value());
    say(wire::Opened{.id = open.id});
    while (const auto asked = ipc::receive<wire::ReaderRequest>(channel)) {
        const auto* read = std::get_if<wire::ReadCommits>(&*asked);
        if (!read || how == "silent") continue;
        const wire::FileChange file{.path = "../../outside"};
        say(wire::Commits{.id = read->id, .commits = {{.commit = std::string(40, 'a'), .files = {file}}}});
    }
    return 0;
}
