#include "air_gap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "air_gap_targets.h"
#include "base/build.h"
#include "base/fd.h"
#include "base/format.h"
#include "base/text.h"
#include "daemon_start.h"
#include "progress.h"
#include "sandbox/attempts.h"
#include "wire/air_gap.h"

namespace lar::cli {
namespace {

using sandbox::AttemptOutcome;

// A process of Lar's under one of its policies, how it is started for that, and which attempts are its work: what it
// may do, by the table of processes in ARCHITECTURE.md.
struct HeldProcess {
    std::string_view process, policy;
    std::string_view column, below;  // its head in the table: the process, and in which stage of its life
    std::string_view stage;          // the same in words; empty: there is one
    std::string_view program, role;
    std::vector<std::string_view> its_work = {};
};
const std::vector<HeldProcess>& subjects() {
    static const std::vector<HeldProcess> all{
        // Reads the user's files, to hand them on.
        {"lard", "", "lard", "", "", "lard", "lard", {"read"}},
        // Starts workers; a reader of repositories is told what it may read only after it runs.
        {"lar-spawner", "", "spawner", "", "", "lar-spawner", "spawner", {"fork", "read"}},
        {"lar-reader", "repository", "reader", "git", "while it reads a repository", "lar-spawner",
         "reader/repository"},
        {"lar-reader", "documents", "reader", "documents", "while it reads documents", "lar-spawner",
         "reader/documents"},
        {"lar-engine", "facts", "engine", "facts", "while it looks at what a model's file says of itself",
         "lar-spawner", "engine/facts"},
        {"lar-engine", "parts", "engine", "loading", "while it loads a model", "lar-spawner", "engine/parts"},
        {"lar-engine", "work", "engine", "computing", "while it computes", "lar-spawner", "engine/work"},
        // Without leave, which lard gives for one order at a time.
        {"lar-courier", "looks up", "courier", "finding", "while it looks up the host of its order, without leave",
         "lar-spawner", "courier/looks-up"},
        {"lar-courier", "talks", "courier", "talking", "while it talks to that host, without leave", "lar-spawner",
         "courier/talks"},
        // The user's hand: talks to lard, writes where it is told to, and may be given a descriptor by its shell.
        {"lar",
         "",
         "lar",
         "",
         "",
         "lar",
         "lar",
         {"unix", "inherited", "write-home", "write-temporary", "change", "read"}}};
    return all;
}

// Runs `PROGRAM --air-gap ROLE TARGETS` and reads what it tried.
Result<sandbox::Proof> proof_by(const std::filesystem::path& program, std::string_view role,
                                const sandbox::Targets& targets) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2", errno);
    const Fd here(ends[0]);
    Fd there(ends[1]);
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::array<std::string, 4> words{program.string(), std::string(sandbox::proof_flag), std::string(role),
                                     to_word(targets)};
    std::array<char*, 5> argv{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("fork", errno);
    if (child == 0) {
        ::dup2(null.number(), 0);
        if (there.number() == sandbox::proof_descriptor)
            ::fcntl(there.number(), F_SETFD, 0);
        else
            ::dup2(there.number(), sandbox::proof_descriptor);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    there.reset();
    Result<sandbox::Proof> proof = sandbox::read_proof(here.number());
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!proof && proof.error().code == Code::unavailable)
        return fail(Code::unavailable,
                    lar::format("{} could not be tried: it {}", program.string(),
                                WIFSIGNALED(status) ? lar::format("was ended by signal {}", WTERMSIG(status))
                                                    : lar::format("ended with status {}", WEXITSTATUS(status))));
    return proof;
}

// What a person knows it by: SIGSYS, EACCES.
std::string how(const sandbox::Tried& tried) {
    const char* name = nullptr;
    if (tried.outcome == AttemptOutcome::killed) {
        name = ::sigabbrev_np(tried.detail);
        return name != nullptr ? std::string("SIG") + name : lar::format("signal {}", tried.detail);
    }
    name = ::strerrorname_np(tried.detail);
    return tried.outcome == AttemptOutcome::through ? std::string()
           : name != nullptr                        ? std::string(name)
                                                    : lar::format("error {}", tried.detail);
}

std::string without_policy(const sandbox::Proof& free, const sandbox::Attempt& attempt) {
    const auto tried = std::ranges::find(free.tried, attempt.name, &sandbox::Tried::attempt);
    if (tried == free.tried.end()) return "not_made";
    // Refused without a policy of ours: the system around forbids it already.
    return tried->outcome == AttemptOutcome::through ? "through" : "impossible";
}

wire::AirGapOutcome judged(const HeldProcess& subject, const sandbox::Tried& tried, std::string_view free) {
    wire::AirGapOutcome outcome{.attempt = tried.attempt, .how = how(tried)};
    const bool refused = tried.outcome == AttemptOutcome::killed || tried.outcome == AttemptOutcome::refused;
    if (std::ranges::contains(subject.its_work, std::string_view(tried.attempt)))
        outcome.outcome = "its_work";
    else if (refused)
        outcome.outcome = "refused";
    else if (tried.outcome == AttemptOutcome::through)
        outcome.outcome = "through";
    else
        outcome.outcome = free == "impossible" ? "impossible" : "unclear";
    return outcome;
}

bool holds(const wire::AirGapOutcome& outcome) { return outcome.outcome != "through" && outcome.outcome != "unclear"; }

wire::AirGapReport report_on_machine(const Session& session) {
    const std::int64_t now_us = session.clock.now_us();
    wire::AirGapReport report{.version = std::string(version()),
                              .build = std::string(build_id()),
                              .time = to_rfc3339({.us = now_us, .offset_min = session.zone.offset_min_at(now_us)}),
                              .user_id = ::getuid(),
                              .root = ::geteuid() == 0};
    struct utsname name{};
    if (::uname(&name) == 0) report.kernel = lar::format("{} {} {}", name.sysname, name.release, name.machine);
    return report;
}

Result<> try_without_policy(const sandbox::Targets& targets, wire::AirGapReport& report) {
    std::vector<std::string_view> names;
    for (const sandbox::Attempt& attempt : sandbox::attempts())
        if (!attempt.leaves_machine) names.push_back(attempt.name);
    const sandbox::Proof free = TRY(sandbox::prove(nullptr, targets, names));
    for (const sandbox::Attempt& attempt : sandbox::attempts())
        report.attempts.push_back({.name = std::string(attempt.name),
                                   .group = std::string(to_string(attempt.group)),
                                   .what = std::string(attempt.what),
                                   .without_policy = without_policy(free, attempt)});
    return {};
}

Result<> try_subject(const HeldProcess& subject, const std::filesystem::path& programs, const sandbox::Targets& targets,
                     wire::AirGapReport& report) {
    const sandbox::Proof proof = TRY(proof_by(programs / subject.program, subject.role, targets));
    wire::AirGapProcess process{.process = std::string(subject.process),
                                .policy = std::string(subject.policy),
                                .layers = proof.layers,
                                .holds = true};
    for (const wire::AirGapAttempt& attempt : report.attempts) {
        const auto tried = std::ranges::find(proof.tried, attempt.name, &sandbox::Tried::attempt);
        process.outcomes.push_back(tried == proof.tried.end()
                                       ? wire::AirGapOutcome{.attempt = attempt.name, .outcome = "unclear"}
                                       : judged(subject, *tried, attempt.without_policy));
        process.holds = process.holds && holds(process.outcomes.back());
    }
    for (const std::string_view layer : split(proof.layers, ',')) {
        const std::string name(trim(layer));
        const bool lacks = name != "seccomp" && !(name.starts_with("landlock ") &&
                                                  name.find_first_not_of("0123456789", 9) == std::string::npos);
        if (lacks && !std::ranges::contains(report.missing, name)) report.missing.push_back(name);
    }
    report.processes.push_back(std::move(process));
    return {};
}

std::string cell(const wire::AirGapOutcome& outcome) {
    if (outcome.outcome == "its_work") return "its work";
    if (outcome.outcome == "refused") return outcome.how;
    return outcome.outcome == "through" ? "THROUGH" : outcome.outcome;
}

void show(const wire::AirGapReport& report, Output& out) {
    std::vector<Table::Column> columns{{"attempt"}};
    for (const HeldProcess& subject : subjects()) columns.push_back({std::string(subject.column)});
    Table table(columns);
    std::vector<std::string> stages{""};
    for (const HeldProcess& subject : subjects()) stages.emplace_back(subject.below);
    table.row(std::move(stages));
    for (std::size_t i = 0; i < report.attempts.size(); ++i) {
        std::vector<std::string> cells{report.attempts[i].name};
        for (const wire::AirGapProcess& process : report.processes) cells.push_back(cell(process.outcomes[i]));
        table.row(std::move(cells));
    }
    out.print(table.text(out));
    out.line();
    Table held({{"process"}, {"held by"}});
    for (std::size_t i = 0; i < report.processes.size(); ++i) {
        const std::string_view stage = subjects()[i].stage;
        held.row({lar::format("{}{}{}", report.processes[i].process, stage.empty() ? "" : " ", stage),
                  printable(report.processes[i].layers)});
    }
    out.print(held.text(out));
    out.line();
    out.line(lar::format("{}, as {}", printable(report.kernel),
                         report.root ? "root" : lar::format("user {}", report.user_id)));
    const auto possible = std::ranges::count(report.attempts, "through", &wire::AirGapAttempt::without_policy);
    out.line(
        lar::format("Without a policy {} of {} attempts that stay on this machine get through.", possible,
                    report.attempts.size() - static_cast<std::size_t>(std::ranges::count(
                                                 report.attempts, "not_made", &wire::AirGapAttempt::without_policy))));
    for (const std::string& lack : report.missing)
        out.line(out.styled(Style::warning, "This kernel is weaker: " + printable(lack)));
    for (const wire::AirGapProcess& process : report.processes)
        for (const wire::AirGapOutcome& outcome : process.outcomes)
            if (!holds(outcome))
                out.line(out.styled(Style::bad, lar::format("{} {} {}: {} {}", process.process, process.policy,
                                                            outcome.attempt, outcome.outcome, outcome.how)));
    out.line(report.holds
                 ? out.styled(Style::good, "The air gap holds: every attempt was refused but what is a process's work.")
                 : out.styled(Style::bad, "The air gap does not hold on this machine."));
}

}  // namespace

Outcome<Exit> prove_air_gap(Session& session) {
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home != '/')
        return failed(Code::invalid, "HOME does not name a folder", "attempts to write there cannot be made");
    const std::filesystem::path programs = TRY(find_lard()).parent_path();
    const AirGapTargets aims = TRY(AirGapTargets::make(home));
    wire::AirGapReport report = report_on_machine(session);
    TRY_VOID(try_without_policy(aims.targets(), report));
    Progress progress(session.err);
    for (const HeldProcess& subject : subjects()) {
        progress.show("policies", report.processes.size(), subjects().size(), "");
        TRY_VOID(try_subject(subject, programs, aims.targets(), report));
    }
    progress.clear();
    report.holds = std::ranges::all_of(report.processes, &wire::AirGapProcess::holds);
    if (session.json())
        session.out.line(wire::document_of(report));
    else
        show(report, session.out);
    return report.holds ? Exit::ok : Exit::error;
}

}  // namespace lar::cli
