#include "doors.h"

#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/identity.h"

namespace lar::lard {
namespace {

constexpr std::size_t own_token_bytes = 32;
constexpr std::size_t limit_token_file_bytes = 1024;

// The secret that programs on TCP present; made once, kept in a file only the user can read.
Result<std::string> take_token(const std::filesystem::path& path) {
    if (Result<std::string> kept = read_file(path, limit_token_file_bytes)) {
        if (kept->size() == own_token_bytes * 2) return kept;
    } else if (kept.error().code != Code::not_found) {
        return kept;
    }
    std::string token = random_hex(own_token_bytes);
    TRY_VOID(write_file_atomically(path, token));
    return token;
}

Result<Fd> take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    if (::pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) return fail(Code::internal, "cannot block signals");
    ::signal(SIGPIPE, SIG_IGN);
    Fd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return fail_errno("signalfd", errno);
    return fd;
}

}  // namespace

// In this order: the spawner gets none of what is opened after it.
Result<Doors> open_doors(const Paths& paths, const Settings& settings, const Clock& clock, const Zone& zone) {
    auto spawner = TRY(ipc::Spawner::start(TRY(ipc::programs_directory())));
    Listeners listeners = TRY(open_listeners(paths.socket(), settings.tcp ? settings.port : std::uint16_t{0}));
    listeners.problems.append_range(settings.problems);  // wishes for other doors, passed over
    store::Store store = TRY(store::Store::open(paths.database(), clock));
    Fd signals = TRY(take_signals());
    auto clients = TRY(Clients::open({.file = paths.data / "tokens.json",
                                      .own_token = TRY(take_token(paths.token())),
                                      .wants_token_everywhere = settings.require_token},
                                     clock, zone));
    return Doors{.spawner = std::move(spawner),
                 .listeners = std::move(listeners),
                 .store = std::move(store),
                 .signals = std::move(signals),
                 .clients = std::move(clients)};
}

}  // namespace lar::lard
