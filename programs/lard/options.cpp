#include "options.h"

#include <getopt.h>

#include <array>
#include <cstdio>
#include <string>

#include "base/build.h"
#include "base/format.h"

namespace lar::lard {
namespace {

constexpr const char* usage =
    R"(lard: Lar's daemon. 'lar' starts it when it is needed; 'lar serve' keeps it in the foreground.

usage: lard [options]
  --background        log to the log file instead of standard error
  --port N            serve on 127.0.0.1:N (default 11434)
  --no-tcp            serve on the unix socket only
  --require-air-gap   do not start where this kernel lacks a layer of the air gap
  --log-level LEVEL   debug, info (default), warning or error
  --version           print the version
  --help              print this

Settings come from flags, then LAR_* and OLLAMA_* variables, then ~/.config/lar/config.toml:
  model   [server] tcp, port, origins, require_air_gap, require_token   [models] keep_alive, registry, hub   [log] level
  [files] watch, size_limit_mb   [recall] embedding, rerank   [ledger] watts, listed   [network] proxy   [providers.NAME]
  [routing] provider, tasks, entropy_limit, disagreement_limit   [handoff] names, names_file, expires
docs/settings.md says what each does. LAR_HOME names one folder for everything Lar keeps, instead of the XDG folders.
)";

}  // namespace

Result<std::optional<Flags>> parse_options(int argc, char** argv) {
    enum : int {
        background = 'b',
        port = 'p',
        no_tcp = 't',
        log_level = 'l',
        air_gap = 'a',
        version_flag = 'v',
        help = 'h'
    };
    static constexpr std::array<option, 8> known{{{"background", no_argument, nullptr, background},
                                                  {"port", required_argument, nullptr, port},
                                                  {"no-tcp", no_argument, nullptr, no_tcp},
                                                  {"log-level", required_argument, nullptr, log_level},
                                                  {"require-air-gap", no_argument, nullptr, air_gap},
                                                  {"version", no_argument, nullptr, version_flag},
                                                  {"help", no_argument, nullptr, help},
                                                  {nullptr, 0, nullptr, 0}}};
    Flags flags;
    for (;;) {
        switch (::getopt_long(argc, argv, "", known.data(), nullptr)) {
            case background: flags.background = true; break;
            case port: flags.port = TRY(parse_port(optarg)); break;
            case no_tcp: flags.no_tcp = true; break;
            case log_level: flags.log_level = TRY(parse_log_level(optarg)); break;
            case air_gap: flags.require_air_gap = true; break;
            case version_flag: std::printf("lard %s\n", std::string(version()).c_str()); return std::nullopt;
            case help: std::fputs(usage, stdout); return std::nullopt;
            case -1:
                if (optind < argc)
                    return fail(Code::invalid, lar::format("'{}' is not an option; see lard --help", argv[optind]));
                return flags;
            default: return fail(Code::invalid, "see lard --help");
        }
    }
}

}  // namespace lar::lard
