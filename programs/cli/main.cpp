// lar: the command line of Lar, a client of lard like any other.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/format.h"
#include "base/paths.h"
#include "commands.h"
#include "daemon_start.h"
#include "failure.h"
#include "help.h"
#include "interrupt.h"
#include "output.h"
#include "sandbox.h"
#include "sandbox/attempts.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

int report(const Failure& failure, bool json, Output& err) {
    if (json) {
        err.line(wire::to_json(wire::ApiError{{failure.code, failure.message, failure.hint}}));
    } else {
        err.line(lar::format("{} {}", err.styled(Style::bad, "lar:"), failure.message));
        if (!failure.hint.empty()) err.line(lar::format("     {}", failure.hint));
    }
    return static_cast<int>(failure.exit);
}

int run(const Arguments& arguments, Output& out, Output& err) {
    if (arguments.help) {
        out.print(verb_help(*arguments.verb, out));
        return static_cast<int>(Exit::ok);
    }
    const auto paths = user_paths();
    if (!paths) return report(Failure(paths.error()), arguments.json, err);
    watch_for_interrupts();
    const SystemClock clock;
    const SystemZone zone;
    std::unique_ptr<Connection> connection;
    // One connection for the whole command, made when it is first needed. With it lar has all that it needs of others.
    const auto connected = [&](auto* how) {
        return [&, how]() -> Outcome<Connection*> {
            if (connection) return connection.get();
            connection = TRY(how(*paths, interrupted()));
            if (!arguments.runs_programs()) TRY_VOID(lock_down());
            return connection.get();
        };
    };
    Session session{arguments,
                    out,
                    err,
                    *paths,
                    clock,
                    zone,
                    interrupted(),
                    connected(&connect_or_start),
                    connected(&connect_running)};
    const auto exit = command_of(arguments.verb->name)(session);
    if (out.broken())
        return report(Failure(Exit::error, Code::unavailable, "what was asked for could not be written",
                              "whoever was to read it went away, or its disk is full"),
                      arguments.json, err);
    if (exit) return static_cast<int>(*exit);
    Failure failure = exit.error();
    // lard's hint is for whoever writes requests; whoever writes commands is helped otherwise.
    if (failure.hint.starts_with("docs/api.md"))
        failure.hint = lar::format("`lar {} --help` says how it is used", arguments.verb->name);
    return report(failure, arguments.json, err);
}

}  // namespace

}  // namespace lar::cli

int main(int count, char** words) {
    using namespace lar::cli;
    // Not for people: `lar doctor --air-gap` starts each of Lar's programs so.
    if (count == 4 && words[1] == lar::sandbox::proof_flag)
        return lar::sandbox::prove_to(lar::sandbox::proof_descriptor, lock_down, words[3]);
    Output out = Output::of(1);
    Output err = Output::of(2);
    const std::vector<std::string> given(words + std::min(count, 1), words + count);
    const auto arguments = parse_arguments(given);
    if (!arguments) return report(arguments.error(), std::ranges::contains(given, "--json"), err);
    return run(*arguments, out, err);
}
