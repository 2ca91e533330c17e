// lar serve, status, doctor, logs, shutdown: the daemon itself.
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "air_gap.h"
#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "daemon_start.h"
#include "progress.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

constexpr std::size_t limit_log_bytes = 16 * 1024 * 1024;

// Whether a lard still holds its lock: it does until its workers have ended, and until then no other can start.
bool is_locked(const std::filesystem::path& path) {
    const Fd lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return lock && ::flock(lock.number(), LOCK_SH | LOCK_NB) != 0;
}

std::string process_line(const wire::ApiProcess& process) {
    std::string layers;
    for (const std::string& layer : process.layers) layers += (layers.empty() ? "" : ", ") + layer;
    const std::string memory = process.pss_bytes > 0 ? size_text(process.pss_bytes) + " of its own"
                                                     : size_text(process.rss_bytes) + " resident";
    return lar::format("{} (pid {}): {}, {}", process.name, process.pid, memory,
                       layers.empty() ? "no confinement" : layers);
}

// The end of a file that grows, from `from` on; the file may be replaced by a new one (rotation).
class LogFile {
public:
    explicit LogFile(const std::filesystem::path& path) : path_(path) {}

    Result<std::string> more() {
        struct stat now = {};
        if (::stat(path_.c_str(), &now) != 0) return fail_errno("looking at the log", errno);
        if (!file_ || now.st_ino != inode_ || now.st_size < at_) {
            file_ = TRY(open_read_only(path_));
            inode_ = now.st_ino;
            at_ = 0;
        }
        std::string text(static_cast<std::size_t>(std::min<off_t>(now.st_size - at_, limit_log_bytes)), '\0');
        const ssize_t got = ::pread(file_.number(), text.data(), text.size(), at_);
        if (got < 0) return fail_errno("reading the log", errno);
        text.resize(static_cast<std::size_t>(got));
        at_ += got;
        return text;
    }

private:
    std::filesystem::path path_;
    Fd file_;
    ino_t inode_ = 0;
    off_t at_ = 0;
};

std::string_view tail(std::string_view text, std::size_t lines) {
    std::size_t at = text.ends_with('\n') ? text.size() - 1 : text.size();
    while (at > 0) {
        const std::size_t before = text.rfind('\n', at - 1);
        if (before == std::string_view::npos) return text;
        if (--lines == 0) return text.substr(before + 1);
        at = before;
    }
    return text;
}

// Ctrl-C ends the waiting alone.
Outcome<Exit> rebuild_index(Session& session, Connection& lard) {
    constexpr int pause_ms = 200;
    TRY_VOID(call<wire::ApiOk>(lard, "POST", "/lar/v1/index/rebuild"));
    Progress progress(session.err);
    auto status = TRY(call<wire::ApiStatus>(lard, "GET", "/lar/v1/status"));
    while (status.passages_to_reindex > 0) {
        if (session.cancelled)
            return failed(Code::unavailable, "the index is not complete yet",
                          "lard goes on with it; `lar status` tells");
        const std::uint64_t done = status.passages - std::min(status.passages, status.passages_to_reindex);
        progress.show("index", done, status.passages, "passages");
        ::poll(nullptr, 0, pause_ms);
        status = TRY(call<wire::ApiStatus>(lard, "GET", "/lar/v1/status"));
    }
    progress.clear();
    if (session.json())
        session.out.line(wire::to_json(status));
    else
        session.out.line(lar::format("{} indexed again", counted(status.passages, "passage", "passages")));
    return Exit::ok;
}

}  // namespace

