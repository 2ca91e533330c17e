// lar add, sources, sync, forget: what Lar knows.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <ranges>

#include "base/format.h"
#include "base/text.h"
#include "commands.h"
#include "jobs.h"
#include "wire/api.h"

namespace lar::cli {
namespace {

namespace fs = std::filesystem;

std::string source_facts(const wire::ApiSource& source) {
    std::string text = lar::format("{}, {}", counted(source.documents, "document", "documents"),
                                   counted(source.passages, "passage", "passages"));
    if (source.commits > 0) text += ", " + counted(source.commits, "commit", "commits");
    std::uint64_t left_out = 0;
    for (const wire::LeftOut& one : source.left_out) left_out += one.count;
    if (left_out > 0)
        text += lar::format("; {} left out (lar sources --left-out {})", count_text(left_out), printable(source.name));
    return text;
}

Outcome<wire::ApiSource> source_named(Connection& lard, const std::string& name) {
    const auto sources = TRY(call<wire::ApiSources>(lard, "GET", "/lar/v1/sources"));
    std::vector<std::string_view> names;
    for (const wire::ApiSource& source : sources.sources) {
        if (source.name == name) return source;
        names.push_back(source.name);
    }
    const std::string_view meant = nearest(name, names);
    return failed(Code::not_found, lar::format("there is no source '{}'", printable(name)),
                  meant.empty() ? "`lar sources` lists them" : lar::format("did you mean '{}'?", printable(meant)));
}

// What the user wrote as lard wants it: absolute, symlinks resolved, and there.
Outcome<std::string> location_of(const std::string& word) {
    if (word.starts_with("pushed:")) return word;
    if (word.empty()) return wrong_usage("an empty path names nothing", "`lar add --help` says what can be added");
    std::error_code error;
    const fs::path path = fs::canonical(word, error);
    if (!error) return path.string();
    const bool looks_else = word.contains("://") || (word.contains(':') && !word.contains('/'));
    return failed(
        Code::not_found, lar::format("{} cannot be added: {}", printable(word), error.message()),
        looks_else ? "what can be added is a folder, a file or a repository on this machine, or pushed:NAME" : "");
}

Outcome<wire::ApiSource> add_one(Session& session, Connection& lard, const std::string& location,
                                 const std::string& name, bool wait) {
    auto source =
        TRY(call<wire::ApiSource>(lard, "POST", "/lar/v1/sources", wire::to_json(wire::ApiAddSource{location, name})));
    if (!wait || source.kind == "pushed") return source;
    auto job = latest_job(lard, source.name);
    if (!job) return source;  // so short that it is no longer listed
    TRY_VOID(wait_for_job(session, lard, std::move(*job)));
    return source_named(lard, source.name);
}

Outcome<Exit> why(Session& session, Connection& lard, const std::string& word) {
    std::error_code error;
    // Neither the path nor its folder need exist; what exists of it is resolved.
    const fs::path path = fs::weakly_canonical(fs::absolute(word, error), error);
    if (error) return failed(Code::invalid, lar::format("{}: {}", printable(word), error.message()));
    const auto reason = TRY(call<wire::ApiWhy>(lard, "GET", "/lar/v1/why?path=" + url_encoded(path.string())));
    const Exit exit = reason.included ? Exit::ok : Exit::not_found;
    if (session.json()) {
        session.out.line(wire::to_json(reason));
        return exit;
    }
    std::string text = session.out.styled(reason.included ? Style::good : Style::warning,
                                          reason.included ? "included" : "not included");
    text += lar::format(": {}", printable(reason.reason));
    if (!reason.detail.empty()) text += lar::format(" ({})", printable(reason.detail));
    if (!reason.source.empty()) text += lar::format(", source {}", printable(reason.source));
    if (reason.passages > 0) text += ", " + counted(reason.passages, "passage", "passages");
    session.out.line(text);
    return exit;
}

Outcome<Exit> left_out(Session& session, Connection& lard, const std::string& name) {
    constexpr std::size_t listed = 1000;
    const wire::ApiSource source = TRY(source_named(lard, name));
    const auto paths = TRY(call<wire::ApiLeftOutPaths>(
        lard, "GET", lar::format("/lar/v1/sources/{}/left-out?limit={}", url_encoded(name), listed)));
    if (session.json()) {
        session.out.line(wire::to_json(paths));
        return Exit::ok;
    }
    Table table({{"REASON"}, {"PATH"}, {"WHY"}});
    for (const wire::ApiLeftOutPath& one : paths.paths)
        table.row({one.reason, printable_path(one.path), printable_path(one.detail)});
    if (!table.empty()) session.out.print(table.text(session.out));
    if (paths.paths.empty()) session.err.line(lar::format("nothing was left out of {}", printable(name)));
    std::uint64_t all = 0;
    for (const wire::LeftOut& one : source.left_out) all += one.count;
    if (all > paths.paths.size()) session.err.line(lar::format("and {} more", count_text(all - paths.paths.size())));
    return Exit::ok;
}

Outcome<Exit> list_sources(Session& session, Connection& lard) {
    const auto sources = TRY(call<wire::ApiSources>(lard, "GET", "/lar/v1/sources"));
    if (session.json()) {
        session.out.line(wire::to_json(sources));
        return Exit::ok;
    }
    if (sources.sources.empty()) {
        session.err.line("no sources yet: `lar add PATH` adds a folder, a file or a repository");
        return Exit::ok;
    }
    using enum Table::Align;
    Table table({{"NAME"},
                 {"STATE"},
                 {"DOCUMENTS", right},
                 {"PASSAGES", right},
                 {"COMMITS", right},
                 {"SIZE", right},
                 {"SYNCED"},
                 {"LOCATION"}});
    for (const wire::ApiSource& source : sources.sources) {
        const std::string state = source.state == "ready" && source.watched ? "watched" : source.state;
        table.row(
            {printable(source.name), state, count_text(source.documents), count_text(source.passages),
             count_text(source.commits), size_text(source.bytes),
             source.last_sync.empty() ? "never" : ago_text(source.last_sync, session.clock.now_us(), session.zone),
             printable_path(source.location) +
                 (source.state == "paused" ? lar::format("  ({})", printable(source.detail)) : "")});
    }
    session.out.print(table.text(session.out));
    return Exit::ok;
}

// Asks on the terminal; anything but y or yes is no.
bool confirmed(Session& session, std::string_view question) {
    session.err.print(lar::format("{} [y/N] ", question));
    std::string answer;
    if (!std::getline(std::cin, answer)) {
        session.err.line();
        return false;
    }
    const std::string said = to_lower_ascii(trim(answer));
    return said == "y" || said == "yes";
}

}  // namespace

Outcome<Exit> run_add(Session& session) {
    const Arguments& arguments = session.arguments;
    if (arguments.has("--wait") && arguments.has("--no-wait"))
        return wrong_usage("--wait and --no-wait exclude each other");
    if (arguments.has("--name") && arguments.positionals.size() > 1)
        return wrong_usage("--name names one source; several paths were given");
    std::vector<std::string> locations;
    for (const std::string& word : arguments.positionals) locations.push_back(TRY(location_of(word)));
    Connection& lard = *TRY(session.lard());
    wire::ApiSources added;
    for (const std::string& location : locations) {
        added.sources.push_back(
            TRY(add_one(session, lard, location, arguments.value("--name").value_or(""), !arguments.has("--no-wait"))));
        const wire::ApiSource& source = added.sources.back();
        if (!session.json())
            session.out.line(
                lar::format("{} {}: {}", session.out.styled(Style::good, "added"),
                            session.out.styled(Style::strong, printable(source.name)),
                            source.state == "syncing" ? "being indexed (lar jobs)" : source_facts(source)));
    }
    if (session.json()) session.out.line(wire::to_json(added));
    return Exit::ok;
}

Outcome<Exit> run_sources(Session& session) {
    if (session.arguments.has("--why") && session.arguments.has("--left-out"))
        return wrong_usage("--why and --left-out exclude each other");
    Connection& lard = *TRY(session.lard());
    if (const auto path = session.arguments.value("--why")) return why(session, lard, *path);
    if (const auto name = session.arguments.value("--left-out")) return left_out(session, lard, *name);
    return list_sources(session, lard);
}

Outcome<Exit> run_sync(Session& session) {
    Connection& lard = *TRY(session.lard());
    wire::ApiJobs jobs;
    if (session.arguments.positionals.empty()) {
        jobs = TRY(call<wire::ApiJobs>(lard, "POST", "/lar/v1/sync"));
    } else {
        const wire::ApiSource source = TRY(source_named(lard, session.arguments.positionals[0]));
        jobs.jobs.push_back(
            TRY(call<wire::ApiJob>(lard, "POST", lar::format("/lar/v1/sources/{}/sync", url_encoded(source.name)))));
    }
    if (!session.arguments.has("--no-wait"))
        for (wire::ApiJob& job : jobs.jobs) {
            job = TRY(wait_for_job(session, lard, std::move(job)));
            if (session.json()) continue;
            const wire::ApiSource source = TRY(source_named(lard, job.source));
            session.out.line(
                lar::format("{}: {}, in {}", printable(source.name), source_facts(source), duration_text(job.seconds)));
        }
    if (session.json()) session.out.line(wire::to_json(jobs));
    return Exit::ok;
}

Outcome<Exit> run_forget(Session& session) {
    Connection& lard = *TRY(session.lard());
    const wire::ApiSource source = TRY(source_named(lard, session.arguments.positionals[0]));
    if (!session.arguments.has("--yes")) {
        if (!session.err.interactive() || session.json())
            return wrong_usage("lar forget asks only on a terminal", "add --yes to forget without being asked");
        if (!confirmed(session, lar::format("Forget {} ({})? Your own files stay.", printable(source.name),
                                            source_facts(source)))) {
            session.err.line("nothing was forgotten");
            return Exit::error;
        }
    }
    const bool prove = session.arguments.has("--prove");
    const auto gone = TRY(call<wire::ApiForgotten>(
        lard, "DELETE", lar::format("/lar/v1/sources/{}{}", url_encoded(source.name), prove ? "?prove=1" : "")));
    const bool failed_proof = prove && !gone.proved;
    if (session.json()) {
        session.out.line(wire::to_json(gone));
        return failed_proof ? Exit::error : Exit::ok;
    }
    session.out.line(lar::format("forgot {}: {}, {}", printable(gone.name),
                                 counted(gone.documents, "document", "documents"),
                                 counted(gone.passages, "passage", "passages")));
    for (const std::string& looked : gone.proof) session.out.line("  " + printable(looked));
    if (prove)
        session.out.line(failed_proof ? session.out.styled(Style::bad, "not proved: something is left")
                                      : session.out.styled(Style::good, "proved: nothing of it was found"));
    return failed_proof ? Exit::error : Exit::ok;
}

}  // namespace lar::cli
