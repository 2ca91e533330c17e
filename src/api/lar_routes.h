// /lar/v1: what only Lar has. One table from method and path to handler; docs/api.md describes each.
//
// A handler takes its request apart into a struct of wire/api.h, asks a room, and says the answer or the
// error; what a room knows is decided in that room. Handlers run on the server's threads, each with a
// store::Reader of its own for as long as it runs.
#pragma once

#include "api/readers.h"
#include "api/rooms.h"
#include "http/router.h"

namespace lar::api {

class LarRoutes {
public:
    explicit LarRoutes(const Rooms& rooms) : rooms_(rooms), readers_(rooms.store) {}

    // The routes must outlive the router's server.
    void add_to(http::Router& router);
    // Gives back what is kept for the next request; for when there has been none for a while.
    void release_memory() { readers_.clear(); }

private:
    using Method = void (LarRoutes::*)(http::Request&&, http::Responder);
    struct Row;
    static const Row table[];

    void health(http::Request&&, http::Responder);

    // lar_ask.cpp
    void ask(http::Request&&, http::Responder);
    void post_search(http::Request&&, http::Responder);
    void get_search(http::Request&&, http::Responder);
    void answers(http::Request&&, http::Responder);
    void import_answers(http::Request&&, http::Responder);
    void answer(http::Request&&, http::Responder);
    Result<> keep(const wire::ApiAnswer& answer);
    void search(const wire::ApiSearchRequest& request, http::Responder& responder);

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

    // lar_daemon.cpp
    void jobs(http::Request&&, http::Responder);
    void job(http::Request&&, http::Responder);
    void cancel_job(http::Request&&, http::Responder);
    void job_events(http::Request&&, http::Responder);
    void all_job_events(http::Request&&, http::Responder);
    void status(http::Request&&, http::Responder);
    void doctor(http::Request&&, http::Responder);
    void logs(http::Request&&, http::Responder);
    void shutdown(http::Request&&, http::Responder);
    Result<wire::ApiJob> find_job(std::string_view id);

    Rooms rooms_;
    Readers readers_;
};

}  // namespace lar::api