Outcome<Exit> run_serve(Session& session) {
    const auto lard = TRY(find_lard());
    std::vector<std::string> command{lard.string()};
    const Arguments& arguments = session.arguments;
    if (arguments.has("--no-tcp") && arguments.has("--port"))
        return wrong_usage("--no-tcp and --port exclude each other");
    for (const char* flag : {"--no-tcp", "--require-air-gap"})
        if (arguments.has(flag)) command.emplace_back(flag);
    if (arguments.has("--port"))
        command.insert(command.end(), {"--port", std::to_string(TRY(arguments.number("--port", 11434, 65535)))});
    if (const auto level = arguments.value("--log-level")) command.insert(command.end(), {"--log-level", *level});
    std::vector<char*> argv;
    for (std::string& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    return fail_errno("starting " + lard.string(), errno);
}

// None where there are no vectors and nothing says why.
std::string embedding_line(const wire::ApiEmbedding& embedding) {
    const std::string_view state = embedding.state;
    if (state == "off") return "vectors are off";
    std::string line;
    if (state == "complete")
        line = lar::format("vectors of {} by {}, {}", counted(embedding.passages, "passage", "passages"),
                           embedding.model, size_text(embedding.bytes));
    else if (!embedding.model.empty())
        line = lar::format("vectors by {}: {} of {} passages ({})", embedding.model, embedding.done, embedding.passages,
                           state);
    if (!embedding.serving.empty()) line += ", until then by " + embedding.serving;
    if (!embedding.detail.empty()) line += (line.empty() ? "no vectors: " : ": ") + embedding.detail;
    return line;
}

std::string space_line(const wire::ApiSpace& space) {
    if (space.state == "none") return "";
    if (space.state == "ready")
        return lar::format("space of {} from {}, {}", counted(space.terms, "term", "terms"),
                           counted(space.passages, "passage", "passages"), size_text(space.bytes));
    return "space of terms: " + space.state + (space.detail.empty() ? "" : ", " + space.detail);
}

Outcome<Exit> run_status(Session& session) {
    Connection& lard = *TRY(session.running_lard());
    const auto status = TRY(call<wire::ApiStatus>(lard, "GET", "/lar/v1/status"));
    if (session.json()) {
        session.out.line(wire::to_json(status));
        return Exit::ok;
    }
    Output& out = session.out;
    out.line(lar::format("lard {} has run for {} (pid {})", status.version, duration_text(status.uptime_seconds),
                         status.pid));
    for (const std::string& door : status.listening) out.line("  listens at " + printable(door));
    out.line(lar::format("  {}, {}, {}, database {}", counted(status.sources, "source", "sources"),
                         counted(status.documents, "document", "documents"),
                         counted(status.passages, "passage", "passages"), size_text(status.database_bytes)));
    out.line(lar::format("  {}, {}", counted(status.jobs_running, "job running", "jobs running"),
                         counted(status.watches, "folder watched", "folders watched")));
    if (const std::string line = embedding_line(status.embedding); !line.empty()) out.line("  " + printable(line));
    if (const std::string line = space_line(status.space); !line.empty()) out.line("  " + printable(line));
    for (const wire::ApiProcess& process : status.processes) out.line("  " + process_line(process));
    out.line("  data in " + printable(status.data_directory));
    if (!status.log_file.empty()) out.line("  log in " + printable(status.log_file));
    for (const std::string& problem : status.problems) out.line(out.styled(Style::warning, "! " + printable(problem)));
    return Exit::ok;
}

Outcome<Exit> run_doctor(Session& session) {
    if (session.arguments.has("--air-gap") && session.arguments.has("--rebuild"))
        return wrong_usage("--air-gap and --rebuild exclude each other");
    if (session.arguments.has("--air-gap")) return prove_air_gap(session);
    Connection& lard = *TRY(session.lard());
    if (session.arguments.has("--rebuild")) return rebuild_index(session, lard);
    const auto doctor = TRY(call<wire::ApiDoctor>(lard, "GET", "/lar/v1/doctor"));
    const bool failing = std::ranges::contains(doctor.checks, "failed", &wire::ApiCheck::outcome);
    if (session.json()) {
        session.out.line(wire::to_json(doctor));
        return failing ? Exit::error : Exit::ok;
    }
    for (const wire::ApiCheck& check : doctor.checks) {
        const Style style = check.outcome == "ok"       ? Style::good
                            : check.outcome == "weaker" ? Style::warning
                                                        : Style::bad;
        const std::string outcome = session.out.styled(style, lar::format("{:<6}", check.outcome));
        session.out.line(lar::format("{}  {}{}", outcome, printable(check.name),
                                     check.detail.empty() ? "" : ": " + printable(check.detail)));
    }
    return failing ? Exit::error : Exit::ok;
}

Outcome<Exit> run_logs(Session& session) {
    const auto lines = TRY(session.arguments.number("--lines", 50, 1'000'000));
    // The file, not the daemon: the log is wanted most when there is no daemon.
    LogFile log(session.paths.log());
    const auto first = log.more();
    if (!first)
        return failed(
            first.error().code, lar::format("there is no log at {}", session.paths.log().string()),
            "lar serve writes to its terminal, a daemon under systemd to the journal (journalctl --user -u lard)");
    session.out.print(tail(*first, lines));
    if (!session.arguments.has("--follow")) return Exit::ok;
    constexpr int pause_ms = 250;
    while (!session.cancelled && !session.out.broken()) {
        ::poll(nullptr, 0, pause_ms);
        if (const auto more = log.more()) session.out.print(*more);
    }
    return Exit::ok;
}

Outcome<Exit> run_shutdown(Session& session) {
    auto running = session.running_lard();
    if (!running) {
        if (running.error().code != to_string(Code::unavailable)) return std::unexpected(std::move(running).error());
        if (session.json()) session.out.line(wire::to_json(wire::ApiOk{}));
        session.err.line("lard does not run");
        return Exit::ok;
    }
    Connection& lard = **running;
    const auto done = TRY(call<wire::ApiOk>(lard, "POST", "/lar/v1/shutdown"));
    constexpr int deadline_ms = 10'000, pause_ms = 20;
    const auto there = [&] {
        return connect(session.paths.socket(), session.cancelled).has_value() || is_locked(session.paths.lock());
    };
    for (int waited_ms = 0; there(); waited_ms += pause_ms) {
        if (session.cancelled || waited_ms >= deadline_ms)
            return failed(Code::timeout, "lard was asked to stop and is still there",
                          "`lar logs` may say what it waits for");
        ::poll(nullptr, 0, pause_ms);
    }
    if (session.json())
        session.out.line(wire::to_json(done));
    else
        session.out.line("lard has stopped");
    return Exit::ok;
}

Outcome<Exit> run_version(Session& session) {
    if (session.json())
        session.out.line(lar::format(R"({{"version":"{}","build":"{}"}})", version(), build_id()));
    else
        session.out.line(lar::format("lar {} (messages {})", version(), build_id()));
    return Exit::ok;
}

}  // namespace lar::cli
