// /lar/v1: what only Lar has. One table from method and path to handler; docs/api.md describes each.
//
// A handler takes its request apart into a struct of wire/api.h, asks a room, and says the answer or the
// error; what a room knows is decided in that room. Handlers run on the server's threads, each with a
// store::Reader of its own for as long as it runs.
#pragma once

#include "answer/answer.h"
#include "answer/prompt.h"
#include "api/readers.h"
#include "api/rooms.h"
#include "api/route_table.h"
#include "http/router.h"
#include "wire/chats.h"
#include "wire/handoff.h"

namespace lar::api {

class LarRoutes {
public:
    explicit LarRoutes(const Rooms& rooms) : rooms_(rooms), readers_(rooms.store) {}

    // The routes must outlive the router's server.
    void add_to(http::Router& router);
    // Gives back what is kept for the next request; for when there has been none for a while.
    void release_memory() { readers_.clear(); }

private:
    static const Endpoint<LarRoutes> table[];

    void health(http::Request&&, http::Responder);

    // lar_ask.cpp
    void ask(http::Request&&, http::Responder);
    void post_search(http::Request&&, http::Responder);
    void get_search(http::Request&&, http::Responder);
    void answers(http::Request&&, http::Responder);
    void import_answers(http::Request&&, http::Responder);
    void answer(http::Request&&, http::Responder);
    Result<wire::ApiAnswer> answered(const wire::ApiAskRequest& asked, const answer::Question& question,
                                     const answer::Gone& gone, const answer::Sink& sink);
    // The newest answers, and those of chats.
    store::KeptAnswer kept(const wire::ApiAnswer& answer) const;
    void search(const wire::ApiSearchRequest& request, http::Responder& responder);

    // lar_chats.cpp
    void chats(http::Request&&, http::Responder);
    void new_chat(http::Request&&, http::Responder);
    void import_chat(http::Request&&, http::Responder);
    void chat(http::Request&&, http::Responder);
    void search_chats(http::Request&&, http::Responder);
    void delete_chat(http::Request&&, http::Responder);
    void delete_chats(http::Request&&, http::Responder);
    void say(http::Request&&, http::Responder);
    void talk(http::Request&&, http::Responder);
    void chat_model(http::Request&&, http::Responder);
    Result<> keep_chat(const wire::ApiChatLog& log);
    Result<wire::ApiDeletedChats> delete_all(const std::vector<std::string>& ids);
    Result<wire::ApiAnswer> say_in(const store::Chat& chat, const wire::ApiSay& said, const answer::Gone& gone,
                                   const answer::Sink& sink);
    Result<wire::ApiAnswer> converse(const std::string& text, const wire::ApiChatSettings& settings,
                                     std::vector<answer::Turn> history, const answer::Gone& gone,
                                     const answer::Sink& sink);

    // lar_sources.cpp
    void sources(http::Request&&, http::Responder);
    void add_source(http::Request&&, http::Responder);
    void source(http::Request&&, http::Responder);
    void forget(http::Request&&, http::Responder);
    void sync(http::Request&&, http::Responder);
    void sync_all(http::Request&&, http::Responder);
    void push(http::Request&&, http::Responder);
    void documents(http::Request&&, http::Responder);
    void left_out(http::Request&&, http::Responder);
    void why(http::Request&&, http::Responder);

    // lar_ledger.cpp
    void ledger(http::Request&&, http::Responder);
    void verify_ledger(http::Request&&, http::Responder);

    // lar_handoffs.cpp
    void handoffs(http::Request&&, http::Responder);
    void propose_handoff(http::Request&&, http::Responder);
    void handoff_providers(http::Request&&, http::Responder);
    void handoff(http::Request&&, http::Responder);
    void edit_handoff(http::Request&&, http::Responder);
    void redact_handoff(http::Request&&, http::Responder);
    void approve_handoff(http::Request&&, http::Responder);
    void deny_handoff(http::Request&&, http::Responder);
    void forget_handoff(http::Request&&, http::Responder);
    void reply_ticket(http::Responder& responder, const Result<consent::Ticket>& ticket, int status = 200);
    Result<consent::Ticket> propose(const wire::ApiHandoffRequest& asked);

    // lar_daemon.cpp
    void jobs(http::Request&&, http::Responder);
    void job(http::Request&&, http::Responder);
    void cancel_job(http::Request&&, http::Responder);
    void job_events(http::Request&&, http::Responder);
    void all_job_events(http::Request&&, http::Responder);
    void status(http::Request&&, http::Responder);
    void doctor(http::Request&&, http::Responder);
    void tokens(http::Request&&, http::Responder);
    void create_token(http::Request&&, http::Responder);
    void revoke_token(http::Request&&, http::Responder);
    void rebuild_index(http::Request&&, http::Responder);
    void logs(http::Request&&, http::Responder);
    void shutdown(http::Request&&, http::Responder);
    Result<wire::ApiJob> find_job(std::string_view id);

    Rooms rooms_;
    Readers readers_;
};

}  // namespace lar::api
