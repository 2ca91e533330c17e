#include "daemon_start.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_said_bytes = 16 * 1024 * 1024;
constexpr std::size_t log_tail_lines = 5;

void wait_ms(int milliseconds) { ::poll(nullptr, 0, milliseconds); }

enum class Life : std::uint8_t {
    background,  // outlives us, in a session of its own
    with_us,     // ends with this process
};

// Starts lard with standard error kept in memory, where its last words can be read if it does not come up.
struct Started {
    pid_t pid = -1;
    Fd words;
};
Result<Started> start_process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                              const std::filesystem::path& home, Life life) {
    Started started;
    started.words = Fd(::memfd_create("lard-stderr", MFD_CLOEXEC));
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!started.words || !nothing) return fail_errno("preparing to start lard", errno);
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t us = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno("starting lard", errno);
    if (pid == 0) {
        ::setsid();
        if (life == Life::with_us) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            if (::getppid() != us) ::_exit(127);
        }
        if (!home.empty()) ::setenv("LAR_HOME", home.c_str(), 1);
        ::dup2(nothing.number(), 0);
        ::dup2(nothing.number(), 1);
        ::dup2(started.words.number(), 2);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_DFL);
        // The directory we were started in must stay unmountable; what LAR_HOME names is absolute or relative to it.
        if (const char* named = std::getenv("LAR_HOME"); named == nullptr || *named == '/')
            if (::chdir("/") != 0) ::_exit(127);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    started.pid = pid;
    return started;
}

std::string last_lines(std::string_view text) {
    std::vector<std::string_view> lines = split_lines(text);
    std::string out;
    for (std::size_t i = lines.size() > log_tail_lines ? lines.size() - log_tail_lines : 0; i < lines.size(); ++i)
        out += lar::format("\n  {}", printable(lines[i]));
    return out;
}

// What lard said last: on standard error, else in its log.
std::string last_words(const Fd& words, const std::filesystem::path& log) {
    if (::lseek(words.number(), 0, SEEK_SET) == 0)
        if (const auto said = read_fd(words.number(), limit_said_bytes); said && !trim(*said).empty())
            return last_lines(*said);
    if (const auto logged = read_file(log, limit_said_bytes)) return last_lines(*logged);
    return {};
}

// How a process ended, as a person says it.
std::string ending(const siginfo_t& end) {
    if (end.si_code == CLD_EXITED) return lar::format("ended with status {}", end.si_status);
    const char* name = ::sigabbrev_np(end.si_status);
    return lar::format("was ended by signal {}",
                       name != nullptr ? std::string("SIG") + name : std::to_string(end.si_status));
}

// Somebody who answers. The socket exists a moment before lard is whole, so that a connection alone proves nothing.
std::unique_ptr<Connection> answering(const Paths& paths, const std::atomic<bool>& cancelled) {
    auto connection = connect(paths.socket(), cancelled);
    if (!connection) return nullptr;
    const auto reply = (*connection)->request("GET", "/lar/v1/health", {});
    return reply && reply->status == 200 ? std::move(*connection) : nullptr;
}

// Tries until somebody answers, the deadline passes or the process ends badly.
Outcome<std::unique_ptr<Connection>> wait_until_ready(const Started& started, const Paths& paths,
                                                      const std::atomic<bool>& cancelled) {
    const SystemClock clock;
    const std::int64_t deadline_us = clock.monotonic_us() + std::int64_t{start_deadline_ms} * 1000;
    for (int pause_ms = 2;; pause_ms = std::min(pause_ms * 2, 50)) {
        if (auto connection = answering(paths, cancelled)) return connection;
        if (cancelled) return failed(Code::unavailable, "interrupted");
        // Left to be reaped (WNOWAIT), so that its number stays its own. One that ended well went to the background by
        // itself, or found that another one holds the lock and is about to listen.
        siginfo_t end{};
        if (::waitid(P_PID, static_cast<id_t>(started.pid), &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            end.si_pid == started.pid && !(end.si_code == CLD_EXITED && end.si_status == 0)) {
            return failed(
                Code::unavailable,
                lar::format("lard did not start: it {}{}", ending(end), last_words(started.words, paths.log())),
                "`lar serve` runs it in the foreground and shows what it says");
        }
        if (clock.monotonic_us() > deadline_us)
            return failed(Code::timeout,
                          lar::format("lard did not answer within {} s{}", start_deadline_ms / 1000,
                                      last_words(started.words, paths.log())),
                          "`lar logs` shows its log; `lar serve` runs it in the foreground");
        wait_ms(pause_ms);
    }
}

}  // namespace

Outcome<std::filesystem::path> find_lard() {
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path lard = self.parent_path() / "lard";
    if (error || ::access(lard.c_str(), X_OK) != 0)
        return failed(Code::not_found, lar::format("lard, the daemon, is not beside lar ({})", lard.string()),
                      "install or build Lar again: both programs belong into one folder");
    return lard;
}

Outcome<std::unique_ptr<Connection>> connect_or_start(const Paths& paths, const std::atomic<bool>& cancelled) {
    auto running = connect(paths.socket(), cancelled);
    // One that was killed this moment still lets itself be connected to, and answers nothing.
    if (running && ((*running)->request("GET", "/lar/v1/health", {}) || cancelled)) return std::move(*running);
    if (!running && running.error().code != Code::not_found) return std::unexpected(std::move(running).error());
    const auto lard = TRY(find_lard());
    const Started started = TRY(start_process(lard, {"--background"}, {}, Life::background));
    return wait_until_ready(started, paths, cancelled);
}

Outcome<std::unique_ptr<Connection>> connect_running(const Paths& paths, const std::atomic<bool>& cancelled) {
    auto running = connect(paths.socket(), cancelled);
    if (running) return std::move(*running);
    if (running.error().code == Code::not_found)
        return failed(Code::unavailable, "lard does not run",
                      "the next question, search or `lar add` starts it, and so does `lar serve`");
    return std::unexpected(std::move(running).error());
}

Outcome<PrivateDaemon> PrivateDaemon::start(const std::filesystem::path& home, const std::atomic<bool>& cancelled) {
    const Paths paths{home / "config", home / "data", home / "state", home / "cache", home / "run"};
    const auto lard = TRY(find_lard());
    const Started started = TRY(start_process(lard, {"--no-tcp"}, home, Life::with_us));
    PrivateDaemon daemon(started.pid, nullptr);
    daemon.connection_ = TRY(wait_until_ready(started, paths, cancelled));
    return daemon;
}

PrivateDaemon::PrivateDaemon(PrivateDaemon&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), connection_(std::move(other.connection_)) {}

PrivateDaemon::~PrivateDaemon() {
    if (pid_ < 0) return;
    connection_.reset();
    ::kill(pid_, SIGTERM);
    constexpr int patience_ms = 3000;
    const SystemClock clock;
    const std::int64_t deadline_us = clock.monotonic_us() + patience_ms * 1000;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (clock.monotonic_us() > deadline_us) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            return;
        }
        wait_ms(10);
    }
}

}  // namespace lar::cli
