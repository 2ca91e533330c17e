#include "api/lar_routes.h"

#include <string_view>
#include <utility>

#include "api/errors.h"
#include "api/replies.h"

namespace lar::api {

using namespace on;
using http::Access;
using http::Run;

namespace {

constexpr http::RouteOptions news{.run = Run::quick, .endless = true};
constexpr http::RouteOptions open_here{.run = Run::here, .access = Access::open};

}  // namespace

const Endpoint<LarRoutes> LarRoutes::table[] = {
    {"GET", "/lar/v1/health", &LarRoutes::health, open_here},

    {"POST", "/lar/v1/ask", &LarRoutes::ask, slow_with_body},
    {"POST", "/lar/v1/search", &LarRoutes::post_search, work_with_body},
    {"GET", "/lar/v1/search", &LarRoutes::get_search, work},
    {"GET", "/lar/v1/answers", &LarRoutes::answers, work},
    {"POST", "/lar/v1/answers", &LarRoutes::import_answers, work_with_large_body},
    {"GET", "/lar/v1/answers/{id}", &LarRoutes::answer, work},

    {"GET", "/lar/v1/chats", &LarRoutes::chats, work},
    {"POST", "/lar/v1/chats", &LarRoutes::new_chat, work_with_body},
    {"DELETE", "/lar/v1/chats", &LarRoutes::delete_chats, work},
    {"POST", "/lar/v1/chats/import", &LarRoutes::import_chat, work_with_large_body},
    {"GET", "/lar/v1/chats/search", &LarRoutes::search_chats, work},
    {"GET", "/lar/v1/chats/{id}", &LarRoutes::chat, work},
    {"DELETE", "/lar/v1/chats/{id}", &LarRoutes::delete_chat, work},
    {"POST", "/lar/v1/chats/{id}/messages", &LarRoutes::say, slow_with_body},
    {"GET", "/lar/v1/chat", &LarRoutes::chat_model, work},
    {"POST", "/lar/v1/chat", &LarRoutes::talk, slow_with_large_body},

    {"GET", "/lar/v1/sources", &LarRoutes::sources, work},
    {"POST", "/lar/v1/sources", &LarRoutes::add_source, work_with_body},
    {"GET", "/lar/v1/sources/{name}", &LarRoutes::source, work},
    {"DELETE", "/lar/v1/sources/{name}", &LarRoutes::forget, work},
    {"POST", "/lar/v1/sources/{name}/sync", &LarRoutes::sync, work},
    {"POST", "/lar/v1/sources/{name}/documents", &LarRoutes::push, work_with_large_body},
    {"GET", "/lar/v1/sources/{name}/documents", &LarRoutes::documents, work},
    {"GET", "/lar/v1/sources/{name}/left-out", &LarRoutes::left_out, work},
    {"POST", "/lar/v1/sync", &LarRoutes::sync_all, work},
    {"GET", "/lar/v1/why", &LarRoutes::why, work},

    {"GET", "/lar/v1/ledger", &LarRoutes::ledger, work},
    {"GET", "/lar/v1/ledger/verify", &LarRoutes::verify_ledger, work},

    {"GET", "/lar/v1/handoffs", &LarRoutes::handoffs, work},
    {"POST", "/lar/v1/handoffs", &LarRoutes::propose_handoff, work_with_large_body},
    {"GET", "/lar/v1/handoffs/providers", &LarRoutes::handoff_providers, work},
    {"GET", "/lar/v1/handoffs/{id}", &LarRoutes::handoff, work},
    {"DELETE", "/lar/v1/handoffs/{id}", &LarRoutes::forget_handoff, work},
    {"POST", "/lar/v1/handoffs/{id}/text", &LarRoutes::edit_handoff, work_with_large_body},
    {"POST", "/lar/v1/handoffs/{id}/redactions", &LarRoutes::redact_handoff, work_with_body},
    {"POST", "/lar/v1/handoffs/{id}/approve", &LarRoutes::approve_handoff, slow_with_body},
    {"POST", "/lar/v1/handoffs/{id}/deny", &LarRoutes::deny_handoff, work},

    {"GET", "/lar/v1/jobs", &LarRoutes::jobs, quick},
    {"GET", "/lar/v1/jobs/events", &LarRoutes::all_job_events, news},
    {"GET", "/lar/v1/jobs/{id}", &LarRoutes::job, quick},
    {"DELETE", "/lar/v1/jobs/{id}", &LarRoutes::cancel_job, quick},
    {"GET", "/lar/v1/jobs/{id}/events", &LarRoutes::job_events, news},
    {"GET", "/lar/v1/status", &LarRoutes::status, quick},
    {"GET", "/lar/v1/doctor", &LarRoutes::doctor, work},
    {"GET", "/lar/v1/tokens", &LarRoutes::tokens, quick},
    {"POST", "/lar/v1/tokens", &LarRoutes::create_token, work_with_body},
    {"DELETE", "/lar/v1/tokens/{name}", &LarRoutes::revoke_token, work},
    {"POST", "/lar/v1/index/rebuild", &LarRoutes::rebuild_index, work},
    {"GET", "/lar/v1/logs", &LarRoutes::logs, quick},
    {"POST", "/lar/v1/shutdown", &LarRoutes::shutdown, quick},
};

void LarRoutes::add_to(http::Router& router) {
    router.add_family({.prefix = "/lar", .guarded = true, .render = render_problem});
    add_endpoints<LarRoutes>(router, *this, table);
}

// Open to anybody on this machine, so it says nothing else.
void LarRoutes::health(http::Request&&, http::Responder responder) {
    responder.json(200, wire::to_json(wire::ApiOk{}));
}

}  // namespace lar::api
