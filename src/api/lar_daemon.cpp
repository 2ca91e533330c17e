// Jobs and the daemon itself.
#include <algorithm>
#include <utility>

#include "api/lar_routes.h"
#include "api/replies.h"
#include "api/requests.h"

namespace lar::api {
namespace {

constexpr std::uint32_t limit_log_lines = 10'000;
constexpr std::string_view jobs_hint = "'lar jobs' lists the jobs.";

}  // namespace

void LarRoutes::jobs(http::Request&&, http::Responder responder) { reply(responder, rooms_.ingest.jobs()); }

Result<wire::ApiJob> LarRoutes::find_job(std::string_view id) {
    auto all = TRY(rooms_.ingest.jobs());
    const auto at = std::ranges::find(all.jobs, id, &wire::ApiJob::id);
    if (at == all.jobs.end()) return fail(Code::not_found, "there is no job of that id");
    return std::move(*at);
}

void LarRoutes::job(http::Request&& request, http::Responder responder) {
    reply(responder, find_job(path_parameter(request, "id")), 200, jobs_hint);
}

void LarRoutes::cancel_job(http::Request&& request, http::Responder responder) {
    reply(responder, rooms_.ingest.cancel(path_parameter(request, "id")), 200, jobs_hint);
}

void LarRoutes::job_events(http::Request&& request, http::Responder responder) {
    const std::string id(path_parameter(request, "id"));
    if (const auto job = find_job(id); !job) return answer_error(responder, job.error(), jobs_hint);
    if (const Result<> watched = rooms_.jobs.watch(id, responder); !watched)
        return answer_error(responder, watched.error());
    // As it stands now, looked up after watching began: a change in between is sent twice rather than never.
    const auto job = find_job(id);
    if (!job) return responder.end();
    responder.write(job_event(*job));
    if (has_ended(*job)) responder.end();
}

void LarRoutes::all_job_events(http::Request&&, http::Responder responder) {
    if (const Result<> watched = rooms_.jobs.watch({}, responder); !watched) answer_error(responder, watched.error());
}

void LarRoutes::status(http::Request&&, http::Responder responder) { reply(responder, rooms_.daemon.status()); }
void LarRoutes::doctor(http::Request&&, http::Responder responder) { reply(responder, rooms_.daemon.doctor()); }

void LarRoutes::rebuild_index(http::Request&&, http::Responder responder) {
    const auto begun = [&]() -> Result<wire::ApiOk> {
        TRY_VOID(rooms_.store.reindex());
        return wire::ApiOk{};
    }();
    reply(responder, begun, 202);
}

void LarRoutes::logs(http::Request&& request, http::Responder responder) {
    const auto lines = [&]() -> Result<wire::ApiLogs> {
        return wire::ApiLogs{TRY(rooms_.daemon.log_lines(TRY(number_in(request, "lines", 100, limit_log_lines))))};
    }();
    reply(responder, lines, 200, "'lar logs' shows the file of a lard that runs in the background.");
}

void LarRoutes::shutdown(http::Request&&, http::Responder responder) {
    responder.json(200, wire::to_json(wire::ApiOk{}));
    rooms_.daemon.shutdown();
}

}  // namespace lar::api
