// lar jobs, and waiting for one.
#include "jobs.h"

#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "progress.h"

namespace lar::cli {
namespace {

bool ended(const wire::ApiJob& job) { return job.state == "done" || job.state == "failed" || job.state == "cancelled"; }

// It met something that may pass, such as a full disk, and is tried again later: nothing to sit and wait for.
bool put_off(const wire::ApiJob& job) { return job.state == "queued" && !job.error.empty(); }

void show(Progress& progress, const wire::ApiJob& job) {
    const std::string label =
        job.phase.empty() ? printable(job.source) : lar::format("{}  {}", printable(job.source), job.phase);
    progress.show(label, job.done, job.total, job.unit.empty() ? "items" : job.unit,
                  job.bytes > 0 ? size_text(job.bytes) : "");
}

Outcome<Exit> cancel_job(Session& session, Connection& lard, const std::string& id) {
    const auto job = TRY(call<wire::ApiJob>(lard, "DELETE", "/lar/v1/jobs/" + url_encoded(id)));
    session.out.line(session.json() ? wire::to_json(job)
                                    : lar::format("{} of {} {}", job.kind, printable(job.source), job.state));
    return Exit::ok;
}

}  // namespace

Outcome<wire::ApiJob> latest_job(Connection& lard, std::string_view source) {
    auto jobs = TRY(call<wire::ApiJobs>(lard, "GET", "/lar/v1/jobs"));
    std::optional<wire::ApiJob> latest;
    for (wire::ApiJob& job : jobs.jobs)
        if (job.source == source && (!latest || job.id > latest->id))
            latest = std::move(job);  // ids are ordered by time
    if (!latest) return failed(Code::not_found, lar::format("there is no job of '{}'", source));
    return std::move(*latest);
}

Outcome<wire::ApiJob> wait_for_job(Session& session, Connection& lard, wire::ApiJob job) {
    Progress progress(session.err);
    while (!ended(job) && !put_off(job)) {
        show(progress, job);
        const std::string id = url_encoded(job.id);
        std::optional<Error> wrong;
        const auto reply = lard.stream("GET", lar::format("/lar/v1/jobs/{}/events", id), {}, [&](const Event& event) {
            auto next = wire::from_json<wire::ApiJob>(event.data);
            if (!next) {
                wrong = std::move(next).error();
                return false;
            }
            job = std::move(*next);
            show(progress, job);
            return !ended(job) && !put_off(job);
        });
        progress.clear();
        if (session.cancelled)
            return failed(Code::unavailable, "no longer waiting; the work goes on",
                          "`lar jobs` shows it, `lar jobs cancel ID` stops it");
        if (wrong) return std::unexpected(std::move(*wrong));
        if (!reply) return std::unexpected(reply.error());
        if (reply->status < 200 || reply->status > 299) return std::unexpected(refusal(*reply));
        // A stream may end early (the daemon drops slow readers): ask how it stands.
        if (!ended(job) && !put_off(job))
            job = TRY(call<wire::ApiJob>(lard, "GET", lar::format("/lar/v1/jobs/{}", id)));
    }
    if (put_off(job))
        return failed(Code::unavailable, lar::format("{} of {} is put off: {}", job.kind, job.source, job.error),
                      "it goes on by itself when that has passed; `lar status` and `lar jobs` tell");
    if (job.state == "failed")
        return failed(Code::internal, job.error.empty() ? "the job failed" : job.error, "`lar logs` may say more");
    if (job.state == "cancelled")
        return failed(Code::unavailable, lar::format("the {} of {} was cancelled", job.kind, job.source));
    return job;
}

Outcome<Exit> run_jobs(Session& session) {
    const auto& words = session.arguments.positionals;
    if (!words.empty() && words[0] != "cancel")
        return wrong_usage(lar::format("lar jobs does not know '{}'", printable(words[0])),
                           "`lar jobs cancel ID` stops a job");
    if (words.size() == 1) return wrong_usage("lar jobs cancel needs the ID of a job", "`lar jobs` lists them");
    Connection& lard = *TRY(session.lard());
    if (words.size() == 2) return cancel_job(session, lard, words[1]);
    const auto jobs = TRY(call<wire::ApiJobs>(lard, "GET", "/lar/v1/jobs"));
    if (session.json()) {
        session.out.line(wire::to_json(jobs));
        return Exit::ok;
    }
    if (jobs.jobs.empty()) session.err.line("no jobs");
    Table table(
        {{"ID"}, {"KIND"}, {"SOURCE"}, {"STATE"}, {"DONE", Table::Align::right}, {"TIME", Table::Align::right}, {""}});
    for (const wire::ApiJob& job : jobs.jobs) {
        std::string done = job.done > 0 || !ended(job) ? count_text(job.done) : "";
        if (job.total > 0 && !ended(job)) done += "/" + count_text(job.total);
        if (!done.empty() && !job.unit.empty())
            done += " " + (done == "1" && job.unit.ends_with('s') ? job.unit.substr(0, job.unit.size() - 1) : job.unit);
        table.row({job.id, job.kind, printable(job.source), job.state, done, duration_text(job.seconds),
                   printable(job.error.empty() && !ended(job) ? job.phase : job.error)});
    }
    if (!table.empty()) session.out.print(table.text(session.out));
    return Exit::ok;
}

}  // namespace lar::cli
