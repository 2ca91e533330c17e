// For repositories_test: takes lar-reader's place and misbehaves as the git directory that it is asked for says.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/build.h"
#include "ipc/spawner.h"
#include "wire/reader.h"

int main() {
    using namespace lar;
    ipc::Channel channel{Fd(ipc::worker_channel)};
    const auto say = [&](const wire::ReaderEvent& event) { static_cast<void>(ipc::send(channel, event)); };
    say(wire::ReaderReady{.build = std::string(build_id())});
    const auto request = ipc::receive<wire::ReaderRequest>(channel);
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
